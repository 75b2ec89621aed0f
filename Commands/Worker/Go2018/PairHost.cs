using NetMQ;
using NetMQ.Sockets;
using TriggerFs.Core;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Commands.Worker.Go2018;

/// <summary>
/// The ZeroMQ sockets of the plugins of 2018, one for each run, all on one thread of NetMQ's, which begins with the
/// first.
/// </summary>
sealed class PairHost(EventLoop loop) : IDisposable
{
    private NetMQPoller? _poller;

    /// <summary>Opens a channel, soon; its callbacks come on the loop's thread.</summary>
    public PairChannel Open(Action<string> bound, Action<byte[]> received, Action<string> failed)
    {
        if (_poller is null)
        {
            _poller = [];
            _poller.RunAsync("zeromq", true);
        }
        var channel = new PairChannel(loop, _poller, bound, received, failed);
        _poller.Run(channel.Bind);
        return channel;
    }

    /// <summary>Ends the thread without waiting for it: NetMQ has been seen to hang here.</summary>
    public void Dispose()
    {
        if (_poller is { IsDisposed: false }) _poller.StopAsync();
    }
}

/// <summary>
/// One PAIR socket on loopback, to which a plugin connects and sends lines. Its messages are handed to the loop; when
/// too many wait there, no more are taken, and ZeroMQ slows the plugin down.
/// </summary>
sealed class PairChannel(
    EventLoop loop, NetMQPoller poller, Action<string> bound, Action<byte[]> received, Action<string> failed)
    : IDisposable
{
    /// <summary>Messages that NetMQ may hold for us beside those that the system's buffers hold.</summary>
    private const int HighWatermark = 16;

    /// <summary>Bytes that wait for the run at which no more are taken, and at which more are.</summary>
    private const int PauseAbove = 256 * 1024, ResumeBelow = 64 * 1024;

    /// <summary>Messages in one turn, so that other runs get theirs.</summary>
    private const int BatchMax = 64;

    private PairSocket? _socket;
    private int _waiting;
    private bool _isPaused, _isClosed;

    /// <summary>On NetMQ's thread: takes an address that is free and tells it.</summary>
    public void Bind()
    {
        if (Volatile.Read(ref _isClosed)) return;
        try
        {
            _socket = new();
            _socket.Options.Linger = TimeSpan.Zero;
            _socket.Options.MaxMsgSize = Limits.PluginLineMax;
            _socket.Options.ReceiveHighWatermark = HighWatermark;
            string address = $"tcp://127.0.0.1:{_socket.BindRandomPort("tcp://127.0.0.1")}";
            _socket.ReceiveReady += (_, _) => Receive();
            poller.Add(_socket);
            loop.Post(() => bound(address));
        }
        catch (Exception problem) when (problem is NetMQException or System.Net.Sockets.SocketException)
        {
            _socket?.Dispose();
            _socket = null;
            loop.Post(() => failed(problem.Message));
        }
    }

    /// <summary>So many bytes of what was received are done with. On the loop's thread.</summary>
    public void Consumed(int length)
    {
        bool isLow = Interlocked.Add(ref _waiting, -length) < ResumeBelow;
        if (isLow && Volatile.Read(ref _isPaused)) poller.Run(Resume);
    }

    /// <summary>Nothing is taken any more, and the address is free again, soon.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _isClosed, true);
        poller.Run(() =>
        {
            if (_socket is null) return;
            if (!_isPaused) poller.Remove(_socket);
            _socket.Dispose();
            _socket = null;
        });
    }

    private void Resume()
    {
        if (_socket is null || !_isPaused) return;
        _isPaused = false;
        poller.Add(_socket);
    }

    private void Receive()
    {
        var message = new Msg();
        message.InitEmpty();
        for (int i = 0; i < BatchMax && _socket!.TryReceive(ref message, TimeSpan.Zero); i++)
        {
            byte[] bytes = message.SliceAsMemory().ToArray();
            bool isTooMuch = Interlocked.Add(ref _waiting, bytes.Length) > PauseAbove;
            loop.Post(() => received(bytes));
            if (!isTooMuch) continue;
            Volatile.Write(ref _isPaused, true);
            Interlocked.MemoryBarrier(); // Consumed counts first and looks then; this is the other way about.
            poller.Remove(_socket);
            // It may all have been consumed before this was seen.
            if (Volatile.Read(ref _waiting) < ResumeBelow) Resume();
            break;
        }
        message.Close();
    }
}
