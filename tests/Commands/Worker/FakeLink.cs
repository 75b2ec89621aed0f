using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Core.Wire;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Tests.Commands.Worker;

/// <summary>One output message as it was sent.</summary>
sealed record Piece(ulong Run, ulong Offset, bool IsError, byte[] Bytes);

/// <summary>One Finished as it was sent.</summary>
sealed record End(ulong Run, Outcome Outcome, int ExitCode, ulong Offset, uint DurationMs, string Detail, byte[] Tail);

/// <summary>A link with a loop of its own and a broker that the test plays; keeps what was sent.</summary>
sealed class FakeLink : IBrokerLink, IDisposable
{
    private readonly Thread _thread;
    private readonly Lock _lock = new();
    private readonly List<Piece> _pieces = [];
    private readonly List<End> _ends = [];
    private readonly List<ulong> _starts = [];
    private readonly List<ulong> _was200 = [];
    private readonly List<Announce> _announces = [];
    private readonly WireWriter _wire = new();
    private ILinkEvents _events = null!;
    private volatile bool _isUp;
    private long _unsent;
    private bool _stalled;

    public FakeLink()
    {
        Loop = new(fault => Faults.Add(fault));
        // As the real one, it hands over at the end of a turn.
        Loop.TurnEnded += () => _unsent = _stalled ? _unsent : 0;
        _thread = new(Loop.Run) { IsBackground = true, Name = "fake link" };
    }

    public EventLoop Loop { get; }

    public List<Exception> Faults { get; } = [];

    /// <summary>Confirms output as it comes, as a reader would that is fast.</summary>
    public volatile bool Confirms = true;

    /// <summary>Keeps the bytes of output; else only their count.</summary>
    public volatile bool Keeps = true;

    public long Unsent => _unsent;

    public ulong OutputBytes;

    public bool HasLeft { get; private set; }

    public List<Piece> Pieces { get { lock (_lock) return [.. _pieces]; } }

    public List<End> Ends { get { lock (_lock) return [.. _ends]; } }

    public List<ulong> Starts { get { lock (_lock) return [.. _starts]; } }

    /// <summary>Runs whose exit code was 200 before it was 0.</summary>
    public List<ulong> Was200 { get { lock (_lock) return [.. _was200]; } }

    public List<Announce> Announces { get { lock (_lock) return [.. _announces]; } }

    public void Start(ILinkEvents events)
    {
        _events = events;
        Loop.Every(TimeSpan.FromMilliseconds(50), events.Ticked);
        _thread.Start();
    }

    public bool Send(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default)
    {
        if (!_isUp) return false;
        byte[] message = [.. head, .. body];
        _unsent += message.Length;
        lock (_lock)
        {
            switch (MessageCodec.KindOf(message))
            {
                case MessageKind.Output:
                    Take(Output.Read(message));
                    break;
                case MessageKind.Finished:
                    Finished end = Finished.Read(message);
                    if ((end.Flags & Finished.Was200) != 0) _was200.Add(end.Id);
                    _ends.Add(new(end.Id, end.Outcome, end.ExitCode, end.Offset, end.DurationMs,
                        System.Text.Encoding.UTF8.GetString(end.Detail), end.Tail.ToArray()));
                    break;
                case MessageKind.Started:
                    _starts.Add(Started.Read(message).Run.Value);
                    break;
                case MessageKind.Announce:
                    _announces.Add(Announce.Read(message));
                    break;
            }
        }
        return true;
    }

    public void Post(Action action) => Loop.Post(action);

    public Task LeaveAsync(string reason)
    {
        HasLeft = true;
        return Task.CompletedTask;
    }

    /// <summary>Forgets what was sent so far.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _pieces.Clear();
            _ends.Clear();
            _starts.Clear();
        }
    }

    /// <summary>The kernel takes nothing more, and so many bytes wait; 0 and it takes all again.</summary>
    public void Stall(long bytes) => OnLoop(() => (_unsent, _stalled) = (bytes, bytes > 0));

    public void GoUp() => OnLoop(() =>
    {
        _isUp = true;
        _events.Up(new(new(1), true, "team1", "demo01", "jwt", 2500, 0, "test"));
    });

    public void GoDown() => OnLoop(() =>
    {
        _isUp = false;
        _events.Down("cut by the test", TimeSpan.FromMilliseconds(10));
    });

    public void Raise(Action<ILinkEvents> what) => OnLoop(() => what(_events));

    public void Deliver(Action<WireWriter> write) => OnLoop(() =>
    {
        write(_wire);
        byte[] message = _wire.Written.ToArray();
        _events.Received(MessageCodec.KindOf(message), message);
    });

    public void Deliver(byte[] message) => OnLoop(() => _events.Received(MessageCodec.KindOf(message), message));

    public void OnLoop(Action action)
    {
        using var done = new ManualResetEventSlim();
        Loop.Post(() =>
        {
            try
            {
                action();
            }
            finally
            {
                done.Set();
            }
        });
        Assert.True(done.Wait(TimeSpan.FromSeconds(10)), "the loop does not answer");
    }

    public void Dispose()
    {
        Loop.Stop();
        _thread.Join();
        Loop.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    private void Take(Output output)
    {
        OutputBytes += (ulong)output.Bytes.Length;
        Assert.InRange(output.Bytes.Length, 1, Limits.OutputChunkMax);
        bool isError = (output.Flags & Output.IsError) != 0;
        if (Keeps) _pieces.Add(new(output.Id, output.Offset, isError, output.Bytes.ToArray()));
        if (!Confirms) return;
        byte[] credit = CreditOf(output.Id, output.Offset + (ulong)output.Bytes.Length, replay: false);
        Loop.Post(() => _events.Received(MessageKind.Credit, credit));
    }

    public static byte[] CreditOf(ulong run, ulong offset, bool replay)
    {
        var wire = new WireWriter();
        new Credit { Id = run, Offset = offset, Replay = replay }.Write(wire);
        return wire.Written.ToArray();
    }
}
