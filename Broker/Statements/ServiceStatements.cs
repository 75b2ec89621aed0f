using System.Collections.Immutable;
using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>The statements about services.</summary>
static class ServiceStatements
{
    private static readonly string[] Delivered =
    [
        Properties.Backoff, Properties.Ttl, Properties.Priority, Properties.MaxInflight, Properties.OnBusy,
        Properties.Unique,
    ];

    public static readonly Row[] Rows =
    [
        new(Verb.Show, ObjectKind.Service, "", 0, 0, ServiceTable.Show),
        new(Verb.Create, ObjectKind.Service, "", 0, 0, Create),
        new(Verb.Delete, ObjectKind.Service, "", 0, 0, Delete),
        new(Verb.Rename, ObjectKind.Service, "", 1, 1, Rename),
        new(Verb.Copy, ObjectKind.Service, "", 1, 1, Copy),
        new(Verb.Add, ObjectKind.Service, Properties.Workers, 1, Limits.ValuesMax, Attach),
        new(Verb.Remove, ObjectKind.Service, Properties.Workers, 1, Limits.ValuesMax, Detach),
        new(Verb.Add, ObjectKind.Service, Properties.Keep, 1, Limits.ValuesMax, Keep),
        new(Verb.Remove, ObjectKind.Service, Properties.Keep, 1, Limits.ValuesMax, LetGo),
        Setting(Properties.Algorithm, (service, value) => service with { Algorithm = Values.Algorithm(value) }),
        Setting(Properties.Timeout, (service, value) => service with { TimeoutMs = Values.TimeoutMs(value) }),
        Setting(Properties.Retry, (service, value) => service with { Retry = Values.Retry(value) }),
        Setting(Properties.OnFailure, (service, value) => service with { OnFailure = Values.OnFailure(value) }),
        new(Verb.Set, ObjectKind.Service, Properties.Visibility, 1, 1, SetVisibility),
        Setting(Properties.Rate, (service, value) => service with
        {
            Rate = value.Length == 0 ? null : Rate.Parse(value),
        }),
        .. Delivered.Select(property => Setting(property, (service, value) =>
            service with { Delivery = service.Delivery.With(property, value) })),
        Setting(Properties.Description, (service, value) => service with { Description = Values.Description(value) }),
    ];

    private static Row Setting(string property, Func<Service, string, Service> change) =>
        new(Verb.Set, ObjectKind.Service, property, 1, 1, statement =>
            Store(statement, change(statement.ChangeableService(), statement.Values[0]), ""));

    private static Decision SetVisibility(Statement statement)
    {
        Service service = statement.ChangeableService();
        Visibility visibility = Values.Visibility(statement.Values[0]);
        if (visibility != Visibility.Public || service.Visibility == Visibility.Public)
            return Store(statement, service with { Visibility = visibility }, "");
        Quota.PublicServices.Check(statement.Roster, statement.Team);
        string name = $"{statement.Roster.Team(statement.Team).Name}/{service.Name}";
        return Store(statement, service with { Visibility = visibility },
            $"every user of the broker may call it as {name} (rate {service.CallRate}), and sees its workers' names");
    }

    private static Decision Store(Statement statement, Service service, string notice) =>
        Decision.Store(notice, new Change.PutService(service with { UpdatedUnixMs = statement.Now.UnixMs }));

    private static Decision Create(Statement statement)
    {
        ServiceName name = FreeName(statement, statement.Name);
        var service = new Service(
            new(statement.Roster.NextId()), statement.Team, name, Description: "", Algorithm.RoundRobin,
            OnFailure.Continue, TimeoutMs: 0, Retry: 0, Visibility.Local, statement.Actor.User, Workers: [],
            statement.Now.UnixMs, statement.Now.UnixMs);
        return Store(statement, service, "it is for you and the team's admins alone until its visibility is set");
    }

    /// <summary>A name that one more service of the team can have.</summary>
    private static ServiceName FreeName(Statement statement, string text)
    {
        ServiceName name = ServiceName.Parse(text);
        statement.CheckFree(name.Value);
        Statement.CheckRoom(statement.Roster.Services(statement.Team).Count(), "services");
        Quota.Services.Check(statement.Roster, statement.Team);
        return name;
    }

    /// <summary>A service of the asker's with all that the other one has, its workers too.</summary>
    private static Decision Copy(Statement statement)
    {
        Service source = statement.Service();
        ServiceName name = FreeName(statement, statement.Values[0]);
        CheckRoomToKeep(statement, source.Keep.Length);
        if (source.Visibility == Visibility.Public) Quota.PublicServices.Check(statement.Roster, statement.Team);
        foreach (WorkerId id in source.Workers)
        {
            // Who adds a worker to his service can run commands on it from then on.
            Worker worker = statement.ChangeableWorker(statement.Roster.Worker(id)!.Name.Value);
            CheckRoomFor(statement, source, workers: 0, worker);
        }
        return Store(statement, source with
        {
            Id = new(statement.Roster.NextId()),
            Name = name,
            Owner = statement.Actor.User,
            CreatedUnixMs = statement.Now.UnixMs,
        }, "");
    }

