using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Mail;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>
/// What a statement that is allowed comes to: rows to show, or changes to store before the notice is told.
/// </summary>
/// <param name="Rows">The answer to a Show; null for all else.</param>
/// <param name="Changes">Stored together or not at all; may be none, when all is as it was asked for.</param>
/// <param name="Notice">For the person who typed the statement; often empty.</param>
sealed record Decision(Table? Rows, IReadOnlyList<Change> Changes, string Notice)
{
    /// <summary>What is looked for in the audit, whose lines are the answer; null for all else.</summary>
    public AuditQuery? Query { get; private init; }

    /// <summary>An e-mail that is sent once the changes are stored; null for none.</summary>
    public MailOrder? Mail { get; init; }

    /// <summary>That the broker shall end, once the changes are stored; null for all else.</summary>
    public ShutdownOrder? Shutdown { get; init; }

    /// <summary>What a worker is to do, once that is in the audit; null for all else.</summary>
    public WorkerOrder? Order { get; init; }

    /// <summary>What is to be shown from now on; null for all else.</summary>
    public WatchOrder? Watch { get; init; }

    public static Decision Show(Table rows) => new(rows, [], "");

    public static Decision Look(AuditQuery query) => new(null, [], "") { Query = query };

    public static Decision Store(string notice, params IReadOnlyList<Change> changes) => new(null, changes, notice);
}

/// <summary>A worker's session is to end: to begin again, or for good, with its process.</summary>
/// <param name="By">Who said so.</param>
sealed record WorkerOrder(WorkerId Worker, bool IsForGood, string By);
