using TriggerFs.Broker.Jobs;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Dispatch;

/// <summary>
/// A service as requests go through it: its algorithm, its seats, and the runs that wait for any of them.
/// </summary>
sealed class Lane(Service service)
{
    private Algorithm _kind = service.Algorithm;

    /// <summary>The service as it was when the lane looked last.</summary>
    public Service Service { get; private set; } = service;

    public IAlgorithm Algorithm { get; private set; } = Algorithms.New(service.Algorithm);

    /// <summary>The workers in the order in which they were attached.</summary>
    public Seat[] Seats { get; private set; } = [];

    /// <summary>Whose turn it is to run a stream, whatever the algorithm: one worker at a time.</summary>
    public RoundRobin StreamTurns { get; } = new();

    /// <summary>Runs that any worker of the service may take.</summary>
    public RunQueue Waiting { get; } = new();

    /// <summary>Its jobs that are under way.</summary>
    public int Inflight { get; set; }

    /// <summary>Requests that wait because as many are under way as may be; the oldest first.</summary>
    public LinkedList<Job> Held { get; } = new();

    /// <summary>Who goes first when there is room: messages of the queue, else requests that are held.</summary>
    public bool IsQueueFirst { get; set; }

    /// <summary>It may have room for more than before.</summary>
    public bool IsChanged { get; set; }

    public bool HasLive
    {
        get
        {
            foreach (Seat seat in Seats)
                if (seat.IsLive) return true;
            return false;
        }
    }

    /// <summary>
    /// Takes over a service that changed. Seats of workers that stay are kept, and so is whose turn it is.
    /// </summary>
    public void Become(Service changed, Func<WorkerId, WorkerDesk?> deskOf)
    {
        Service = changed;
        if (_kind != changed.Algorithm) Algorithm = Algorithms.New(_kind = changed.Algorithm);
        Seat[] before = Seats;
        var seats = new List<Seat>(changed.Workers.Length);
        foreach (WorkerId id in changed.Workers)
            if (deskOf(id) is { } desk) seats.Add(Array.Find(before, seat => seat.Desk == desk) ?? Take(desk));
        Seats = [.. seats];
        foreach (Seat seat in before)
            if (!seats.Contains(seat)) seat.Desk.Seats.Remove(seat);
        foreach (Seat seat in Seats) Announced(seat);
    }

    /// <summary>Looks again at what the seat's worker announced.</summary>
    public void Announced(Seat seat) =>
        seat.IsAnnounced = Service.Id.Value == 0 || seat.Desk.Services.Contains(Service.Name.Value);

    /// <summary>The service is gone.</summary>
    public void Close()
    {
        foreach (Seat seat in Seats) seat.Desk.Seats.Remove(seat);
        Seats = [];
    }

    private Seat Take(WorkerDesk desk)
    {
        var seat = new Seat(this, desk);
        desk.Seats.Add(seat);
        return seat;
    }
}
