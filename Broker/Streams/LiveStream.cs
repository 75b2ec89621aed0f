using TriggerFs.Broker.Jobs;
using TriggerFs.Broker.Sessions;
using TriggerFs.Broker.Statements;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Streams;

/// <summary>Which stream it is: those who say the same hear the same run.</summary>
/// <param name="Service">The service.</param>
/// <param name="Plugin">The plugin.</param>
/// <param name="Args">The arguments, sorted, as one text.</param>
readonly record struct StreamKey(ServiceKey Service, string Plugin, string Args)
{
    /// <summary>Refuses arguments that do not follow their layout.</summary>
    public static StreamKey Of(Service service, ReadOnlySpan<byte> plugin, ReadOnlySpan<byte> args)
    {
        List<KeyValuePair<string, string>> pairs = Core.Messages.Args.Decode(args);
        pairs.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        string text = string.Join('\0', pairs.Select(pair => $"{pair.Key}\0{pair.Value}"));
        return new(ServiceKey.Of(service), System.Text.Encoding.UTF8.GetString(plugin), text);
    }
}

/// <summary>
/// A stream: its one run, which workers carry on after one another, what it wrote of late, and who listens.
/// </summary>
sealed class LiveStream(StreamKey key, Service service, UserSession session, byte[] args, ulong start)
{
    public StreamKey Key => key;

    /// <summary>The service as it was when it was looked at last.</summary>
    public Service Service { get; set; } = service;

    /// <summary>In whose name it runs: the service's owner's; no user signs in to it.</summary>
    public UserSession Session => session;

    public byte[] Args => args;

    public StreamRing Ring { get; } = new(start);

    public List<Listener> Listeners { get; } = [];

    /// <summary>What runs it, or waits for a worker; null in between, and when it is over.</summary>
    public Job? Job { get; set; }

    /// <summary>Runs that were begun for it.</summary>
    public ulong Runs { get; set; }

    /// <summary>The service keeps it: it runs whether somebody listens or not.</summary>
    public bool IsKept { get; set; }

    /// <summary>How often after one another it ended soon, though it is kept.</summary>
    public int Ends { get; set; }

    /// <summary>Runs that were lost after one another, without a word of output.</summary>
    public int Losses { get; set; }

    /// <summary>When it is begun again, on the steady clock, in ms; while it has no job.</summary>
    public long BeginMs { get; set; }

    /// <summary>Its listeners know that nobody runs it.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>
    /// When it is given up, since nobody listens; 0 while somebody does. One whose link broke may come back.
    /// </summary>
    public long LingerEndMs { get; set; }

    /// <summary>How it ended; its listeners hear it behind all that it wrote. Null while it goes on.</summary>
    public StreamEnd? End { get; set; }

    /// <summary>Who has the most yet to be sent; null when nobody listens.</summary>
    public Listener? Slowest => Listeners.MinBy(static listener => listener.Sent);
}

/// <summary>How the run of a stream ended by itself.</summary>
sealed record StreamEnd(Outcome Outcome, int ExitCode, uint DurationMs, byte[] Worker, byte[] Detail);

/// <summary>One who listens, and how far.</summary>
sealed class Listener(UserSession session, Peer peer, ulong id, LiveStream stream, ulong from)
{
    public UserSession Session => session;

    public Peer Peer => peer;

    public ulong Id => id;

    public LiveStream Stream => stream;

    /// <summary>The offset behind the last byte that was sent.</summary>
    public ulong Sent { get; set; } = from;

    /// <summary>The offset behind the last byte that was consumed.</summary>
    public ulong Credited { get; set; } = from;

    /// <summary>Since when it holds the stream up, on the steady clock, in ms; 0 when it does not.</summary>
    public long BehindSinceMs { get; set; }
}
