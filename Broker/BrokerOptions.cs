using TriggerFs.Broker.Queue;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>Who may make an account by himself, with <c>triggerfs signup</c>.</summary>
enum SignupMode
{
    /// <summary>Nobody; admins make users.</summary>
    Closed,

    /// <summary>Whoever was sent an invitation.</summary>
    Invited,

    /// <summary>Whoever has an e-mail address.</summary>
    Open,
}

/// <summary>What is told to peers and how long they may be silent.</summary>
/// <param name="Software">The name and version of this program, for people.</param>
/// <param name="Heartbeat">How often each side says that it is alive.</param>
sealed record BrokerOptions(string Software, TimeSpan Heartbeat)
{
    /// <summary>Who may make an account by himself.</summary>
    public SignupMode Signup { get; init; } = SignupMode.Invited;

    /// <summary>Whether e-mail can be sent, so that activation codes go by it.</summary>
    public bool CanMail { get; init; }

    /// <summary>Where people reach the broker, such as <c>tcp://broker.example.com:5555</c>; null if unknown.</summary>
    public string? Address { get; init; }

    /// <summary>The broker's public key, which people pin.</summary>
    public string Key { get; init; } = "";

    public static readonly BrokerOptions Default = new("triggerfs", Limits.HeartbeatDefault);

    /// <summary>Bytes of runs that all workers together may have yet to read.</summary>
    public long WorkersUnreadMax { get; init; } = Limits.WorkersUnreadMax;

    /// <summary>How often each session may send requests and messages.</summary>
    public Rate SessionRate { get; init; }

    /// <summary>How often each team may, all of its sessions together.</summary>
    public Rate TeamRate { get; init; }

    /// <summary>How much of what was written to asynchronous triggers is kept.</summary>
    public QueueOptions Queue { get; init; } = QueueOptions.Default;

    /// <summary>How long a peer may be silent before it counts as gone, in ms.</summary>
    public long SilenceMs => (long)Heartbeat.TotalMilliseconds * Limits.HeartbeatsMissedMax;
}
