using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>What is there now, and is not in the roster: sessions, messages that wait.</summary>
interface IPresence
{
    /// <summary>Whether a worker has a session and has announced itself.</summary>
    bool IsOnline(WorkerId worker);

    /// <summary>
    /// The numbers of a trigger's messages that no worker has, the oldest first; of a service's requests for later by
    /// the trigger that stands for it.
    /// </summary>
    IReadOnlyList<long> Waiting(NodeId trigger);
}
