using System.Text;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Jobs;
using TriggerFs.Broker.Sessions;
using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Streams;

/// <summary>
/// Who listens to what. All who name the same service, plugin and arguments hear one run, each from where he wants;
/// when the last one has left, the run is ended where it runs, unless the service keeps it.
/// </summary>
sealed partial class StreamDesk(
    Surroundings around, Peers peers, Lanes lanes, JobTable table, JobFlow flow, Requests requests) : IStreamJobs
{
    private readonly Dictionary<StreamKey, LiveStream> _streams = [];
    private readonly List<LiveStream> _walk = [];
    private ulong _lastStream = around.Effects.Random();

    /// <summary>Streams that go on.</summary>
    public int Count => _streams.Count;

    /// <summary>What runs the streams now.</summary>
    public IEnumerable<Job> Jobs => _streams.Values.Select(static stream => stream.Job).OfType<Job>();

    /// <summary>Somebody wants to listen.</summary>
    public void Hear(UserSession session, in Listen listen)
    {
        TriggerException? refusal = requests.Find(session, listen.Service, out Service service)
            ?? Flaw(session, listen) ?? requests.Count(session, service);
        LiveStream? stream = null;
        refusal ??= FindOrOpen(session, service, listen, out stream);
        if (refusal is not null)
        {
            peers.Refuse(session.Peer!, listen.Id, refusal);
            return;
        }
        var listener = new Listener(session, session.Peer!, listen.Id.Value, stream!, FromWhere(stream!.Ring, listen));
        stream.Listeners.Add(listener);
        stream.LingerEndMs = 0;
        session.Listeners.Add(listener.Id, listener);
        Log.Listening(around.Log, session.Team.Name.Value, session.User.Name.Value, stream.Key.Plugin,
            service.Name.Value, stream.Listeners.Count);
        SayWhere(listener);
        if (stream is { Job: null, Runs: 0 }) Begin(stream);
        Serve(listener);
    }

    /// <summary>A listener is done with what came up to an offset. False when it is none.</summary>
    public bool Credit(UserSession session, in Credit credit)
    {
        if (!session.Listeners.TryGetValue(credit.Id, out Listener? listener)) return false;
        listener.Credited = Math.Max(listener.Credited, Math.Min(credit.Offset, listener.Sent));
        Serve(listener);
        Release(listener.Stream);
        return true;
    }

    /// <summary>He has heard enough; a number that is none of a listener is somebody else's business.</summary>
    public void Cancel(UserSession session, ulong id)
    {
        if (!session.Listeners.TryGetValue(id, out Listener? listener)) return;
        Finish(listener, new(Outcome.Cancelled, 0, 0, [], []));
    }

    /// <summary>A session's link is gone. If it was the last one who listened, it has a while to come back.</summary>
    public void Leave(UserSession session)
    {
        foreach (Listener listener in session.Listeners.Values)
        {
            LiveStream stream = listener.Stream;
            stream.Listeners.Remove(listener);
            if (stream is { Listeners.Count: 0, IsKept: false })
                stream.LingerEndMs = around.NowMs + (long)Limits.ReclaimGrace.TotalMilliseconds;
            Release(stream);
        }
        session.Listeners.Clear();
    }

    /// <summary>Time passed: streams begin again, are given up, and get rid of those who hold them up.</summary>
    public void Tick()
    {
        if (_streams.Count == 0) return;
        _walk.Clear();
        _walk.AddRange(_streams.Values);
        foreach (LiveStream stream in _walk)
        {
            if (stream.LingerEndMs > 0 && around.NowMs >= stream.LingerEndMs) Close(stream);
            else if (stream.Job is null && around.NowMs >= stream.BeginMs && !around.IsDraining) Begin(stream);
            CutOffSlow(stream);
        }
    }

    /// <summary>
    /// What is stored was changed: services may be gone or keep other streams, and so may somebody's right to listen.
    /// </summary>
    public void Changed(IEnumerable<Service> services)
    {
        foreach (Service service in services) Keep(service);
        foreach (LiveStream stream in _streams.Values.ToArray())
        {
            if (Current(stream) is not { } service)
            {
                Fail(stream, new(ErrorCode.NotFound, $"service '{stream.Service.Name}' was deleted"));
                continue;
            }
            stream.Service = service;
            foreach (Listener listener in stream.Listeners.ToArray())
                if (!Permissions.Allow(listener.Session.Actor, Right.Use, service))
                    Refuse(listener, NotAllowed(service));
            if (stream.Job is not null) Leave(stream, lanes.Of(service));
        }
    }

    /// <summary>A worker that was taken from the service does not go on with its stream.</summary>
    private void Leave(LiveStream stream, Lane lane)
    {
        if (stream.Job is not { Runs: [{ Desk: { } desk }] } job) return;
        if (Array.Exists(lane.Seats, seat => seat.Desk == desk)) return;
        stream.Job = null;
        flow.Stop(job, ErrorCode.Cancelled);
        Again(stream, $"worker {desk.Name} was taken from the service", afterMs: 0);
    }

    private TriggerException? Flaw(UserSession session, in Listen listen)
    {
        if (listen.Plugin.IsEmpty)
            return new(ErrorCode.Invalid, "nothing is named to listen to", fix: "say which: -plugin file/stream");
        if (session.Jobs.ContainsKey(listen.Id.Value) || session.Listeners.ContainsKey(listen.Id.Value))
            return new(ErrorCode.Exists, $"request {listen.Id.Value} is under way already",
                "each request of a session has its own number");
        return session.Listeners.Count < Limits.ListenersPerSessionMax ? null
            : new(ErrorCode.Busy, $"this session listens to {session.Listeners.Count} streams already",
                $"at most {Limits.ListenersPerSessionMax} are allowed", "end one of them");
    }

    /// <summary>The first one who listens; a service that nobody serves is refused, unless he wants to wait.</summary>
    private TriggerException? FindOrOpen(UserSession session, Service service, in Listen listen, out LiveStream? stream)
    {
        var key = StreamKey.Of(service, listen.Plugin, listen.ArgsBytes);
        if (_streams.TryGetValue(key, out stream)) return null;
        Lane lane = lanes.Of(service);
        if (!lane.HasLive && (listen.Flags & Listen.Wait) == 0) return flow.NoWorker(lane, session.Team.Id);
        if (_streams.Count >= Limits.StreamsMax)
            return new(ErrorCode.Busy, $"{_streams.Count} streams run already",
                $"the broker keeps what {Limits.StreamsMax} of them wrote of late", "try again later");
        stream = Open(key, service, listen.ArgsBytes.ToArray());
        return null;
    }

    private LiveStream Open(StreamKey key, Service service, byte[] args)
    {
        UserSession session = StreamSessions.New(around.Roster, service, ++_lastStream);
        // Somewhere else for each stream of each broker, so that nobody goes on in another one than he heard.
        var stream = new LiveStream(key, service, session, args, start: (_lastStream * 0x9E37_79B9_7F4A_7C15) >> 2);
        _streams.Add(key, stream);
        return stream;
    }

    private ulong FromWhere(StreamRing ring, in Listen listen)
    {
        if (listen.From >= ring.Start && listen.From <= ring.End && listen.From != 0) return listen.From;
        if (listen.From != 0) return ring.Start;
        bool isAnyAge = listen.AgeMs is 0 or > long.MaxValue;
        return ring.From(listen.Last, isAnyAge ? long.MinValue : around.NowMs - (long)listen.AgeMs);
    }

    /// <summary>The service as it is now; null when it is gone.</summary>
    private Service? Current(LiveStream stream)
    {
        Roster roster = around.Roster;
        ServiceKey key = stream.Key.Service;
        return key.Service.Value != 0 ? roster.Service(key.Service)
            : roster.Worker(key.Worker) is { } worker ? roster.FindService(worker.Team, worker.Name.Value) : null;
    }

    /// <summary>Nobody wants it any more: its run is ended, and what it wrote is forgotten.</summary>
    private void Close(LiveStream stream)
    {
        if (_streams.GetValueOrDefault(stream.Key) != stream) return;
        _streams.Remove(stream.Key);
        Job? job = stream.Job;
        stream.Job = null;
        if (job is not null) flow.Stop(job, ErrorCode.Cancelled);
    }

    /// <summary>It cannot go on, and all who listen hear why.</summary>
    private void Fail(LiveStream stream, TriggerException why)
    {
        Close(stream);
        foreach (Listener listener in stream.Listeners.ToArray()) Refuse(listener, why);
    }

    private void Refuse(Listener listener, TriggerException why)
    {
        peers.Refuse(listener.Peer, new(listener.Id), why);
        Remove(listener);
    }

    private void Remove(Listener listener)
    {
        LiveStream stream = listener.Stream;
        listener.Session.Listeners.Remove(listener.Id);
        stream.Listeners.Remove(listener);
        if (stream is { Listeners.Count: 0, IsKept: false }) Close(stream);
        else Release(stream);
    }

    private static TriggerException NotAllowed(Service service) =>
        new(ErrorCode.NotAllowed, $"service '{service.Name}' is not yours to use any more");

    private static byte[] Line(string text) => Encoding.UTF8.GetBytes(text + "\n");
}
