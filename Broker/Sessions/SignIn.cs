using TriggerFs.Broker.Access;
using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Jobs;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;

namespace TriggerFs.Broker.Sessions;

/// <summary>From Hello to Accepted or Refused. A stranger gets no memory and no verb before.</summary>
sealed class SignIn(
    Surroundings around,
    Peers peers,
    UserSessions users,
    Lanes lanes,
    JobFlow flow,
    Tokens tokens,
    TokenSeal seal,
    AuditTrail audit)
{
    /// <summary>How long a JWT is good for: over night and a day, for a laptop that sleeps.</summary>
    private static readonly TimeSpan JwtLife = TimeSpan.FromHours(24);

    /// <summary>
    /// How long an Announce may be under way that was sent before its worker knew of a service, in ms.
    /// </summary>
    private const long NewsMs = 5_000;

    private readonly Dictionary<long, Peer> _checking = [];
    private long _lastTicket;

    /// <summary>Hellos that are being checked.</summary>
    public int Count => _checking.Count;

    public void Hear(Peer peer, Hello hello)
    {
        peer.Stage = PeerStage.Checking;
        peer.Role = hello.Role;
        peer.Hello = hello;
        peer.Ticket = ++_lastTicket;
        _checking.Add(peer.Ticket, peer);
        around.Effects.Verify(peer.Ticket, hello, peer.Address);
    }

    /// <summary>The peer left while its proof was checked.</summary>
    public void Forget(Peer peer) => _checking.Remove(peer.Ticket);

    public void Verified(long ticket, Verdict verdict)
    {
        if (!_checking.Remove(ticket, out Peer? peer) || peer.Stage != PeerStage.Checking) return;
        Hello hello = peer.Hello!;
        peer.Hello = null;
        if (verdict.Who is { } who) Accept(peer, hello, who);
        else Turn(peer, hello, verdict);
    }

    private void Turn(Peer peer, Hello hello, Verdict verdict)
    {
        TriggerException refusal = verdict.Refusal!;
        Log.LoginRefused(around.Log, NameRule.Shown(hello.Team), NameRule.Shown(hello.Identity), hello.Role,
            peer.Address,
            refusal.Message, verdict.Failures);
        audit.SignInFailed(peer, hello, refusal);
        peers.Refuse(peer, default, refusal);
        peers.Dismiss(peer, "its proof was refused");
    }

    private void Accept(Peer peer, Hello hello, Proven who)
    {
        peer.Stage = PeerStage.Accepted;
        bool isWorker = who.Worker is not null;
        int messageMax = isWorker ? Limits.MessageMax : around.Roster.MessageMax(who.Team);
        around.Effects.Admit(peer.Id, messageMax, answers: isWorker);
        if (who.Worker is { } worker) AcceptWorker(peer, hello, who, worker);
        else AcceptUser(peer, hello, who);
    }

    private void AcceptUser(Peer peer, Hello hello, Proven who)
    {
        UserSession session = users.Accept(peer, hello, who, out bool resumed);
        Claims claims = Claims.Of(session.Team, around.Roster.User(session.User.Id)!,
            around.Roster.MembershipOf(session.Team.Id, session.User.Id)!, hello.Role, session.Id, hello.Link,
            around.Now.UnixMs, JwtLife);
        Welcome(peer, session.Id, resumed, session.Team.Name.Value, session.User.Name.Value, claims,
            (uint)around.Roster.CountUnread(session.Team.Id, session.User.Id));
        Log.UserCame(around.Log, session.Team.Name.Value, session.User.Name.Value, hello.Role, peer.Address,
            NameRule.Shown(hello.Software), resumed);
    }

    private void AcceptWorker(Peer peer, Hello hello, Proven who, WorkerId id)
    {
        WorkerDesk desk = lanes.Desk(id)!;
        if (desk.Peer is { } old) Replace(desk, old, peer.Address);
        SessionId session = who.Jwt?.Session ?? new(new UInt128(around.Effects.Random(), around.Effects.Random()));
        Team team = around.Roster.Team(who.Team);
        desk.Peer = peer;
        desk.Session = session;
        desk.Generation = Claims.GenerationOf(around.Roster.Worker(id)!);
        desk.IsAnnounced = false;
        desk.HasTakenUp = false;
        desk.NewsUntilMs = 0;
        desk.Plugins = [];
        desk.Software = hello.Software;
        desk.SinceUnixMs = around.Now.UnixMs;
        peer.Worker = desk;
        Claims claims = Claims.Of(team, around.Roster.Worker(id)!, session, hello.Link, around.Now.UnixMs, JwtLife);
        Welcome(peer, session, who.Jwt is not null, team.Name.Value, desk.Name, claims);
        Assign(desk);
        if (who.HasNextToken) TokenKept(id);
        else TellToken(desk);
        Log.WorkerCame(around.Log, team.Name.Value, desk.Name, peer.Address, NameRule.Shown(hello.Software));
    }

    /// <summary>
    /// A worker has one session: the newest. The one before may be half a connection that nobody has noticed.
    /// </summary>
    private void Replace(WorkerDesk desk, Peer old, string address)
    {
        Log.WorkerReplaced(around.Log, desk.Name, old.Address, address);
        peers.Refuse(old, default, new(ErrorCode.Exists, $"another worker signed in as '{desk.Name}'",
            $"it came from {address}; an identity is one worker at a time",
            "give each worker an identity of its own: triggerfs cli -c 'set workers identity NAME'"));
        peers.Dismiss(old, "another worker signed in under its identity");
        old.Worker = null;
        desk.LastHeardMs = old.HeardMs;
        desk.Peer = null;
        flow.Left(desk, LinkEnd.Broken, mayReturn: true);
    }

    private void Welcome(
        Peer peer, SessionId session, bool resumed, string team, string identity, Claims claims, uint unread = 0)
    {
        new Accepted(session, resumed, team, identity, tokens.Issue(claims),
            (uint)around.Options.Heartbeat.TotalMilliseconds,
            claims.ExpiresUnixS * 1000, around.Options.Software, unread,
            around.Clock.UnixMs(around.Now)).Write(around.Wire);
        peers.Send(peer);
        peers.BeginBeats(peer);
    }

    /// <summary>Hears of a worker that has its next token where it survives.</summary>
    public Action<WorkerId> TokenKept { get; set; } = static _ => { };

    /// <summary>Tells a worker the token that it shall have next, if there is one.</summary>
    public void TellToken(WorkerDesk desk)
    {
        if (desk.Peer is not { } peer || around.Roster.Worker(desk.Id) is not { IsRotating: true } worker) return;
        new NewToken(seal.OpenNext(worker)).Write(around.Wire);
        peers.Send(peer);
    }

    /// <summary>Tells a worker what it is attached to.</summary>
    public void Assign(WorkerDesk desk)
    {
        if (desk.Peer is not { } peer) return;
        var names = new List<string>();
        foreach (Service service in around.Roster.ServicesOf(desk.Id))
            if (names.Count < Limits.JobsMax) names.Add(service.Name.Value);
        new Assigned(names).Write(around.Wire);
        peers.Send(peer);
        if (desk.IsAnnounced) Expect(desk, names.Except(desk.Assigned));
        desk.Assigned = names;
    }

    /// <summary>
    /// It takes what is new from now on: it hears of it before any run that is sent behind. So nobody who asks right
    /// after an admin attached it misses it.
    /// </summary>
    private void Expect(WorkerDesk desk, IEnumerable<string> services)
    {
        if (around.NowMs >= desk.NewsUntilMs) desk.News.Clear();
        desk.News.UnionWith(services);
        desk.NewsUntilMs = around.NowMs + NewsMs;
        desk.Services.UnionWith(desk.News);
        foreach (Seat seat in desk.Seats) seat.Lane.Announced(seat);
        flow.Pump(desk);
    }
}
