using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Broker.Simulation;

/// <summary>
/// A worker as Commands/Worker is one: starts what it is sent, keeps output for a replay, holds runs over a break.
/// </summary>
sealed class SimWorker(Sim sim, string name) : SimPeer(sim)
{
    private const long KeepMs = 10_000;

    private readonly Dictionary<ulong, SimRun> _runs = [];
    private readonly ulong _link = sim.Random64();
    private bool _announced;
    private int _jobs;
    private long _upSinceMs;

    public string Name => name;

    public int Active => _runs.Values.Count(run => !run.HasEnded);

    public override string ToString() => name;

    protected override Hello Hello() =>
        new(PeerRole.Worker, "team1", name, ProofKind.Token, "right", "sim", _link);

    protected override void Born() => _jobs = Sim.Random.Next(2) == 0 ? 1 : Sim.Random.Next(2, 5);

    protected override void Died() => _runs.Clear();

    protected override void WentDown()
    {
        foreach (SimRun run in _runs.Values) run.IsSilent = true;
    }

    protected override void Accepted(Accepted welcome)
    {
        _announced = false;
        _upSinceMs = Sim.NowMs;
    }

    protected override void Received(MessageKind kind, byte[] message)
    {
        switch (kind)
        {
            case MessageKind.Assigned:
                HeldRun[] held = _announced ? [] : [.. _runs.Values.Select(run => run.AsHeld)];
                _announced = true;
                new Announce(_jobs, Assigned.Read(message).Services, held).Write(Wire);
                Send();
                break;
            case MessageKind.Run:
                Begin(Run.Read(message));
                break;
            case MessageKind.Cancel:
                Stop(Cancel.Read(message));
                break;
            case MessageKind.Credit:
                Credit credit = Credit.Read(message);
                if (!credit.Replay) break;
                if (_runs.TryGetValue(credit.Id, out SimRun? run)) Replay(run, (int)credit.Offset);
                else Tell(new Finished { Id = credit.Id, Outcome = Outcome.WorkerLost });
                break;
        }
    }

    /// <summary>Stops in the regular way: ends what runs, says so, and leaves.</summary>
    public void Leave()
    {
        if (IsUp)
        {
            foreach (SimRun run in _runs.Values.Where(run => !run.HasEnded).ToArray()) End(run, Outcome.WorkerLost);
            new Goodbye("stopped").Write(Wire);
            Send();
        }
        Die(isClean: true);
    }

    private void Begin(in Run message)
    {
        Ledger.Must(Active < _jobs || _runs.Values.Any(held => held.IsCancelled || held.WasHeld),
            $"{name} got more runs than its {_jobs} jobs");
        string request = Encoding.UTF8.GetString(message.Payload);
        string service = Encoding.UTF8.GetString(message.Service);
        int exitCode = Sim.Random.Next(5) == 0 ? Sim.Random.Next(1, 5) : 0;
        if (Sim.Random.Next(40) == 0)
        {
            Sim.Messages.Answer(request, Sim.NowMs);
            Tell(new Finished { Id = message.Id.Value, Outcome = Outcome.NotStarted, ExitCode = 127 });
            return;
        }
        int length = Sim.Random.Next(3) == 0 ? 0 : Sim.Random.Next(1, 300);
        var run = new SimRun(message, service, SimRun.Text(request, length));
        if (Sim.Random.Next(4) == 0)
        {
            run.Execution = Began(message, request, service, exitCode, length);
            run.Execution.EndedMs = Sim.NowMs;
            Tell(new Finished
            {
                Id = run.Id,
                ExitCode = exitCode,
                Outcome = Outcome.Done,
                Offset = (ulong)length,
                Tail = run.Output
            });
            return;
        }
        new Started(message.Id).Write(Wire);
        Send();
        _runs.Add(run.Id, run);
        run.Execution = Began(message, request, service, exitCode, length);
        Plan(run, message.TimeoutMs);
    }

    private Execution Began(in Run run, string request, string service, int exitCode, int length)
    {
        if (run.Trigger.IsEmpty) return Sim.Ledger.Began(request, service, name, Sim.NowMs, exitCode, length);
        SimTrigger trigger = Sim.TriggerAt(Encoding.UTF8.GetString(run.Trigger));
        bool isAlone = _jobs == 1 && trigger.Service.Workers.Length == 1;
        Sim.Messages.Begin(trigger, request, name, run.Attempt, isAlone, Sim.NowMs);
        return new(name, Sim.NowMs, exitCode, length);
    }

