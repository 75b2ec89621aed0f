using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Broker.Simulation;

/// <summary>
/// A client as Commands/Session is one: asks, reads, cancels, comes back and takes up what was under way.
/// </summary>
sealed class SimClient(Sim sim, int number) : SimPeer(sim)
{
    private readonly Dictionary<ulong, SimRequest> _pending = [];
    private readonly HashSet<ulong> _doubled = [];
    private readonly HashSet<ulong> _given = [];
    private readonly ulong _link = sim.Random64();
    private Accepted? _welcome;
    private bool _isJwtRefused;
    private ulong _lastId;

    public int Pending => _pending.Count;

    public override string ToString() => $"client{number}";

    public string Describe() => string.Join(", ", _pending.Values.Select(request => request.Name));

    protected override Hello Hello() => _welcome is { } before && !_isJwtRefused
        ? new(PeerRole.Client, "team1", "hp", ProofKind.Jwt, before.Jwt, "sim", _link)
        : new(PeerRole.Client, "team1", "hp", ProofKind.Secret, "right", "sim", _link);

    /// <summary>The clock of the broker has jumped: it signs in with its secret, as at first.</summary>
    protected override void TurnedOut(Refused refused) => _isJwtRefused = true;

    protected override void Died()
    {
        _pending.Clear();
        _welcome = null;
    }

    protected override void WentDown() => Disturbed();

    protected override void Disturbed()
    {
        foreach (SimRequest request in _pending.Values) request.IsDisturbed = true;
    }

    protected override void Accepted(Accepted welcome)
    {
        bool isSame = _welcome is null || (welcome.Resumed && welcome.Session == _welcome.Session);
        (_welcome, _isJwtRefused) = (welcome, false);
        if (!isSame) _pending.Clear();
        foreach (SimRequest request in _pending.Values)
        {
            var runs = new List<ReclaimedRun>();
            foreach ((string worker, SimProgress run) in request.Runs)
            {
                // Some of what was received was not read yet.
                run.Consumed = Math.Max(run.Consumed, run.Received - Sim.Random.Next(100));
                runs.Add(new(worker, (ulong)run.Consumed, run.IsFinished));
            }
            new Reclaim(new(request.Id), runs, []).Write(Wire);
            // The second of two is a request of its own if the first had its answer at once; a client does not listen.
            request.IsReclaimedTwice |= Sim.Random.Next(8) == 0;
            Send(isDoubled: request.IsReclaimedTwice);
            if (request.IsCancelled) Cancel(request);
        }
    }

    /// <summary>Sends one request to a service.</summary>
    public void Ask(string service, uint timeoutMs, int retry)
    {
        if (!IsUp) return;
        ulong id = ++_lastId;
        var request = new SimRequest($"{this}.{Life}/{id}/{service}", id, service, retry, Sim.NowMs + timeoutMs);
        _pending.Add(id, request);
        byte[] payload = Encoding.UTF8.GetBytes(request.Name);
        request.IsDoubled = Sim.Random.Next(10) == 0;
        request.IsDisturbed = Link!.IsCut;
        if (request.IsDoubled) _doubled.Add(id);
        new Request
        {
            Id = new(id),
            TimeoutMs = timeoutMs,
            Service = Encoding.UTF8.GetBytes(service),
            Plugin = "p"u8,
            Payload = payload,
        }.WriteHead(Wire);
        Send(payload, request.IsDoubled);
        if (Sim.Random.Next(6) == 0) Later(Sim.Random.Next(1, 4000), () => Cancel(request));
    }

    /// <summary>Ends the session in the regular way.</summary>
    public void Leave()
    {
        if (IsUp)
        {
            new Goodbye("done").Write(Wire);
            Send();
        }
        Die(isClean: true);
    }

    /// <summary>Nothing takes longer than was promised, while neither the link nor the broker broke.</summary>
    public void CheckTimes()
    {
        foreach (SimRequest request in _pending.Values)
            Ledger.Must(request.IsDisturbed || Sim.NowMs <= request.DeadlineMs + 2000 + Sim.SlackMs,
                $"{request.Name} is late by {Sim.NowMs - request.DeadlineMs} ms");
    }

    public void BrokerDied() => Disturbed();

    protected override void Received(MessageKind kind, byte[] message)
    {
        switch (kind)
        {
            case MessageKind.Output:
                Hear(Output.Read(message));
                break;
            case MessageKind.Finished:
                Hear(Finished.Read(message));
                break;
            case MessageKind.Refused:
                Hear(Refused.Read(message));
                break;
            default:
                throw new BrokenPromiseException($"{this} got a {kind}");
        }
    }

    private void Hear(in Output output)
    {
        if (_given.Contains(output.Id)) return;
        Ledger.Must(_pending.TryGetValue(output.Id, out SimRequest? request),
            $"{this}: output of {output.Id}, which has ended");
        string worker = Encoding.UTF8.GetString(output.Worker);
        SimProgress run = request!.Run(worker);
        Ledger.Must(!run.IsFinished || request.IsDisturbed, $"{request.Name}: output of {worker} after its end");
        if (!run.Take(request, output.Offset, output.Bytes))
        {
            // What an attempt before had written was lost with the link, and nobody has it any more: a named failure.
            Ledger.Must(request is { Retry: > 0, IsDisturbed: true },
                $"{request.Name}: a gap in the output of {worker}");
            GiveUp(request);
            return;
        }
        if (Sim.Random.Next(2) != 0) return;
        run.Consumed = run.Received;
        new Credit { Id = request.Id, Offset = (ulong)run.Consumed, Worker = output.Worker }.Write(Wire);
        Send();
    }

