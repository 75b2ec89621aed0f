using System.Globalization;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Jobs;
using TriggerFs.Broker.Queue;
using TriggerFs.Broker.Statements;
using TriggerFs.Broker.Streams;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Sessions;

/// <summary>
/// Shows what is there now: sessions, jobs, what waits in the queue. Admins see the team's, others their own, and both
/// who calls the services that they answer for.
/// </summary>
sealed class Overview(Surroundings around, UserSessions users, Lanes lanes) : IPresence
{
    private static readonly Column[] SessionColumns =
    [
        new("identity", ColumnType.Text), new("role", ColumnType.Text), new("state", ColumnType.Text),
        new("address", ColumnType.Text), new("software", ColumnType.Text), new("requests", ColumnType.Number),
        new("since", ColumnType.Time),
    ];

    private static readonly Column[] JobColumns =
    [
        new("request", ColumnType.Number), new("user", ColumnType.Text), new("service", ColumnType.Text),
        new("trigger", ColumnType.Text), new("plugin", ColumnType.Text), new("workers", ColumnType.List),
        new("since", ColumnType.Time), new("left", ColumnType.Duration), new("runs", ColumnType.List),
        new("parent", ColumnType.Number),
    ];

    /// <summary>Knows what runs for those who listen.</summary>
    public StreamDesk? Streams { get; set; }

    /// <summary>Knows what waits on the disk.</summary>
    public MessageQueue? Queue { get; set; }

    public bool IsOnline(WorkerId worker) => lanes.Find(worker) is { IsAnnounced: true };

    public IReadOnlyList<long> Waiting(NodeId trigger) => Queue?.WaitingOf(trigger) ?? [];

    /// <summary>Whether it is shown here.</summary>
    public static bool Shows(ObjectKind kind) =>
        kind is ObjectKind.Session or ObjectKind.Job or ObjectKind.Plugin or ObjectKind.Queue;

    public Table Show(UserSession asker, Manage asked) => asked.Kind switch
    {
        ObjectKind.Session => new(SessionColumns, Sessions(asker)),
        ObjectKind.Plugin => PluginTable.Of(PluginDesks(asker, asked.Name)),
        ObjectKind.Queue => QueueTable.Of(around.Roster, asker.Actor, Queue?.BacklogsOf(asker.Team.Id) ?? []),
        _ => new(JobColumns, Jobs(asker)),
    };

    /// <summary>The workers of the team that are online; of one that is named, that one.</summary>
    private List<WorkerDesk> PluginDesks(UserSession asker, string name)
    {
        List<WorkerDesk> desks = [.. lanes.Desks.Where(desk => desk.IsAnnounced
            && (name.Length == 0 || desk.Name == name)
            && around.Roster.Worker(desk.Id)?.Team == asker.Team.Id)];
        if (desks.Count > 0 || name.Length == 0) return desks;
        if (around.Roster.FindWorker(asker.Team.Id, name) is null)
            throw Statement.Missing("worker", name, "show workers");
        throw new TriggerException(ErrorCode.NoWorker, $"worker '{name}' is not online",
            "what it has to run is known while it is", $"triggerfs worker -identity {name}");
    }

    private List<string[]> Sessions(UserSession asker)
    {
        var rows = new List<string[]>();
        foreach (UserSession session in users.All)
        {
            if (!MaySee(asker, session)) continue;
            rows.Add([session.User.Name.Value, Word(session.Role), session.Peer is null ? "away" : "online",
                session.Peer?.Address ?? "", Core.NameRule.Shown(session.Software), Table.Number(session.Jobs.Count),
                Table.Ms(session.SinceUnixMs)]);
        }
        foreach (WorkerDesk desk in lanes.Desks)
        {
            if (desk.Peer is not { } peer || around.Roster.Worker(desk.Id) is not { } worker) continue;
            if (worker.Team != asker.Team.Id) continue;
            rows.Add([desk.Name, Word(PeerRole.Worker), desk.IsAnnounced ? "online" : "announcing", peer.Address,
                Core.NameRule.Shown(desk.Software), Table.Number(desk.Busy), Table.Ms(desk.SinceUnixMs)]);
        }
        rows.Sort(static (a, b) => string.CompareOrdinal(a[0], b[0]));
        return rows;
    }

    private List<string[]> Jobs(UserSession asker)
    {
        var rows = new List<string[]>();
        foreach (UserSession session in users.All)
        {
            bool isOwn = MaySee(asker, session);
            foreach (Job job in session.Jobs.Values)
                if (isOwn || IsForService(asker, job)) rows.Add(Cells(asker, session, job));
        }
        foreach (Job job in Streams?.Jobs ?? [])
            if (IsForService(asker, job)) rows.Add(Cells(asker, job.Session, job));
        return rows;
    }

    private string[] Cells(UserSession asker, UserSession session, Job job) =>
    [
        Table.Number(job.Id),
        Named(asker, session.Team.Id, session.User.Name.Value),
        job.Lane?.Service is { } service ? Named(asker, service.Team, service.Name.Value) : "",
        job.Content.TriggerText,
        job.Content.PluginText,
        Table.List(job.Runs.Select(Describe)),
        Table.Ms(job.BegunUnixMs),
        job.Stream is null ? Table.Ms(Math.Max(1, job.DeadlineMs - around.NowMs)) : "",
        Table.List(job.Runs.Where(static run => run.Id != 0).Select(static run => Number(run.Id))),
        job.Parent == default ? "" : Number(job.Parent.Value),
    ];

    private static string Number(ulong run) => run.ToString(CultureInfo.InvariantCulture);

    /// <summary>A name of another team has the team before it.</summary>
    private string Named(UserSession asker, TeamId team, string name) =>
        team == asker.Team.Id ? name : $"{around.Roster.Team(team).Name}/{name}";

    private static bool MaySee(UserSession asker, UserSession session) =>
        session.Team.Id == asker.Team.Id && (asker.Actor.Role == TeamRole.Admin || session.User.Id == asker.User.Id);

    /// <summary>Whoever answers for a service sees who calls it, from whichever team.</summary>
    private static bool IsForService(UserSession asker, Job job) => job.Lane?.Service is { } service
        && service.Team == asker.Team.Id && (asker.Actor.Role == TeamRole.Admin || service.Owner == asker.User.Id);

    private static string Describe(JobRun run) =>
        run.Desk is { } desk && run.Stage != RunStage.Waiting ? $"{desk.Name} {Word(run.Stage)}"
        : $"{run.Seat?.Desk.Name ?? "any"} waiting";

    private static string Word(Enum value) => value.ToString().ToLowerInvariant();
}
