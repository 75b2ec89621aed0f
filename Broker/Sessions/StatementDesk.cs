using TriggerFs.Broker.Access;
using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Mail;
using TriggerFs.Broker.Revisions;
using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Sessions;

/// <summary>
/// Statements, one at a time, each decided when the one before is on the disk and in memory; so each sees what those
/// before it did, and what is answered as done is done. One with a secret waits for bcrypt, and those of its session
/// behind it do, too; others go on. A commit is one statement here.
/// </summary>
sealed class StatementDesk(
    Surroundings around,
    Peers peers,
    UserSessions users,
    Registrar registrar,
    Commits commits,
    Overview overview,
    Monitors monitors,
    AuditTrail audit)
{
    private readonly Queue<WaitingStatement> _waiting = new();
    private readonly Dictionary<long, WaitingStatement> _hashing = [];
    private readonly Dictionary<long, WaitingStatement> _looking = [];
    private readonly Queue<OwnWork> _own = new();
    private (long Ticket, WaitingStatement? Waiting, OwnWork? Own, Decision Decision)? _storing;
    private int _held;
    private long _lastTicket;

    /// <summary>Statements that wait or are being stored.</summary>
    public int Count =>
        _waiting.Count + _own.Count + _hashing.Count + _held + _looking.Count + (_storing is null ? 0 : 1);

    /// <summary>Hears that the broker shall end.</summary>
    public Action<ShutdownOrder> Ordered { get; set; } = static _ => { };

    /// <summary>Hears what a worker is to do.</summary>
    public Action<WorkerOrder> Sent { get; set; } = static _ => { };

    /// <summary>Hears of changes that are stored, before the statement is answered.</summary>
    public Action<IReadOnlyList<Change>, RosterDelta> Applied { get; set; } = static (_, _) => { };

    public void Hear(UserSession session, Manage asked) => Enqueue(new(session, asked));

    public void Hear(UserSession session, Commit commit) => Enqueue(WaitingStatement.Of(session, commit));

    /// <summary>
    /// Stores what the broker itself decides, in its turn: letters, what is too old.
    /// </summary>
    /// <param name="what">For the audit, in words; null for what is no change of anybody's.</param>
    /// <param name="decide">Called when all before it is stored and in memory.</param>
    public void Do(string? what, Func<IReadOnlyList<Change>> decide) => Do(new OwnWork(
        () => new(null, decide(), ""),
        changes => what is null ? null : audit.Own(what, changes),
        static (_, _) => { }));

    /// <summary>Stores what is decided outside of any session, in its turn.</summary>
    public void Do(OwnWork work)
    {
        _own.Enqueue(work);
        Next();
    }

    /// <summary>Refuses more work than the disk can follow.</summary>
    public void CheckRoom()
    {
        if (Count > Limits.StatementsMax)
            throw new TriggerException(ErrorCode.Busy,
                "the broker takes no more statements now", $"{Count} wait for the disk", "try again later");
    }

    /// <summary>The secret of a statement was hashed, or cannot be.</summary>
    public void Hashed(long ticket, string hash, TriggerException? problem)
    {
        if (!_hashing.Remove(ticket, out WaitingStatement? waiting)) return;
        if (problem is null) _waiting.Enqueue(waiting with { SecretHash = hash });
        else Refuse(waiting, problem);
        Queue<WaitingStatement> held = waiting.Session.Held!;
        waiting.Session.Held = null;
        _held -= held.Count;
        foreach (WaitingStatement one in held) _waiting.Enqueue(one);
        Next();
    }

    public void Committed(long ticket, TriggerException? problem)
    {
        if (_storing is not var (stored, waiting, own, decision) || ticket != stored) return;
        _storing = null;
        if (problem is not null) NotStored(waiting, problem);
        else if (waiting is not null) Finish(waiting, decision);
        else Applied(decision.Changes, around.Roster.Apply(decision.Changes));
        own?.Done(problem is null ? decision : null, problem);
        Next();
    }

    /// <summary>Lines of the audit were looked for.</summary>
    public void AuditRead(long ticket, IReadOnlyList<AuditEntry> lines, TriggerException? problem)
    {
        if (!_looking.Remove(ticket, out WaitingStatement? one) || one.Session.Peer is not { } peer) return;
        if (problem is null) Show(one, AuditStatements.TableOf(lines, one.Session.Team.Id));
        else peers.Refuse(peer, one.Asked.Id, problem);
    }

    private void Finish(WaitingStatement waiting, Decision decision)
    {
        (UserSession session, Manage asked, _) = waiting;
        RosterDelta delta = around.Roster.Apply(decision.Changes);
        Log.Changed(around.Log, session.Team.Name.Value, session.User.Name.Value, asked.Verb, asked.Kind,
            NameRule.Shown(asked.Name), NameRule.Shown(asked.Property));
        // Whoever ends the own session by it has to hear the answer first.
        bool stays = users.Renew(session);
        if (!stays) Answer(waiting, decision);
        Applied(decision.Changes, delta);
        if (stays) Answer(waiting, decision);
        if (decision.Mail is { } mail) around.Effects.Mail(mail);
        if (decision.Shutdown is { } shutdown) Ordered(shutdown);
        if (decision.Order is { } order) Sent(order);
    }

    /// <summary>What the disk refused is in the audit already.</summary>
    private void NotStored(WaitingStatement? waiting, TriggerException problem)
    {
        if (waiting is not var (session, asked, _))
        {
            Log.OwnNotStored(around.Log, problem.Message, problem.Why ?? "");
            return;
        }
        Log.NotStored(around.Log, session.Team.Name.Value, session.User.Name.Value, asked.Verb, asked.Kind,
            NameRule.Shown(asked.Name), problem.Message, problem.Why ?? "");
        if (session.Peer is { } peer) peers.Refuse(peer, asked.Id, problem);
    }

    private void Next()
    {
        while (_storing is null && _own.TryDequeue(out OwnWork? own)) Decide(own);
        while (_storing is null && _waiting.TryDequeue(out WaitingStatement? next))
        {
            // Who has left does not hear the answer, and asks again if it matters.
            if (next.Session.Peer is null) continue;
            if (next is { SecretHash: null, Session.Held: { } held })
            {
                held.Enqueue(next);
                _held++;
                continue;
            }
            try
            {
                Decide(next);
            }
            catch (TriggerException problem)
            {
                Refuse(next, problem);
            }
            catch (Exception bug) when (bug is not OutOfMemoryException)
            {
                Log.DecisionFailed(around.Log, bug);
                Refuse(next, new(ErrorCode.Internal, "the broker failed at this statement; nothing was changed",
                    "its log has the details", "report this"));
            }
        }
    }

    private void Decide(WaitingStatement next)
    {
        (UserSession session, Manage asked, string? hash) = next;
        Decision decision = next.Commit is { } commit ? commits.Decide(session.Actor, commit)
            : asked is { Verb: Verb.Show, Kind: var kind } && Overview.Shows(kind)
            ? Decision.Show(overview.Show(session, asked))
            : registrar.Decide(session.Actor, asked, around.Now, hash ?? "");
        if (hash is null && Registrar.SecretIn(asked) is var (secret, current)) Hash(next, secret, current);
        else if (decision.Query is { } query) Look(next, query);
        else if (decision.Watch is { } watch) monitors.Begin(session, asked.Id, watch);
        else if (decision is { Changes.Count: 0, Order: null }) Answer(next, decision);
        else
        {
            Store(next, next.Commit is not null ? decision : decision with
            {
                Changes = commits.Book.Enter(decision.Changes, session.User.Name.Value, next.What),
            });
        }
    }

    private void Decide(OwnWork own)
    {
        try
        {
            Decision decision = own.Decide();
            if (decision.Changes.Count == 0)
            {
                own.Done(decision, null);
                return;
            }
            AuditEntry? line = own.Line(decision.Changes);
            _storing = (++_lastTicket, null, own, decision);
            around.Effects.Commit(_lastTicket, decision.Changes, line);
        }
        catch (TriggerException problem)
        {
            own.Done(null, problem);
        }
    }

    private void Store(WaitingStatement next, Decision decision)
    {
        // What happens in one's own mailbox is nobody's business.
        AuditEntry? line = next.Asked.Kind == ObjectKind.Mailbox ? null
            : audit.Change(next.Session, next.What, decision.Changes);
        _storing = (++_lastTicket, next, null, decision);
        around.Effects.Commit(_lastTicket, decision.Changes, line);
    }

    private void Enqueue(WaitingStatement next)
    {
        try
        {
            CheckRoom();
            _waiting.Enqueue(next);
        }
        catch (TriggerException busy)
        {
            peers.Refuse(next.Session.Peer!, next.Asked.Id, busy);
        }
        Next();
    }

    private void Look(WaitingStatement next, AuditQuery query)
    {
        _looking.Add(++_lastTicket, next);
        around.Effects.ReadAudit(_lastTicket, query);
    }

    /// <summary>The statement is allowed: what is to be stored of its secret is made away from the loop.</summary>
    private void Hash(WaitingStatement next, string secret, string? current)
    {
        UserSession session = next.Session;
        session.Held = new();
        _hashing.Add(++_lastTicket, next);
        around.Effects.Hash(_lastTicket, new(secret, current, around.Roster.User(session.User.Id)!.SecretHash,
            $"{session.Team.Name}/{session.User.Name}", session.Peer!.Address));
    }

    private void Show(WaitingStatement waiting, Table rows)
    {
        foreach (Listing page in rows.Pages(waiting.Asked.Id))
        {
            page.Write(around.Wire);
            peers.Send(waiting.Session.Peer!);
        }
    }

    private void Answer(WaitingStatement waiting, Decision decision)
    {
        if (waiting.Session.Peer is not { } peer) return;
        if (decision.Rows is { } rows)
        {
            if (Registrar.Find(waiting.Asked) is { IsRevealing: true }) audit.Reveal(waiting.Session, waiting.Asked);
            Show(waiting, rows);
        }
        else
        {
            new Done(waiting.Asked.Id, decision.Notice).Write(around.Wire);
            peers.Send(peer);
        }
    }

    private void Refuse(WaitingStatement waiting, TriggerException problem)
    {
        if (waiting.Commit is null) audit.Refuse(waiting.Session, waiting.Asked, problem);
        else if (waiting.Asked.Verb != Verb.Show) audit.Refuse(waiting.Session, waiting.What, problem, null);
        if (waiting.Session.Peer is { } peer) peers.Refuse(peer, waiting.Asked.Id, problem);
    }
}

/// <summary>What is decided outside of any session: by the broker itself, or for who has no account yet.</summary>
/// <param name="Decide">Called when all before it is stored and in memory; may refuse.</param>
/// <param name="Line">What is written down of the changes; null for nothing.</param>
/// <param name="Done">What was decided and is stored, or why not.</param>
sealed record OwnWork(
    Func<Decision> Decide, Func<IReadOnlyList<Change>, AuditEntry?> Line, Action<Decision?, TriggerException?> Done);