    private void Hear(in Finished end)
    {
        // The second of two equal requests that are answered at once is a request of its own.
        if (_given.Contains(end.Id)) return;
        if (end.Outcome == Outcome.Offline && _doubled.Contains(end.Id) && !_pending.ContainsKey(end.Id)) return;
        Ledger.Must(_pending.TryGetValue(end.Id, out SimRequest? request), $"{this}: a second end of {end.Id}");
        string worker = Encoding.UTF8.GetString(end.Worker);
        SimProgress run = request!.Run(worker);
        bool isLast = (end.Flags & Finished.Last) != 0;
        Ledger.Must(!run.IsFinished || request.IsDisturbed, $"{request.Name}: a second end of {worker}");
        bool isWhole = run.Take(request, end.Offset - (ulong)end.Tail.Length, end.Tail);
        // Output that was kept by a worker which then crashed, while this client was away, is gone: a named failure.
        Ledger.Must(isWhole || end.Outcome != Outcome.Done || request.IsDisturbed,
            $"{request.Name}: output of {worker} is missing");
        if (isWhole) Sim.Ledger.Told(request, end, worker, Sim.NowMs);
        run.IsFinished = true;
        if (!isLast) return;
        _pending.Remove(end.Id);
        if (request.IsReclaimedTwice) _given.Add(end.Id);
        Sim.Ledger.Ended(request, [.. request.Runs.Where(one => one.Value.IsFinished).Select(one => one.Key)]);
    }

    private void GiveUp(SimRequest request)
    {
        Cancel(request);
        _pending.Remove(request.Id);
        _given.Add(request.Id);
    }

    private void Hear(Refused refused)
    {
        if (_given.Contains(refused.Id.Value)) return;
        bool isKnown = _pending.TryGetValue(refused.Id.Value, out SimRequest? request);
        // The second of two equal requests, or a second Reclaim, is answered for itself.
        if (refused.Code is ErrorCode.Exists or ErrorCode.BrokerLost or ErrorCode.NoWorker && !isKnown) return;
        Ledger.Must(isKnown, $"{this}: a refusal of {refused.Id.Value}, which has ended: {refused.What}");
        if (refused.Code == ErrorCode.Exists && request!.IsDoubled) return;
        Ledger.Must(
            refused.Code is ErrorCode.NoWorker or ErrorCode.TimedOut or ErrorCode.Cancelled or ErrorCode.BrokerLost,
            $"{request!.Name} refused: {refused.Code} {refused.What}");
        Ledger.Must(refused.Code != ErrorCode.BrokerLost || request.IsDisturbed,
            $"{request.Name} was lost for no reason");
        _pending.Remove(refused.Id.Value);
        Sim.Ledger.Count("refused " + refused.Code);
        if (request.IsReclaimedTwice) _given.Add(request.Id);
    }

    private void Cancel(SimRequest request)
    {
        if (!_pending.ContainsKey(request.Id)) return;
        request.IsCancelled = true;
        new Cancel(request.Id, ErrorCode.Cancelled).Write(Wire);
        Send(isDoubled: Sim.Random.Next(8) == 0);
    }
}

/// <summary>A request as its client has it.</summary>
sealed class SimRequest(string name, ulong id, string service, int retry, long deadlineMs)
{
    public string Name => name;

    public ulong Id => id;

    public string Service => service;

    public int Retry => retry;

    public long DeadlineMs => deadlineMs;

    /// <summary>Its link or the broker broke while it was under way: a loss is a named failure then.</summary>
    public bool IsDisturbed { get; set; }

    public bool IsDoubled { get; set; }

    public bool IsCancelled { get; set; }

    public bool IsReclaimedTwice { get; set; }

    public Dictionary<string, SimProgress> Runs { get; } = [];

    public SimProgress Run(string worker)
    {
        if (!Runs.TryGetValue(worker, out SimProgress? run)) Runs[worker] = run = new();
        return run;
    }

    public static int KeyOf(string name)
    {
        int key = 0;
        foreach (char letter in name) key = (key * 31) + letter;
        return key & 0x7F;
    }
}

/// <summary>How far the output of one worker has come.</summary>
sealed class SimProgress
{
    public int Received { get; private set; }

    public int Consumed { get; set; }

    public bool IsFinished { get; set; }

    /// <summary>
    /// Takes what is new; false when bytes before it are missing. Each byte must be the one of its place.
    /// </summary>
    public bool Take(SimRequest request, ulong offset, ReadOnlySpan<byte> bytes)
    {
        if (offset > (ulong)Received) return false;
        int key = SimRequest.KeyOf(request.Name);
        for (int i = 0; i < bytes.Length && request.Retry == 0; i++)
            Ledger.Must(bytes[i] == (byte)(key + (int)offset + i),
                $"{request.Name}: wrong output at {offset + (ulong)i}");
        Received = Math.Max(Received, (int)offset + bytes.Length);
        return true;
    }
}
