using TriggerFs.Broker.Queue;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>
/// The statements about messages that wait: whoever may change the trigger, or the service, drops what nobody wants
/// to be carried out any more. What a worker has is carried out to its end.
/// </summary>
static class QueueStatements
{
    public static readonly Row[] Rows =
    [
        new(Verb.Request, ObjectKind.Queue, Properties.Drop, 0, 0,
            static statement => Drop(statement, statement.Changeable(statement.Trigger()).Id)),
        new(Verb.Request, ObjectKind.Service, Properties.Drop, 0, 0,
            static statement => Drop(statement, Posted.TriggerOf(statement.ChangeableService().Id))),
    ];

    private static Decision Drop(Statement statement, NodeId trigger)
    {
        IReadOnlyList<long> waiting = statement.Office.Presence.Waiting(trigger);
        return Decision.Store($"{Statement.Messages(waiting.Count)} dropped",
            [.. waiting.Select(static id => new Change.DropMessage(id))]);
    }
}
