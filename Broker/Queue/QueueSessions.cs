using TriggerFs.Broker.Access;
using TriggerFs.Broker.Sessions;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Queue;

/// <summary>
/// The sessions in whose name messages of the queue are carried out: one for each user in each team, with a number that
/// is the same after a restart, by which workers that come back tell what they still run. Nobody signs in to them.
/// </summary>
sealed class QueueSessions(Roster roster)
{
    /// <summary>"trgQueue": session numbers are random, and nobody guesses their first half.</summary>
    private const ulong Mark = 0x7472_6751_7565_7565;

    private readonly Dictionary<(TeamId, UserId), UserSession> _sessions = [];

    /// <summary>Null when the user has no place in the team any more.</summary>
    public UserSession? Of(QueuedMessage message)
    {
        (TeamId team, UserId user) = (message.Team, message.User);
        if (roster.OpenMembershipOf(team, user) is not { } place || roster.User(user) is not { } account) return null;
        if (!_sessions.TryGetValue((team, user), out UserSession? session))
        {
            var id = new SessionId(new UInt128(Mark, ((ulong)team.Value << 32) ^ (ulong)user.Value));
            session = new(id, PeerRole.Mount, roster.Team(team), account, "queue", unixMs: 0);
            _sessions[(team, user)] = session;
        }
        session.Actor = new Actor(user, team, place.Role);
        return session;
    }
}
