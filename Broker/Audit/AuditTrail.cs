using System.Globalization;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Sessions;
using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Audit;

/// <summary>
/// Decides what goes into the audit: every change, every attempt that is refused, tokens that are shown, calls of
/// public services. What the same person may repeat at will is told once and counted.
/// </summary>
sealed class AuditTrail(Surroundings around)
{
    private const long SweepMs = 1000;

    private readonly Repeats _refusals = new(kindsMax: 1024);

    // Anybody who reaches the port can fill it: at most 40,000 lines a day.
    private readonly Repeats _strangers = new(kindsMax: 256);
    private readonly Repeats _calls = new(kindsMax: 1024);
    private long _sweptMs;

    /// <summary>The line of a broker that starts.</summary>
    public static AuditEntry Start(Instant now, string software) =>
        new() { Time = now.Utc.UtcDateTime, Event = AuditEvents.Start, What = $"the broker starts: {software}" };

    /// <summary>The line of a change that is about to be stored.</summary>
    public AuditEntry Change(UserSession session, string what, IReadOnlyList<Change> changes)
    {
        var audited = new AuditedChanges(around.Roster, changes);
        return Of(session, AuditEvents.Change, what, audited.Team) with { Things = audited.Things };
    }

    /// <summary>The line of a change that the broker makes by itself.</summary>
    public AuditEntry Own(string what, IReadOnlyList<Change> changes)
    {
        var audited = new AuditedChanges(around.Roster, changes);
        return new()
        {
            Time = around.Now.Utc.UtcDateTime,
            Event = AuditEvents.Change,
            About = audited.Team?.Name.Value,
            AboutId = audited.Team?.Id.Value,
            What = AuditText.Clean(what),
            Things = audited.Things,
        };
    }

    /// <summary>A secret thing was shown.</summary>
    public void Reveal(UserSession session, Manage asked) =>
        around.Effects.Audit(Of(session, AuditEvents.Reveal, Registrar.Describe(asked)));

    /// <summary>A statement was refused. Who only looks is told of when he may not.</summary>
    public void Refuse(UserSession session, Manage asked, TriggerException problem)
    {
        if (problem.Code == ErrorCode.Busy || (asked.Verb == Verb.Show && problem.Code != ErrorCode.NotAllowed)) return;
        Refuse(session, Registrar.Describe(asked), problem, null);
    }

    /// <summary>A request for a thing of a team was refused.</summary>
    /// <param name="parent">The run that asked; none for a person's own.</param>
    public void Refuse(
        UserSession session, string what, TriggerException problem, TeamId? about, RunId parent = default)
    {
        what = AuditText.Clean(what);
        var key = new RepeatKey(session.User.Name.Value, $"{problem.Code} {what}", session.Team.Id.Value);
        if (_refusals.Count(key, around.NowMs)) return;
        Team? team = about is { } id ? around.Roster.Team(id) : null;
        AuditEntry entry = Of(session, AuditEvents.Refused, what, team) with { Parent = Text(parent) };
        entry = entry.For(problem);
        _refusals.Begin(key, entry, around.NowMs);
        around.Effects.Audit(entry);
    }

    /// <summary>Somebody could not prove who he says he is.</summary>
    public void SignInFailed(Peer peer, Hello hello, TriggerException problem)
    {
        var key = new RepeatKey(
            peer.Host, $"{hello.Role} {NameRule.Shown(hello.Team)}/{NameRule.Shown(hello.Identity)}");
        if (_strangers.Count(key, around.NowMs)) return;
        AuditEntry entry = new AuditEntry
        {
            Time = around.Now.Utc.UtcDateTime,
            Team = AuditText.Clean(NameRule.Shown(hello.Team)),
            TeamId = around.Roster.FindTeam(hello.Team)?.Id.Value ?? 0,
            User = AuditText.Clean(NameRule.Shown(hello.Identity)),
            Role = Word(hello.Role),
            From = peer.Address,
            What = "sign in",
        }.For(problem) with
        { Event = AuditEvents.SignIn };
        _strangers.Begin(key, entry, around.NowMs);
        around.Effects.Audit(entry);
    }