    private static Decision Delete(Statement statement)
    {
        Service service = statement.ChangeableService();
        string[] triggers = statement.Roster.TriggersOf(service.Id)
            .Select(node => statement.Roster.PathOf(node.Id).Value).ToArray();
        return Decision.Store(
            triggers.Length == 0 ? "" : $"these triggers have no service now: {Statement.Some(triggers)}",
            new Change.DropService(service.Id));
    }

    private static Decision Rename(Statement statement)
    {
        Service service = statement.ChangeableService();
        ServiceName name = ServiceName.Parse(statement.Values[0]);
        if (name == service.Name) return Decision.Store("");
        statement.CheckFree(name.Value);
        return Store(statement, service with { Name = name }, "");
    }

    private static Decision Attach(Statement statement)
    {
        Service service = statement.ChangeableService();
        ImmutableArray<WorkerId> workers = service.Workers;
        List<string> notices = [];
        foreach (string name in statement.Values)
        {
            // Who adds a worker to his service can run commands on it from then on.
            Worker worker = statement.ChangeableWorker(name);
            if (workers.Contains(worker.Id))
            {
                notices.Add($"{name} was attached already");
                continue;
            }
            CheckRoomFor(statement, service, workers.Length, worker);
            workers = workers.Add(worker.Id);
            bool online = statement.Office.Presence.IsOnline(worker.Id);
            notices.Add(online ? $"{name} learns it at once" : $"{name} is offline and learns it when it starts");
        }
        string notice = Statement.Some(notices);
        return workers == service.Workers ? Decision.Store(notice)
            : Store(statement, service with { Workers = workers }, notice);
    }

    public static void CheckRoomFor(Statement statement, Service service, int workers, Worker worker)
    {
        if (workers >= Limits.WorkersPerServiceMax)
            throw new TriggerException(ErrorCode.TooLarge, $"'{service.Name}' has {workers} workers already",
                $"at most {Limits.WorkersPerServiceMax} are allowed");
        if (statement.Roster.ServicesOf(worker.Id).Count() >= Limits.JobsMax)
            throw new TriggerException(ErrorCode.TooLarge, $"'{worker.Name}' is in too many services already",
                $"at most {Limits.JobsMax} are allowed");
    }

    private static Decision Detach(Statement statement)
    {
        Service service = statement.ChangeableService();
        ImmutableArray<WorkerId> workers = service.Workers;
        foreach (string name in statement.Values)
        {
            Worker worker = statement.Worker(name);
            if (!workers.Contains(worker.Id))
                throw new TriggerException(ErrorCode.NotFound, $"'{name}' is not attached to '{service.Name}'",
                    fix: $"triggerfs cli -c 'show services {service.Name}'");
            workers = workers.Remove(worker.Id);
        }
        return Store(statement, service with { Workers = workers }, "");
    }

    private static Decision Keep(Statement statement)
    {
        Service service = statement.ChangeableService();
        KeptStream stream = KeptStream.Of(statement.Values);
        if (service.Keep.Contains(stream)) return Decision.Store("it is kept already");
        CheckRoomToKeep(statement, more: 1);
        return Store(statement, service with { Keep = service.Keep.Add(stream) },
            "it runs as soon as a worker of the service is online; see and hear it: show jobs, triggerfs listen");
    }

    private static Decision LetGo(Statement statement)
    {
        Service service = statement.ChangeableService();
        KeptStream stream = KeptStream.Of(statement.Values);
        if (!service.Keep.Contains(stream))
            throw new TriggerException(ErrorCode.NotFound, $"'{service.Name}' does not keep '{stream}'",
                fix: $"triggerfs cli -c 'show services {service.Name}'");
        return Store(statement, service with { Keep = service.Keep.Remove(stream) }, "");
    }

    private static void CheckRoomToKeep(Statement statement, int more)
    {
        if (more == 0) return;
        Roster roster = statement.Roster;
        int ofTeam = roster.Services(statement.Team).Sum(static service => service.Keep.Length) + more;
        int ofAll = roster.Teams.SelectMany(team => roster.Services(team.Id)).Sum(static one => one.Keep.Length) + more;
        if (ofTeam <= Limits.KeptStreamsPerTeamMax && ofAll <= Limits.KeptStreamsMax) return;
        throw new TriggerException(ErrorCode.TooLarge, "so many streams cannot be kept",
            $"at most {Limits.KeptStreamsPerTeamMax} of a team, and {Limits.KeptStreamsMax} of all teams, are allowed",
            "listen to them when they are needed, or have one plugin do several");
    }
}