    private void Plan(SimRun run, uint timeoutMs)
    {
        long duration = Sim.Random.Next(run.IsOfTrigger ? 12 : 3) == 0
            ? Sim.Random.Next(2000, 12_000) : Sim.Random.Next(1, 800);
        int pieces = Sim.Random.Next(1, 4);
        for (int i = 1; i <= pieces; i++)
        {
            int upTo = run.Output.Length * i / pieces;
            Later(duration * i / (pieces + 1), () => Write(run, upTo));
        }
        Later(duration, () => End(run, Outcome.Done));
        Later(timeoutMs, () => Kill(run, Outcome.TimedOut));
    }

    private void Write(SimRun run, int upTo)
    {
        if (run.HasEnded || upTo <= run.Written) return;
        run.Written = upTo;
        SendOutput(run);
    }

    private void SendOutput(SimRun run)
    {
        while (!run.IsSilent && run.Sent < run.Written && Link is not null)
        {
            int length = Math.Min(run.Written - run.Sent, 100);
            ReadOnlySpan<byte> piece = run.Output.AsSpan(run.Sent, length);
            new Output { Id = run.Id, Offset = (ulong)run.Sent, Bytes = piece }.WriteHead(Wire);
            Send(piece);
            run.Sent += length;
        }
    }

    private void End(SimRun run, Outcome outcome)
    {
        if (run.HasEnded || !_runs.ContainsKey(run.Id)) return;
        run.HasEnded = true;
        run.Outcome = run.KilledAs ?? outcome;
        if (run.Outcome == Outcome.Done) Write(run, run.Output.Length);
        if (run.Outcome == Outcome.Done) run.Written = run.Output.Length;
        run.Execution.EndedMs = Sim.NowMs;
        SendOutput(run);
        if (!run.IsSilent) SendEnd(run);
        Later(KeepMs, () => Forget(run));
    }

    private void Forget(SimRun run)
    {
        if (IsUp && Sim.NowMs - _upSinceMs >= KeepMs) _runs.Remove(run.Id);
        else Later(KeepMs, () => Forget(run));
    }

    private void SendEnd(SimRun run) => Tell(new Finished
    {
        Id = run.Id,
        Outcome = run.Outcome,
        ExitCode = run.Outcome == Outcome.Done ? run.Execution.ExitCode : 143,
        Offset = (ulong)run.Written,
    });

    private void Tell(in Finished finished)
    {
        finished.WriteHead(Wire);
        Send(finished.Tail);
    }

    private void Stop(Cancel cancel)
    {
        if (!_runs.TryGetValue(cancel.Id, out SimRun? run)) return;
        if (run.HasEnded)
        {
            _runs.Remove(run.Id);
            return;
        }
        run.Sent = run.Written;
        run.IsSilent = false;
        Kill(run, cancel.Why == ErrorCode.TimedOut ? Outcome.TimedOut : Outcome.Cancelled);
    }

    private void Kill(SimRun run, Outcome outcome)
    {
        if (run.HasEnded || run.IsCancelled) return;
        run.IsCancelled = true;
        run.KilledAs = outcome;
        // One in twenty hangs in the kernel and takes longer than is promised.
        Later(Sim.Random.Next(20) == 0 ? 6000 : Sim.Random.Next(1, 1100), () => End(run, outcome));
    }

    private void Replay(SimRun run, int offset)
    {
        run.Sent = Math.Clamp(offset, 0, run.Written);
        run.IsSilent = false;
        run.WasHeld = true;
        SendOutput(run);
        if (run.HasEnded) SendEnd(run);
    }
}

/// <summary>A run as its worker has it.</summary>
sealed class SimRun(in Run message, string service, byte[] output)
{
    private readonly SessionId _session = message.Session;
    private readonly RequestId _request = message.Request;

    public ulong Id { get; } = message.Id.Value;

    public bool IsOfTrigger { get; } = !message.Trigger.IsEmpty;

    public byte[] Output => output;

    public Execution Execution { get; set; } = null!;

    public int Written { get; set; }

    public int Sent { get; set; }

    public bool IsSilent { get; set; }

    public bool HasEnded { get; set; }

    public bool IsCancelled { get; set; }

    public bool WasHeld { get; set; }

    public Outcome Outcome { get; set; }

    public Outcome? KilledAs { get; set; }

    public HeldRun AsHeld => new(new(Id), _session, _request, 0, service);

    /// <summary>The output of a request: each byte tells whose it is and where it stands.</summary>
    public static byte[] Text(string request, int length)
    {
        byte[] text = new byte[length];
        int key = SimRequest.KeyOf(request);
        for (int i = 0; i < length; i++) text[i] = (byte)(key + i);
        return text;
    }
}
