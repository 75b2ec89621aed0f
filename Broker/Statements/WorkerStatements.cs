using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>The statements about workers.</summary>
static class WorkerStatements
{
    public static readonly Row[] Rows =
    [
        new(Verb.Show, ObjectKind.Worker, "", 0, 0, Show),
        new(Verb.Create, ObjectKind.Worker, "", 0, 0, Create),
        new(Verb.Delete, ObjectKind.Worker, "", 0, 0, Delete),
        new(Verb.Rename, ObjectKind.Worker, "", 1, 1, Rename),
        new(Verb.Set, ObjectKind.Worker, Properties.Description, 1, 1, Describe),
        new(Verb.Copy, ObjectKind.Worker, "", 1, 1, Copy),
        Ordering(Properties.Restart, isForGood: false),
        Ordering(Properties.Shutdown, isForGood: true),
    ];

    private static readonly Column[] Columns =
    [
        new("id", ColumnType.Number), new("identity", ColumnType.Text), new("description", ColumnType.Text),
        new("state", ColumnType.Text), new("token", ColumnType.Text), new("owner", ColumnType.Text),
        new("created", ColumnType.Time), new("updated", ColumnType.Time),
    ];

    private static Decision Show(Statement statement)
    {
        if (statement.Name.Length == 0)
            return Decision.Show(new(Columns, statement.Roster.Workers(statement.Team)
                .Select(worker => Cells(statement, worker)).ToArray()));
        Worker one = statement.Worker();
        string services = Table.List(statement.Roster.ServicesOf(one.Id)
            .Where(service => Permissions.Allow(statement.Actor, Right.See, service))
            .Select(service => service.Name.Value));
        return Decision.Show(new(
            [.. Columns, new("services", ColumnType.List)], [[.. Cells(statement, one), services]]));
    }

    private static string[] Cells(Statement statement, Worker worker) =>
    [
        Table.Number(worker.Id.Value),
        worker.Name.Value,
        worker.Description,
        statement.Office.Presence.IsOnline(worker.Id) ? "ONLINE" : "DISCONNECTED",
        Permissions.Allow(statement.Actor, Right.Reveal, worker) ? Shortened(statement.Office.Seal, worker) : "",
        statement.Roster.NameOf(worker.Owner),
        Table.Ms(worker.CreatedUnixMs),
        Table.Ms(worker.UpdatedUnixMs),
    ];

    private static Decision Create(Statement statement) => Make(statement, statement.Name, description: "");

    private static Decision Make(Statement statement, string named, string description)
    {
        WorkerName name = WorkerName.Parse(named);
        statement.CheckFree(name.Value);
        Statement.CheckRoom(statement.Roster.Workers(statement.Team).Count(), "workers");
        Quota.Workers.Check(statement.Roster, statement.Team);
        var id = new WorkerId(statement.Roster.NextId());
        string token = TokenSeal.NewToken(statement.Office.Random);
        var worker = new Worker(id, statement.Team, name, description,
            statement.Office.Seal.Seal(id, token, statement.Office.Random),
            statement.Actor.User, statement.Now.UnixMs, statement.Now.UnixMs);
        string section = $"[workers.{statement.Roster.Team(statement.Team).Name}.{name}]";
        return Decision.Store(
            $"the token of {name} is {token}\nput it into section {section} of the worker's triggerfs.toml, "
            + $"then start it: triggerfs worker -identity {name}", new Change.PutWorker(worker));
    }

    /// <summary>
    /// A worker with a token of its own, in the same services, as far as they are the asker's to change.
    /// </summary>
    private static Decision Copy(Statement statement)
    {
        Worker source = statement.Worker();
        Decision made = Make(statement, statement.Values[0], source.Description);
        Worker copy = ((Change.PutWorker)made.Changes[0]).Worker;
        Service[] services = [.. statement.Roster.ServicesOf(source.Id)
            .Where(service => Permissions.Allow(statement.Actor, Right.Change, service))];
        foreach (Service service in services)
            ServiceStatements.CheckRoomFor(statement, service, service.Workers.Length, copy);
        string joined = services.Length == 0 ? ""
            : $"\nit is in {Statement.Some(services.Select(service => service.Name.Value))} like {source.Name}";
        return Decision.Store(made.Notice + joined,
        [
            .. made.Changes,
            .. services.Select(service => new Change.PutService(
                service with { Workers = service.Workers.Add(copy.Id), UpdatedUnixMs = statement.Now.UnixMs })),
        ]);
    }

    private static Row Ordering(string property, bool isForGood) =>
        new(Verb.Request, ObjectKind.Worker, property, 0, 0, statement =>
        {
            Worker worker = statement.ChangeableWorker(statement.Name);
            if (!statement.Office.Presence.IsOnline(worker.Id))
                throw new TriggerException(ErrorCode.NoWorker, $"worker '{worker.Name}' is not online",
                    fix: $"start it: triggerfs worker -identity {worker.Name}");
            string by = statement.Roster.NameOf(statement.Actor.User);
            string notice = isForGood ? $"{worker.Name} ends, unless somebody starts it again (as systemd may)"
                : $"{worker.Name} connects again, with what it runs";
            return Decision.Store(notice) with { Order = new(worker.Id, isForGood, by) };
        });

    private static Decision Delete(Statement statement)
    {
        Worker worker = statement.ChangeableWorker(statement.Name);
        string[] services = statement.Roster.ServicesOf(worker.Id).Select(service => service.Name.Value).ToArray();
        return Decision.Store(
            services.Length == 0 ? "" : $"{worker.Name} was taken out of {Statement.Some(services)}",
            new Change.DropWorker(worker.Id));
    }

    private static Decision Rename(Statement statement)
    {
        Worker worker = statement.ChangeableWorker(statement.Name);
        WorkerName name = WorkerName.Parse(statement.Values[0]);
        if (name == worker.Name) return Decision.Store("");
        statement.CheckFree(name.Value);
        return Decision.Store(
            "its token stays; rename its section in the worker's triggerfs.toml, "
            + $"then start it: triggerfs worker -identity {name}",
            new Change.PutWorker(worker with { Name = name, UpdatedUnixMs = statement.Now.UnixMs }));
    }

    private static Decision Describe(Statement statement)
    {
        Worker worker = statement.ChangeableWorker(statement.Name);
        return Decision.Store("", new Change.PutWorker(worker with
        {
            Description = Values.Description(statement.Values[0]),
            UpdatedUnixMs = statement.Now.UnixMs,
        }));
    }

    /// <summary>Enough to tell tokens apart; a token that cannot be opened does not hide the other workers.</summary>
    private static string Shortened(TokenSeal seal, Worker worker)
    {
        try
        {
            return seal.Open(worker)[..9] + "…";
        }
        catch (TriggerException)
        {
            return "unreadable";
        }
    }
}
