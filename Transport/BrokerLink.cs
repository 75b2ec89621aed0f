using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Transport.Loop;
using TriggerFs.Transport.Tcp;

namespace TriggerFs.Transport;

/// <summary>
/// A peer's link to its broker: a ZeroMQ DEALER on an event loop and thread of its own, which connects again and again
/// until it leaves or is refused for good.
/// </summary>
sealed class BrokerLink : IBrokerLink
{
    /// <summary>
    /// Messages after which what was made of them begins to leave, so that both sides of a link work at once.
    /// </summary>
    private const int Quantum = 16;

    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(50);

    private readonly ILogger _logger;
    private readonly ChannelSet _channels;
    private readonly Attempts _attempts;
    private readonly SendQueue _queue = new();
    private readonly Action _sendQueued;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ILinkEvents? _events;
    private LinkConnection? _connection;
    private int _started;
    private int _disposed;
    private bool _isLeaving;

    /// <exception cref="TriggerException">The address is wrong.</exception>
    public BrokerLink(LinkSettings settings)
    {
        _logger = settings.Logger ?? NullLogger.Instance;
        _sendQueued = SendQueued;
        Loop = new(Fault);
        _channels = new(Loop, Fault, Quantum);
        try
        {
            _attempts = new(this, settings, _channels);
        }
        catch
        {
            Loop.Dispose();
            throw;
        }
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(number);
        Number = BitConverter.ToUInt64(number) | 1;
    }

    /// <summary>The link's loop, for descriptors of the owner that belong on the same thread.</summary>
    public EventLoop Loop { get; }

    public long Unsent => (Volatile.Read(ref _connection)?.Unsent ?? 0) + _queue.Length;

    /// <summary>What tells this link from others of the same JWT; never 0.</summary>
    internal ulong Number { get; }

    public void Start(ILinkEvents events)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
            throw new InvalidOperationException("the link is started already");
        _events = events;
        new Thread(Run) { Name = "triggerfs-link", IsBackground = true }.Start();
    }

    public bool Send(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default)
    {
        if (!Loop.IsOnLoop)
        {
            bool taken = _queue.TryAdd(head, body, out bool wasEmpty);
            if (taken && wasEmpty) Loop.Post(_sendQueued);
            return taken;
        }
        if (_connection is not { IsUp: true } connection) return false;
        if (_queue.Length > 0) SendQueued(); // What this owner queued before from another thread goes first.
        connection.Send(head, body);
        return true;
    }

    public void Post(Action action) => Loop.Post(action);

    public Task LeaveAsync(string reason)
    {
        if (Interlocked.Exchange(ref _started, 1) == 0) _ended.TrySetResult();
        else Loop.Post(() => BeginLeave(reason));
        return _ended.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await LeaveAsync("leaving").ConfigureAwait(false);
        Loop.Dispose();
    }

    internal void Heard() => _events!.Heard();

    internal void Deliver(MessageKind kind, ReadOnlySpan<byte> message) => _events!.Received(kind, message);

    internal void Skipped(string reason) => Log.MessageSkipped(_logger, reason);

    internal void Dialing(string address) => _events!.Connecting(address);

    /// <summary>One of the attempts came to nothing; the next one begins after a while.</summary>
    internal void AttemptFailed(string why, TimeSpan nextIn)
    {
        if (!_isLeaving) _events!.Down(why, nextIn);
    }

    /// <summary>The handshake is done: it is this one that says Hello.</summary>
    internal void ConnectionReady(LinkConnection connection)
    {
        _attempts.End(connection);
        _connection = connection;
    }

    internal void ConnectionUp(Accepted welcome)
    {
        _attempts.Reset();
        _queue.SetOpen(true);
        _events!.Up(welcome);
    }

    internal void ConnectionRefused(Refused refusal)
    {
        GoDown();
        bool retrying = refusal.Code
            is ErrorCode.Busy or ErrorCode.Internal or ErrorCode.Storage or ErrorCode.BrokerUnreachable;
        if (retrying) _attempts.Again();
        _events!.Refused(refusal, retrying);
    }

    internal void ConnectionDown(LinkConnection connection, string why)
    {
        if (connection != _connection)
        {
            _attempts.Fail(connection, why);
            return;
        }
        GoDown();
        if (!_isLeaving) _events!.Down(why, _attempts.Again());
    }

    private void GoDown()
    {
        _connection = null;
        _queue.SetOpen(false);
    }

    private void Run()
    {
        using LoopTimer ticks = Loop.Every(TickEvery, Tick);
        _attempts.BeginIn(TimeSpan.Zero);
        Loop.Run();
        _channels.Close();
        _ended.TrySetResult();
    }

    private void Tick()
    {
        _connection?.Tick(Environment.TickCount64);
        if (!_isLeaving) _events!.Ticked();
    }

    private void SendQueued()
    {
        ReadOnlySpan<byte> taken = _queue.TakeAll();
        while (!taken.IsEmpty)
        {
            ReadOnlySpan<byte> message = SendQueue.Next(ref taken);
            if (_connection is { IsUp: true } connection) connection.Send(message, default);
        }
    }

    private void BeginLeave(string reason)
    {
        if (_isLeaving) return;
        SendQueued();
        _isLeaving = true;
        _queue.SetOpen(false);
        _attempts.End();
        _connection?.Leave(reason);
        _connection = null;
        Loop.After(Channel.FlushMax, Loop.Stop);
        Loop.Every(TimeSpan.FromMilliseconds(2), StopWhenFlushed);
        StopWhenFlushed();
    }

    private void StopWhenFlushed()
    {
        if (_channels.Count == 0) Loop.Stop();
    }

    private void Fault(Exception fault) => Log.HandlerFailed(_logger, fault);
}
