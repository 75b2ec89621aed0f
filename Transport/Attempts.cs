using System.Security.Cryptography;
using TriggerFs.Transport.Loop;
using TriggerFs.Transport.Tcp;

namespace TriggerFs.Transport;

/// <summary>
/// A link's attempts to reach its broker, until one of them is ready for Hello. One that has no answer after a while is
/// not given up, because the line may be slow, but gets a rival: what was sent into a line that was dead is sent
/// again by the kernel ever more seldom, and a torn handshake never. The first that is ready ends the others. Loop's
/// thread only.
/// </summary>
sealed class Attempts
{
    private readonly BrokerLink _link;
    private readonly LinkSettings _settings;
    private readonly ChannelSet _channels;
    private readonly Endpoint _endpoint;
    private readonly BackOff _backOff;
    private readonly List<IDisposable> _running = [];
    private int _turn;
    private LoopTimer? _next;
    private long _nextAtMs;

    public Attempts(BrokerLink link, LinkSettings settings, ChannelSet channels)
    {
        _link = link;
        _settings = settings;
        _channels = channels;
        _endpoint = Endpoint.Parse(settings.Broker);
        _backOff = new(settings.BackOffMin, settings.BackOffMax);
    }

    /// <summary>The broker accepted us: the next pause is a short one again.</summary>
    public void Reset()
    {
        _backOff.Reset();
        _turn = 0;
    }

    /// <summary>Tries again, after a pause that grows; answers how long it is.</summary>
    public TimeSpan Again()
    {
        TimeSpan pause = _backOff.Next();
        BeginIn(pause);
        return pause;
    }

    public void BeginIn(TimeSpan pause)
    {
        _next?.Dispose();
        _nextAtMs = Environment.TickCount64 + (long)pause.TotalMilliseconds;
        _next = _link.Loop.After(pause, Begin);
    }

    /// <summary>Ends all that are under way, but one that is ready.</summary>
    public void End(IDisposable? ready = null)
    {
        _next?.Dispose();
        foreach (IDisposable one in _running)
            if (one != ready) one.Dispose();
        _running.Clear();
    }

    /// <summary>One of them came to nothing.</summary>
    public void Fail(IDisposable one, string why)
    {
        _running.Remove(one);
        if (_running.Count == 0) Again();
        _link.AttemptFailed(why, TimeSpan.FromMilliseconds(Math.Max(0, _nextAtMs - Environment.TickCount64)));
    }

    private void Begin()
    {
        bool isFirst = _running.Count == 0;
        Dialer? dialer = null;
        dialer = new(_link.Loop, _endpoint, _settings.HandshakeMax, fd => Connected(dialer!, fd),
            why => Fail(dialer!, why))
        {
            Turn = _turn++,
        };
        _running.Add(dialer);
        BeginIn(_settings.RivalAfter);
        try
        {
            if (isFirst) _link.Dialing(_endpoint.ToString());
        }
        finally
        {
            dialer.Start();
        }
    }

    private void Connected(Dialer dialer, int fd)
    {
        try
        {
            var connection = new LinkConnection(_link, _settings, _channels, fd);
            _running.Remove(dialer);
            _running.Add(connection);
        }
        catch (CryptographicException problem)
        {
            Native.Close(fd);
            Fail(dialer, $"the broker key is no key: {problem.Message}");
        }
    }
}
