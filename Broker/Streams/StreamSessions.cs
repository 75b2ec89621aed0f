using TriggerFs.Broker.Sessions;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Streams;

/// <summary>
/// The sessions in whose name streams run: one for each. Its number says what it is, also to a broker that has
/// restarted, to which a worker comes back with a stream that nobody knows any more.
/// </summary>
static class StreamSessions
{
    /// <summary>"trgStrea": session numbers are random, and nobody guesses their first half.</summary>
    private const ulong Mark = 0x7472_6753_7472_6561;

    /// <summary>A stream is of its service, for all who may use it: the plugin hears of no user.</summary>
    public static UserSession New(Roster roster, Service service, ulong number) => new(
        new(new UInt128(Mark, number)),
        PeerRole.Client,
        roster.Team(service.Team),
        roster.User(service.Owner)!,
        "stream",
        unixMs: 0)
    {
        UserUtf8 = [],
    };

    public static bool Owns(SessionId id) => (ulong)(id.Value >> 64) == Mark;
}
