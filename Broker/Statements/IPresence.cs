using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>Who is there now: what statements show of the sessions.</summary>
interface IPresence
{
    /// <summary>Whether a worker has a session and has announced itself.</summary>
    bool IsOnline(WorkerId worker);
}
