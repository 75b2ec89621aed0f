using TriggerFs.Core;

namespace TriggerFs.Broker;

/// <summary>What is told to peers and how long they may be silent.</summary>
/// <param name="Software">The name and version of this program, for people.</param>
/// <param name="Heartbeat">How often each side says that it is alive.</param>
sealed record BrokerOptions(string Software, TimeSpan Heartbeat)
{
    public static readonly BrokerOptions Default = new("triggerfs", Limits.HeartbeatDefault);

    /// <summary>Bytes of runs that all workers together may have yet to read.</summary>
    public long WorkersUnreadMax { get; init; } = Limits.WorkersUnreadMax;

    /// <summary>How long a peer may be silent before it counts as gone, in ms.</summary>
    public long SilenceMs => (long)Heartbeat.TotalMilliseconds * Limits.HeartbeatsMissedMax;
}
