namespace TriggerFs.Broker.Dispatch;

/// <summary>A worker's place in a service: attached by an admin, live when the worker announced the service.</summary>
sealed class Seat(Lane lane, WorkerDesk desk)
{
    public Lane Lane => lane;

    public WorkerDesk Desk => desk;

    /// <summary>The worker named the service in its last Announce; its own identity needs no naming.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>The worker is online and takes requests for the service.</summary>
    public bool IsLive => IsAnnounced && desk.IsOpen;

    /// <summary>It is live and has room for a run.</summary>
    public bool IsReady(Demand demand) => IsLive && desk.HasRoom(demand);
}
