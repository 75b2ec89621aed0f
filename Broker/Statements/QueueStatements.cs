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
        new(Verb.Request, ObjectKind.Queue, Properties.Drop, 0, 0, Drop),
        new(Verb.Request, ObjectKind.Service, Properties.Drop, 0, 0, Drop),
    ];

    private static Decision Drop(Statement statement)
    {
        IReadOnlyList<long> waiting = statement.Office.Presence.Waiting(statement.ChangeableQueue());
        return Decision.Store($"{Statement.Messages(waiting.Count)} dropped",
            [.. waiting.Select(static id => new Change.DropMessage(id))]);
    }
}
