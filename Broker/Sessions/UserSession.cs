using TriggerFs.Broker.Access;
using TriggerFs.Broker.Jobs;
using TriggerFs.Broker.Queue;
using TriggerFs.Broker.Streams;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Sessions;

/// <summary>
/// A user who signed in. It outlives its connection for as long as it has requests that may be taken up again.
/// </summary>
sealed class UserSession(SessionId id, PeerRole role, Team team, User user, string software, long unixMs)
{
    public SessionId Id => id;

    public PeerRole Role => role;

    public Team Team => team;

    public User User => user;

    public string Software => software;

    public long SinceUnixMs => unixMs;

    /// <summary>The names as they travel with each run.</summary>
    public byte[] TeamUtf8 { get; } = System.Text.Encoding.UTF8.GetBytes(team.Name.Value);

    public byte[] UserUtf8 { get; init; } = System.Text.Encoding.UTF8.GetBytes(user.Name.Value);

    /// <summary>What its rights are judged by; renewed when the user's place in the team changes.</summary>
    public Actor Actor { get; set; }

    /// <summary>What its user's proof and place were when it began; another one ends it.</summary>
    public string Generation { get; set; } = "";

    /// <summary>Statements that wait because the one before them waits for bcrypt; null when none does.</summary>
    public Queue<WaitingStatement>? Held { get; set; }

    /// <summary>The link that its Hello named; 0 for none.</summary>
    public ulong Link { get; set; }

    /// <summary>Its connection; null while it is away.</summary>
    public Peer? Peer { get; set; }

    /// <summary>Its requests by their numbers.</summary>
    public Dictionary<ulong, Job> Jobs { get; } = [];

    /// <summary>Asynchronous messages whose answers it hears, by the numbers that it gave them.</summary>
    public Dictionary<ulong, QueueEntry> Heard { get; } = [];

    /// <summary>The streams that it listens to, by the numbers that it gave them.</summary>
    public Dictionary<ulong, Listener> Listeners { get; } = [];

    /// <summary>Bytes of requests that are kept for it.</summary>
    public long KeptBytes { get; set; }

    /// <summary>When requests that it has not taken up again are given up; 0 while there are none.</summary>
    public long GraceEndMs { get; set; }

    /// <summary>Wants to hear of the tree.</summary>
    public bool IsWatching { get; set; }

    /// <summary>Parts of the tree that wait until the connection has taken those before them.</summary>
    public Queue<Tree> TreeWaiting { get; } = new();
}