    /// <summary>The line of an account that somebody is about to make who has a code.</summary>
    public AuditEntry SignedUp(Peer peer, string what, UserName identity, IReadOnlyList<Change> changes) =>
        Own(what, changes) with { User = identity.Value, From = peer.Address };

    /// <summary>Somebody without an account wants an activation code.</summary>
    public void CodeAsked(Peer peer, string email) => Stranger(peer, new()
    {
        Event = AuditEvents.SignUp,
        What = $"ask for an activation code for {email}",
    });

    /// <summary>Somebody without an account got none, or no code.</summary>
    public void SignUpFailed(Peer peer, string what, TeamId? about, TriggerException problem)
    {
        Team? team = about is { } id ? around.Roster.Team(id) : null;
        AuditEntry entry = new AuditEntry { What = AuditText.Clean(what) }.For(problem);
        Stranger(peer, entry with
        {
            Event = AuditEvents.SignUp,
            About = team?.Name.Value,
            AboutId = team?.Id.Value,
        });
    }

    /// <summary>Somebody without a session can repeat it at will.</summary>
    private void Stranger(Peer peer, AuditEntry entry)
    {
        var key = new RepeatKey(peer.Host, $"{entry.Code} {entry.What}", entry.AboutId ?? 0);
        if (_strangers.Count(key, around.NowMs)) return;
        entry = entry with { Time = around.Now.Utc.UtcDateTime, From = peer.Address };
        _strangers.Begin(key, entry, around.NowMs);
        around.Effects.Audit(entry);
    }

    /// <summary>A service was called by a user of another team. Allocates for the first call alone.</summary>
    public void Call(UserSession session, Service service, RunId parent)
    {
        var key = new RepeatKey(session.User.Name.Value, service.Name.Value, service.Team.Value);
        if (_calls.Count(key, around.NowMs)) return;
        AuditEntry entry = Of(session, AuditEvents.Call, $"call service {service.Name}",
            around.Roster.Team(service.Team)) with
        { Parent = Text(parent) };
        _calls.Begin(key, entry, around.NowMs);
        around.Effects.Audit(entry);
    }

    private static string? Text(RunId run) =>
        run == default ? null : run.Value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Time passed: what was counted long enough is told.</summary>
    public void Tick()
    {
        if (around.NowMs - _sweptMs < SweepMs) return;
        _sweptMs = around.NowMs;
        Sweep(around.NowMs);
    }

    /// <summary>The broker is going.</summary>
    public void Stop()
    {
        Sweep(long.MaxValue);
        Tell(new() { What = "the broker stops" }, AuditEvents.Stop);
    }

    private void Sweep(long nowMs)
    {
        _refusals.Sweep(nowMs, entry => Tell(entry, AuditEvents.Refused));
        _strangers.Sweep(nowMs, entry => Tell(entry, entry.Event.Length > 0 ? entry.Event : AuditEvents.SignIn));
        _calls.Sweep(nowMs, entry => Tell(entry, AuditEvents.Call));
    }

    private void Tell(AuditEntry entry, string name) =>
        around.Effects.Audit(entry with { Time = around.Now.Utc.UtcDateTime, Event = name });

    private AuditEntry Of(UserSession session, string name, string what, Team? about = null)
    {
        Team? other = about?.Id == session.Team.Id ? null : about;
        return new()
        {
            Time = around.Now.Utc.UtcDateTime,
            Event = name,
            Team = session.Team.Name.Value,
            TeamId = session.Team.Id.Value,
            User = session.User.Name.Value,
            Role = Word(session.Role),
            From = session.Peer?.Address,
            About = other?.Name.Value,
            AboutId = other?.Id.Value,
            What = AuditText.Clean(what),
        };
    }

    private static string Word(PeerRole role) => role.ToString().ToLowerInvariant();
}
