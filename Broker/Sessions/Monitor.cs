using System.Text;
using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Sessions;

/// <summary>
/// One watcher's view of what happens: rows that wait for him, few of them. Of those that come faster than he reads he
/// is told how many there were.
/// </summary>
sealed class Monitor(UserSession session, RequestId id, WatchOrder order)
{
    /// <summary>Bytes of rows that wait: as many as fit into one message with their columns.</summary>
    private const int BytesMax = 256 * 1024;

    private static readonly Column[] OfWorkers =
    [
        new("time", ColumnType.Time), new("event", ColumnType.Text), new("worker", ColumnType.Text),
        new("address", ColumnType.Text), new("detail", ColumnType.Text),
    ];

    private static readonly Column[] OfJobs =
    [
        new("time", ColumnType.Time), new("event", ColumnType.Text), new("request", ColumnType.Number),
        new("user", ColumnType.Text), new("service", ColumnType.Text), new("trigger", ColumnType.Text),
        new("plugin", ColumnType.Text), new("worker", ColumnType.Text), new("exit", ColumnType.Number),
        new("took", ColumnType.Duration), new("detail", ColumnType.Text),
    ];

    private static readonly Column[] OfOutput =
    [
        new("time", ColumnType.Time), new("event", ColumnType.Text), new("request", ColumnType.Number),
        new("user", ColumnType.Text), new("worker", ColumnType.Text), new("text", ColumnType.Text),
    ];

    private readonly List<string[]> _rows = [];
    private int _bytes;
    private long _lost;

    public UserSession Session => session;

    /// <summary>The connection on which he asked, and with which it ends.</summary>
    public Peer Peer { get; } = session.Peer!;

    public bool HasLeft => session.Peer != Peer;

    public RequestId Id => id;

    public ObjectKind Kind => order.Kind;

    /// <summary>There is something to tell.</summary>
    public bool HasNews => _rows.Count > 0 || _lost > 0;

    private Column[] Columns => order.Kind switch
    {
        ObjectKind.Worker => OfWorkers,
        ObjectKind.Job => OfJobs,
        _ => OfOutput,
    };

    public bool Watches(Worker worker) =>
        worker.Team == session.Team.Id && (order.Worker is not { } one || one == worker.Id);

    public bool Watches(Service service) => order.Service is not { } one || one == ServiceKey.Of(service);

    /// <summary>Whether one more row finds room, and one that tells of lost ones; else it is counted as lost.</summary>
    public bool HasRoom()
    {
        if (_rows.Count < Limits.ListingRowsMax - 1 && _bytes < BytesMax) return true;
        _lost++;
        return false;
    }

    public void Add(params string[] cells)
    {
        foreach (string cell in cells) _bytes += 2 + Encoding.UTF8.GetByteCount(cell);
        _rows.Add(cells);
    }

    /// <summary>Takes what waits, as a page.</summary>
    public Listing Take(bool isLast, Instant now)
    {
        if (_lost > 0) _rows.Add(LostRow(now));
        var page = new Listing(id, isLast, Columns, [.. _rows]);
        _rows.Clear();
        _bytes = 0;
        _lost = 0;
        return page;
    }

    private string[] LostRow(Instant now)
    {
        string[] cells = new string[Columns.Length];
        Array.Fill(cells, "");
        cells[0] = Table.Number(now.UnixMs);
        cells[1] = "lost";
        cells[^1] = $"{_lost} rows came faster than they were read";
        return cells;
    }
}
