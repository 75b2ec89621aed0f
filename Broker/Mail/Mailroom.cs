using TriggerFs.Broker.Sessions;
using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Mail;

/// <summary>The letters that the broker writes by itself, and what it throws away in time.</summary>
sealed class Mailroom(Surroundings around, StatementDesk desk, Office office)
{
    private static readonly long SweepMs = (long)TimeSpan.FromHours(1).TotalMilliseconds;

    private readonly WorkerWatch _workers = new();
    private readonly QuotaWatch _quotas = new(around.Roster);
    private readonly DeathWatch _deaths = new();
    private long _sweptMs = around.NowMs;

    /// <summary>
    /// The mails with codes that the broker before this one did not get rid of are written anew: they, and what is in
    /// them, come from the invitations. The mail server may have taken one already; it says the same a second time.
    /// </summary>
    public void TakeOver()
    {
        if (!office.Options.CanMail) return;
        foreach (Invitation invitation in around.Roster.Invitations(around.Now))
            if (invitation.Mail == CodeMail.Waiting) around.Effects.Mail(AskedCode.Mail(office, invitation));
    }

    public void Lost(WorkerId worker, string why) => _workers.Lost(worker, why, around.Now);

    public void Back(WorkerId worker)
    {
        if (_workers.Back(worker, around.Now) is not { } since) return;
        long awayMs = around.NowMs - since.SteadyMs;
        Write(worker, name => $"worker {name} is back; it was away for {Span(awayMs)}");
    }

    public void Forget(WorkerId worker) => _workers.Forget(worker);

    /// <summary>Changes are stored: their teams may have come near to what they may have.</summary>
    public void Changed(IReadOnlyList<Change> changes)
    {
        foreach (TeamId team in changes.Select(TeamOf).OfType<TeamId>().Distinct())
            foreach (string text in _quotas.Due(team))
                Write(team, owner: null, LetterKind.Quota, text);
    }

    /// <summary>A message to a trigger was given up.</summary>
    public void Died(DeadLetter letter)
    {
        if (_deaths.Due(letter, around.Now) is { } text)
            Write(letter.Message.Team, around.Roster.Node(letter.Message.Trigger)?.Owner, LetterKind.Trigger, text);
    }

    /// <summary>A mail went out; or it did not, which those hear who can do something about it.</summary>
    public void Sent(MailOrder mail, TriggerException? problem)
    {
        if (problem?.Code == ErrorCode.Cancelled) return; // The broker ends: it waits for the next one.
        if (mail.About is { } about) Note(about.Id, problem is null ? CodeMail.Sent : CodeMail.Failed);
        if (problem is null)
        {
            Log.Mailed(around.Log, mail.To);
            return;
        }
        Log.NotMailed(around.Log, mail.To, problem.Message, problem.Why ?? "");
        TeamId team = mail.About?.Team ?? around.Roster.FirstTeam;
        Write(team, owner: null, LetterKind.Invitation,
            $"the mail to {mail.To} did not go out ({problem.Why ?? problem.Message}); "
            + "its code, if it has one, is in: show signups");
    }

    /// <summary>Time passed.</summary>
    public void Tick()
    {
        foreach ((WorkerId worker, string why, Instant since) in _workers.Due(around.Now))
            Write(worker, name => $"worker {name} is lost since {since.Utc:HH:mm:ss} UTC: {why}");
        if (around.NowMs - _sweptMs < SweepMs) return;
        _sweptMs = around.NowMs;
        desk.Do(null, () =>
        [
            .. Post.Old(around.Roster, around.Now),
            .. around.Roster.ExpiredInvitations(around.Now)
                .Select(invitation => new Change.DropInvitation(invitation.Id)),
        ]);
    }

    private void Note(InvitationId id, CodeMail mail) => desk.Do(null, () =>
        around.Roster.AnyInvitation(id) is { } invitation && invitation.Mail != mail
            ? [new Change.PutInvitation(invitation with { Mail = mail })] : []);

    private void Write(WorkerId id, Func<string, string> text) => desk.Do(null, () =>
        around.Roster.Worker(id) is not { } worker ? [] :
        [
            .. Post.To(around.Roster, Post.AnswerableFor(around.Roster, worker.Team, worker.Owner), worker.Team,
                LetterKind.Worker, text(worker.Name.Value), around.Now),
        ]);

    private void Write(TeamId team, UserId? owner, LetterKind kind, string text) => desk.Do(null, () =>
    [
        .. Post.To(around.Roster, Post.AnswerableFor(around.Roster, team, owner), team, kind, text, around.Now),
    ]);

    /// <summary>The team that has more of something by a change.</summary>
    private static TeamId? TeamOf(Change change) => change switch
    {
        Change.PutWorker(var worker) => worker.Team,
        Change.PutService(var service) => service.Team,
        Change.PutNode(var node) => node.Team,
        Change.PutMembership(var place) => place.Team,
        Change.PutTeam(var team) => team.Id,
        _ => null,
    };

    private static string Span(long ms) => ms < 3_600_000 ? $"{Math.Max(1, ms / 60_000)} minutes"
        : ms < 172_800_000 ? $"{ms / 3_600_000} hours" : $"{ms / 86_400_000} days";
}
