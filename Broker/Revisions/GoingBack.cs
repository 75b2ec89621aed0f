using TriggerFs.Broker.Access;
using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Revisions;

/// <summary>
/// Decides to go back to how a team's configuration was at a revision: what came behind it is taken back, the newest
/// first, as a new revision.
/// </summary>
sealed class GoingBack(Surroundings around, RevisionBook book)
{
    private Roster Roster => around.Roster;

    /// <summary>An admin goes back, or looks what that would change.</summary>
    public Decision Decide(Actor actor, Commit asked)
    {
        if (!Permissions.Allow(Roster, actor, Deed.Lead))
            throw new TriggerException(ErrorCode.NotAllowed, "going back is for admins of the team",
                "it takes back what others did", "ask one of them");
        long newest = Roster.Revisions.Newest(actor.Team);
        if (asked.Base != newest)
            throw new TriggerException(ErrorCode.Conflict, "there was another change meanwhile",
                Conflicts.Tell(Roster.Revisions.Of(actor.Team).Last()), "look again: show commits");
        if (asked.Target == newest) return Decision.Store("that is how it is");
        Decision decision = To(actor.Team, asked.Target, actor.User, RevisionKind.Back, out AuditedChanges touched);
        return asked.Action == CommitAction.CheckBack ? Decision.Show(DifferenceTable.Of(touched)) : decision;
    }

    /// <summary>Takes back the revision of a team that was not confirmed in time, if it still waits for that.</summary>
    public IReadOnlyList<Change> TakeBack(TeamId team)
    {
        if (Roster.Revisions.UnconfirmedOf(team) is not { } waiting) return [];
        string name = Roster.Team(team).Name.Value;
        try
        {
            Decision decision = To(team, waiting.Number - 1, by: null, RevisionKind.Unconfirmed, out _);
            Log.TakingBack(around.Log, name, waiting.Number);
            return decision.Changes;
        }
        catch (TriggerException problem)
        {
            Log.NotTakenBack(around.Log, name, problem.Message, problem.Why ?? "");
            return [];
        }
    }

    private Decision To(TeamId team, long target, UserId? by, RevisionKind kind, out AuditedChanges touched)
    {
        Revision[] later = Later(team, target);
        int[] before = [.. Quota.OfTeam.Select(quota => quota.Used(Roster, team))];
        var rehearsal = new Rehearsal(Roster);
        using (rehearsal)
        {
            // Each is made fit to what there is when its turn comes.
            foreach (Change change in later.SelectMany(revision => revision.Undo))
                rehearsal.Apply(Fit(change, by ?? Leader(team)));
            if (kind == RevisionKind.Back) CheckPlan(team, before);
            Touch(rehearsal, team);
        }
        touched = new(Roster, rehearsal.Changes);
        string author = by is { } user ? Roster.NameOf(user) : "broker";
        string line = kind == RevisionKind.Back ? $"rollback to revision {target}"
            : $"revision {later[0].Number} was not confirmed in time";
        Revision revision = book.Next(team, kind, author, [line], touched, rehearsal);
        IEnumerable<Change> settled = Roster.Revisions.UnconfirmedOf(team) is { } waiting
            ? [new Change.PutRevision(waiting with { ConfirmByUnixMs = 0 })] : [];
        return Decision.Store($"revision {revision.Number} is as revision {target} was",
            [.. rehearsal.Changes, .. settled, .. book.Add(revision)]);
    }

    /// <summary>The revisions behind one, the newest first; refuses what is not kept.</summary>
    private Revision[] Later(TeamId team, long target)
    {
        IReadOnlyCollection<Revision> kept = Roster.Revisions.Of(team);
        Revision[] later = [.. kept.Where(revision => revision.Number > target).Reverse()];
        if (later.Length == 0 || target < later[^1].Number - 1)
            throw new TriggerException(ErrorCode.NotFound, $"revision {target} cannot be gone back to",
                kept.Count == 0 ? "nothing was changed yet"
                    : $"what is needed for it is kept from revision {kept.First().Number - 1} on",
                "triggerfs cli -c 'show commits'");
        if (later.FirstOrDefault(revision => revision.Undo.IsDefault) is { } large)
            throw new TriggerException(ErrorCode.TooLarge, $"revision {large.Number} cannot be taken back",
                "it was too large to keep what takes it back");
        return later;
    }

    /// <summary>
    /// A thing as it was, but without what must not come back: a token that was changed since, an owner or a worker
    /// that is gone.
    /// </summary>
    private Change Fit(Change change, UserId heir) => change switch
    {
        Change.PutWorker(var was) => new Change.PutWorker(was with
        {
            SealedToken = Roster.Worker(was.Id)?.SealedToken ?? was.SealedToken,
            SealedNext = Roster.Worker(was.Id)?.SealedNext ?? [],
            Owner = OwnerOf(was.Team, was.Owner, heir),
            UpdatedUnixMs = around.Now.UnixMs,
        }),
        Change.PutService(var was) => new Change.PutService(was with
        {
            Owner = OwnerOf(was.Team, was.Owner, heir),
            Workers = was.Workers.RemoveAll(worker => Roster.Worker(worker) is null),
            UpdatedUnixMs = around.Now.UnixMs,
        }),
        Change.PutNode(var was) => new Change.PutNode(was with
        {
            Owner = OwnerOf(was.Team, was.Owner, heir),
            Trigger = was.Trigger?.Service is { } service && Roster.Service(service) is null
                ? was.Trigger with { Service = null } : was.Trigger,
            UpdatedUnixMs = around.Now.UnixMs,
        }),
        _ => change,
    };

    private UserId OwnerOf(TeamId team, UserId owner, UserId heir) =>
        Roster.MembershipOf(team, owner) is null ? heir : owner;

    /// <summary>Who gets what nobody owns any more, when the broker goes back by itself.</summary>
    private UserId Leader(TeamId team) => Roster.MembershipsIn(team).Where(place => place.Role == TeamRole.Admin)
        .Concat(Roster.MembershipsIn(team)).First().User;

    /// <summary>Directories whose content changed are as new as that, for programs that keep an index.</summary>
    private void Touch(Rehearsal rehearsal, TeamId team)
    {
        NodeId[] parents = [.. rehearsal.Changes.OfType<Change.PutNode>().Select(put => put.Node.Parent).Distinct()];
        foreach (NodeId parent in parents.Where(id => id == NodeId.Root || Roster.Node(id) is not null))
            rehearsal.Apply(new Change.TouchDirectory(team, parent, around.Now.UnixMs));
    }

    /// <summary>Going back makes no more of anything than the team's plan allows.</summary>
    private void CheckPlan(TeamId team, int[] before)
    {
        Team owner = Roster.Team(team);
        foreach ((Quota quota, int was) in Quota.OfTeam.Zip(before))
            if (quota.Used(Roster, team) is var used && used > was && used > quota.Allowed(owner.Plan))
                throw new TriggerException(ErrorCode.TooLarge,
                    $"the plan of team '{owner.Name}' allows {quota.Allowed(owner.Plan)} {quota.What}",
                    $"there would be {used}; its plan is {owner.Plan.Name}", "go back to a later revision");
    }
}
