using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Sessions;

/// <summary>
/// Statements, one at a time, each decided when the one before is on the disk and in memory; so each sees what those
/// before it did, and what is answered as done is done.
/// </summary>
sealed class StatementDesk(
    Surroundings around, Peers peers, Registrar registrar, Overview overview, AuditTrail audit)
{
    private readonly Queue<(UserSession Session, Manage Asked)> _waiting = new();
    private (UserSession Session, Manage Asked, Decision Decision)? _storing;
    private readonly Dictionary<long, (UserSession Session, Manage Asked)> _looking = [];
    private long _ticket;
    private long _storingTicket;

    /// <summary>Statements that wait or are being stored.</summary>
    public int Count => _waiting.Count + (_storing is null ? 0 : 1) + _looking.Count;

    /// <summary>Hears of changes that are stored, before the statement is answered.</summary>
    public Action<IReadOnlyList<Change>, RosterDelta> Applied { get; set; } = static (_, _) => { };

    public void Hear(UserSession session, Manage asked)
    {
        if (_waiting.Count >= Limits.StatementsMax)
        {
            peers.Refuse(session.Peer!, asked.Id, new(ErrorCode.Busy, "the broker takes no more statements now",
                $"{_waiting.Count} wait for the disk", "try again later"));
            return;
        }
        _waiting.Enqueue((session, asked));
        Next();
    }

    public void Committed(long ticket, TriggerException? problem)
    {
        if (_storing is not var (session, asked, decision) || ticket != _storingTicket) return;
        _storing = null;
        if (problem is null)
        {
            Applied(decision.Changes, around.Roster.Apply(decision.Changes));
            Log.Changed(around.Log, session.Team.Name.Value, session.User.Name.Value, asked.Verb, asked.Kind,
                NameRule.Shown(asked.Name), NameRule.Shown(asked.Property));
            Done(session, asked, decision.Notice);
        }
        else
        {
            Log.NotStored(around.Log, session.Team.Name.Value, session.User.Name.Value, asked.Verb, asked.Kind,
                NameRule.Shown(asked.Name), problem.Message, problem.Why ?? "");
            // What the disk refused is in the audit already.
            if (session.Peer is { } peer) peers.Refuse(peer, asked.Id, problem);
        }
        Next();
    }

    /// <summary>Lines of the audit were looked for.</summary>
    public void AuditRead(long ticket, IReadOnlyList<AuditEntry> lines, TriggerException? problem)
    {
        if (!_looking.Remove(ticket, out var one) || one.Session.Peer is not { } peer) return;
        if (problem is null) Show(one.Session, one.Asked, AuditStatements.TableOf(lines, one.Session.Team.Id));
        else peers.Refuse(peer, one.Asked.Id, problem);
    }

    private void Next()
    {
        while (_storing is null && _waiting.TryDequeue(out (UserSession Session, Manage Asked) next))
        {
            try
            {
                // Who has left does not hear the answer, and asks again if it matters.
                if (next.Session.Peer is not null) Decide(next.Session, next.Asked);
            }
            catch (TriggerException problem)
            {
                Refuse(next.Session, next.Asked, problem);
            }
        }
    }

    private void Decide(UserSession session, Manage asked)
    {
        Decision decision = asked is { Verb: Verb.Show, Kind: ObjectKind.Session or ObjectKind.Job }
            ? Decision.Show(overview.Show(session, asked.Kind))
            : registrar.Decide(session.Actor, asked, around.Now);
        if (decision.Rows is { } rows)
        {
            if (Registrar.Find(asked) is { IsRevealing: true }) audit.Reveal(session, asked);
            Show(session, asked, rows);
        }
        else if (decision.Query is { } query)
        {
            _looking.Add(++_ticket, (session, asked));
            around.Effects.ReadAudit(_ticket, query);
        }
        else if (decision.Changes.Count == 0)
        {
            Done(session, asked, decision.Notice);
        }
        else
        {
            _storing = (session, asked, decision);
            _storingTicket = ++_ticket;
            around.Effects.Commit(_ticket, decision.Changes, audit.Change(session, asked, decision.Changes));
        }
    }

    private void Show(UserSession session, Manage asked, Table rows)
    {
        foreach (Listing page in rows.Pages(asked.Id))
        {
            page.Write(around.Wire);
            peers.Send(session.Peer!);
        }
    }

    private void Done(UserSession session, Manage asked, string notice)
    {
        if (session.Peer is not { } peer) return;
        new Done(asked.Id, notice).Write(around.Wire);
        peers.Send(peer);
    }

    private void Refuse(UserSession session, Manage asked, TriggerException problem)
    {
        audit.Refuse(session, asked, problem);
        if (session.Peer is { } peer) peers.Refuse(peer, asked.Id, problem);
    }
}
