using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>Statements whose answer goes on: what happens, as it happens, until the asker has seen enough.</summary>
static class MonitorStatements
{
    public static readonly Row[] Rows =
    [
        new(Verb.Monitor, ObjectKind.Worker, "", 0, 0, WatchWorkers) { Deed = Deed.Look },
        new(Verb.Monitor, ObjectKind.Job, "", 0, 0, WatchJobs) { Deed = Deed.Look },
        new(Verb.Monitor, ObjectKind.Service, "", 0, 0, WatchOutput) { Deed = Deed.Look },
    ];

    /// <summary>Workers that come and go: all of the team, or one. The team sees its workers anyway.</summary>
    private static Decision WatchWorkers(Statement statement) =>
        Watch(statement, worker: statement.Name.Length == 0 ? null : statement.Worker().Id, service: null);

    /// <summary>Requests that pass: the asker's own, and for admins the team's.</summary>
    private static Decision WatchJobs(Statement statement) =>
        Watch(statement, worker: null, service: statement.Name.Length == 0 ? null : Target(statement));

    /// <summary>What a service's runs write, whoever asked for it.</summary>
    private static Decision WatchOutput(Statement statement)
    {
        Service service = Target(statement);
        return Permissions.Allow(statement.Actor, Right.Watch, service) ? Watch(statement, worker: null, service)
            : throw new TriggerException(ErrorCode.NotAllowed, $"what '{service.Name}' answers is not shown to you",
                "its owner and the team's admins may see it", $"ask {statement.Roster.NameOf(service.Owner)}");
    }

    /// <summary>A service of the team, or a worker's identity, which is one.</summary>
    private static Service Target(Statement statement) =>
        !statement.Name.Contains('/') && statement.Roster.FindService(statement.Team, statement.Name) is { } service
            && Permissions.Allow(statement.Actor, Right.See, service)
            ? service : throw Statement.Missing("service", statement.Name, "show services");

    private static Decision Watch(Statement statement, WorkerId? worker, Service? service) =>
        new(null, [], "") { Watch = new(statement.Kind, worker, service is null ? null : ServiceKey.Of(service)) };
}

/// <summary>What somebody wants to see happen.</summary>
/// <param name="Kind">Worker, Job or Service.</param>
/// <param name="Worker">The one worker; null for all.</param>
/// <param name="Service">The one service; null for all.</param>
sealed record WatchOrder(ObjectKind Kind, WorkerId? Worker, ServiceKey? Service);

/// <summary>Which service it is, also of those that are workers' identities and have no number.</summary>
readonly record struct ServiceKey(ServiceId Service, WorkerId Worker)
{
    public static ServiceKey Of(Service service) =>
        new(service.Id, service.Id.Value == 0 ? service.Workers[0] : default);
}
