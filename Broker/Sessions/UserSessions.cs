using TriggerFs.Broker.Access;
using TriggerFs.Broker.Jobs;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Sessions;

/// <summary>What becomes of a session when its user changed.</summary>
enum SessionFate
{
    GoesOn,

    /// <summary>It ends, and the user may begin another one with a proof that is right now.</summary>
    MayReturn,

    /// <summary>It ends: the user has no place in the team any more.</summary>
    Over,
}

/// <summary>The sessions of users: begun, left by a link that broke, taken up again, and ended.</summary>
sealed class UserSessions(Surroundings around, Peers peers, JobFlow flow)
{
    private static readonly long GraceMs = (long)Limits.ReclaimGrace.TotalMilliseconds;

    private readonly Dictionary<SessionId, UserSession> _sessions = [];
    private readonly List<UserSession> _walk = [];

    public IReadOnlyCollection<UserSession> All => _sessions.Values;

    /// <summary>Triggers were changed: one may take larger messages than any before.</summary>
    public void Changed(RosterDelta delta)
    {
        foreach (Node node in delta.Nodes)
        {
            if (node.Trigger is not { Limit: > Limits.PayloadMax }) continue;
            foreach (UserSession session in All)
                if (session.Team.Id == node.Team && session.Peer is { } peer)
                    around.Effects.Admit(peer.Id, around.Roster.MessageMax(node.Team));
        }
    }

    /// <summary>Hears of sessions whose link is gone.</summary>
    public Action<UserSession> Leaving { get; set; } = static _ => { };

    public UserSession? Find(SessionId id) => _sessions.GetValueOrDefault(id);

    /// <summary>The session of a Hello that was believed: the one that its JWT names, or a new one.</summary>
    public UserSession Accept(Peer peer, Hello hello, Proven who, out bool resumed)
    {
        UserSession? session = null;
        SessionId id = NewId();
        resumed = who.Jwt is { } jwt && MayResume(jwt.Session, who, hello, out session);
        if (resumed) id = who.Jwt!.Session;
        if (session is null)
        {
            Roster roster = around.Roster;
            session = new(id, hello.Role, roster.Team(who.Team), roster.User(who.User!.Value)!, hello.Software,
                around.Now.UnixMs);
        }
        else if (session.Peer is { } old)
        {
            peers.Refuse(old, default, new(ErrorCode.Exists, "this session went on over another connection"));
            peers.Dismiss(old, "its session went on over another connection");
            Detach(session);
        }
        _sessions[id] = session;
        session.Link = hello.Link;
        session.Peer = peer;
        session.IsWatching = false;
        session.TreeWaiting.Clear();
        if (session.GraceEndMs > 0) session.GraceEndMs = around.NowMs + GraceMs;
        Renew(session);
        peer.User = session;
        return session;
    }

    /// <summary>
    /// Whether the session may go on here. Of several processes with one JWT, the one whose link it is goes on with it.
    /// </summary>
    private bool MayResume(SessionId id, Proven who, Hello hello, out UserSession? session)
    {
        session = Find(id);
        if (session is null) return true;
        bool isSame = session.User.Id == who.User && session.Team.Id == who.Team && session.Link == hello.Link;
        if (!isSame) session = null;
        return isSame;
    }

    /// <summary>Its link is gone: it has a while to come back and take up its requests.</summary>
    public void Detach(UserSession session)
    {
        if (session.Peer is { } peer) peer.User = null;
        session.Peer = null;
        session.IsWatching = false;
        session.TreeWaiting.Clear();
        foreach (Job job in session.Jobs.Values) job.IsListening = false;
        Leaving(session);
        session.GraceEndMs = around.NowMs + GraceMs;
        if (session.Jobs.Count == 0) _sessions.Remove(session.Id);
    }

    /// <summary>It is over: its requests are cancelled.</summary>
    public void End(UserSession session)
    {
        Detach(session);
        _sessions.Remove(session.Id);
        Abandon(session);
    }

    /// <summary>Gives up requests that nobody came back for.</summary>
    public void Sweep()
    {
        _walk.Clear();
        foreach (UserSession session in _sessions.Values)
            if (session.GraceEndMs > 0 && around.NowMs >= session.GraceEndMs) _walk.Add(session);
        foreach (UserSession session in _walk)
        {
            session.GraceEndMs = 0;
            Abandon(session);
            if (session.Peer is null) _sessions.Remove(session.Id);
        }
    }

    /// <summary>The user's proof or place in the team may have changed.</summary>
    public SessionFate Judge(UserSession session)
    {
        if (around.Roster.OpenMembershipOf(session.Team.Id, session.User.Id) is not { } place) return SessionFate.Over;
        session.Actor = new(session.User.Id, session.Team.Id, place.Role);
        return session.Generation == GenerationOf(session, place) ? SessionFate.GoesOn : SessionFate.MayReturn;
    }

    /// <summary>
    /// A session goes on after a change that it is the author of. False when its user has no place any more.
    /// </summary>
    public bool Renew(UserSession session)
    {
        if (around.Roster.OpenMembershipOf(session.Team.Id, session.User.Id) is not { } place) return false;
        session.Actor = new(session.User.Id, session.Team.Id, place.Role);
        session.Generation = GenerationOf(session, place);
        return true;
    }

    private string GenerationOf(UserSession session, Membership place) =>
        Claims.GenerationOf(around.Roster.User(session.User.Id)!, place);

    private void Abandon(UserSession session)
    {
        foreach (Job job in session.Jobs.Values.ToArray())
            if (!job.IsListening) flow.Abandon(job);
    }

    private SessionId NewId() => new(new UInt128(around.Effects.Random(), around.Effects.Random()));
}
