namespace TriggerFs.Core.Model;

/// <summary>
/// One step of a change of the stored state. A statement is one or more of them, stored together or not at all.
/// </summary>
abstract record Change
{
    public sealed record PutTeam(Team Team) : Change;

    public sealed record PutUser(User User) : Change;

    /// <summary>Removes an account, which has no memberships and owns nothing any more.</summary>
    public sealed record DropUser(UserId User) : Change;

    public sealed record PutMembership(Membership Membership) : Change;

    /// <summary>Ends a user's place in a team, and the mailbox there with it.</summary>
    public sealed record DropMembership(TeamId Team, UserId User) : Change;

    public sealed record PutLetter(Letter Letter) : Change;

    public sealed record DropLetter(UserId To, LetterId Letter) : Change;

    public sealed record PutInvitation(Invitation Invitation) : Change;

    public sealed record DropInvitation(InvitationId Invitation) : Change;

    public sealed record PutWorker(Worker Worker) : Change;

    /// <summary>Removes a worker, and its attachments with it.</summary>
    public sealed record DropWorker(WorkerId Worker) : Change;

    /// <summary>Adds or replaces a service and its attachments.</summary>
    public sealed record PutService(Service Service) : Change;

    /// <summary>Removes a service; triggers attached to it are detached.</summary>
    public sealed record DropService(ServiceId Service) : Change;

    public sealed record PutNode(Node Node) : Change;

    /// <summary>Removes a node, which has no children.</summary>
    public sealed record DropNode(NodeId Node) : Change;

    /// <summary>Counts a trigger's hits from nothing again.</summary>
    public sealed record ClearHits(NodeId Trigger) : Change;

    /// <summary>
    /// Something came into a directory or went: it is as new as that. The time of a root, which is not stored, lasts as
    /// long as the broker runs.
    /// </summary>
    public sealed record TouchDirectory(TeamId Team, NodeId Directory, long UnixMs) : Change;

    /// <summary>Adds a revision, or replaces the one of that number.</summary>
    public sealed record PutRevision(Revision Revision) : Change;

    /// <summary>Forgets a revision, the oldest one of its team.</summary>
    public sealed record DropRevision(TeamId Team, long Number) : Change;

    /// <summary>Adds a message to the queue, or replaces what is known of its attempts.</summary>
    public sealed record PutMessage(QueuedMessage Message) : Change;

    /// <summary>Removes a message that has its answer.</summary>
    public sealed record DropMessage(long Id) : Change;

    /// <summary>Keeps a message that was given up.</summary>
    public sealed record PutDeadLetter(DeadLetter Letter) : Change;

    public sealed record DropDeadLetter(long Id) : Change;

    public sealed record PutSpool(SpoolMark Mark) : Change;

    public sealed record DropSpool(SpoolMark Mark) : Change;

    /// <summary>The broker ends, and no message of the queue is with a worker.</summary>
    public sealed record EndQuietly : Change;
}

/// <summary>Everything that is stored, as it is read at the start.</summary>
/// <param name="LastId">The highest number ever given to anything, so that none is used twice.</param>
sealed record StoredState(
    IReadOnlyList<Team> Teams,
    IReadOnlyList<User> Users,
    IReadOnlyList<Membership> Memberships,
    IReadOnlyList<Worker> Workers,
    IReadOnlyList<Service> Services,
    IReadOnlyList<Node> Nodes,
    IReadOnlyList<TriggerHits> Hits,
    long LastId)
{
    public IReadOnlyList<Letter> Letters { get; init; } = [];

    public IReadOnlyList<Invitation> Invitations { get; init; } = [];

    /// <summary>The revisions of the teams' configurations, the oldest first.</summary>
    public IReadOnlyList<Revision> Revisions { get; init; } = [];

    /// <summary>The messages of the queue, in the order in which they were taken.</summary>
    public IReadOnlyList<QueuedMessage> Messages { get; init; } = [];

    /// <summary>Those that were given up, the oldest first.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters { get; init; } = [];

    public IReadOnlyList<SpoolMark> Spools { get; init; } = [];

    /// <summary>No message of the queue was with a worker when the broker ended; it is said once.</summary>
    public bool EndedQuietly { get; init; }

    /// <summary>
    /// Messages up to this number may have been with a worker when a broker was killed, whatever is known of attempts.
    /// </summary>
    public long UncertainUpTo { get; init; }
}
