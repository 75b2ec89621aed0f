using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Simulation;

/// <summary>One start of a plugin on a worker: what really happened, whatever anybody was told.</summary>
sealed class Execution(string worker, long beganMs, int exitCode, int outputLength)
{
    public string Worker => worker;

    public long BeganMs => beganMs;

    public int ExitCode => exitCode;

    public int OutputLength => outputLength;

    public long EndedMs { get; set; } = -1;
}

/// <summary>What really happened, and whether it is what was promised.</summary>
sealed class Ledger(Dictionary<string, Service> services, Func<WorkerId, string> nameOf)
{
    private readonly Dictionary<string, List<Execution>> _executions = [];

    public Algorithm AlgorithmOf(string service) => services[service].Algorithm;

    public int Answered { get; private set; }

    /// <summary>How often each kind of end or refusal was told.</summary>
    public Dictionary<string, int> Kinds { get; } = [];

    public void Count(string kind) => Kinds[kind] = Kinds.GetValueOrDefault(kind) + 1;

    /// <summary>A plugin starts. The request names itself in its payload.</summary>
    public Execution Began(string request, string service, string worker, long nowMs, int exitCode, int length)
    {
        if (!_executions.TryGetValue(request, out List<Execution>? list)) _executions[request] = list = [];
        var execution = new Execution(worker, nowMs, exitCode, length);
        list.Add(execution);
        Service rules = services[service];
        int limit = 1 + rules.Retry;
        int same = rules.Algorithm == Algorithm.RoundRobin ? list.Count : list.Count(one => one.Worker == worker);
        Must(same <= limit, $"{request} was started {same} times, {limit} allowed");
        if (rules.Algorithm == Algorithm.Serial) CheckOrder(request, rules, list);
        return execution;
    }

    private void CheckOrder(string request, Service rules, List<Execution> list)
    {
        int[] places = [.. list.Select(one => rules.Workers.ToList().FindIndex(id => nameOf(id) == one.Worker))];
        for (int i = 1; i < places.Length; i++)
            Must(places[i] >= places[i - 1],
                $"{request} ran out of order: {string.Join(' ', list.Select(one => one.Worker))}");
    }

    /// <summary>
    /// A worker's end as its sender was told: it did happen, after those before it, and all output is there.
    /// </summary>
    public void Told(SimRequest request, in Finished end, string worker, long nowMs)
    {
        Count(end.Outcome.ToString());
        if (end.Outcome != Outcome.Done) return;
        ulong offset = end.Offset;
        int exitCode = end.ExitCode;
        List<Execution> list = _executions.GetValueOrDefault(request.Name) ?? [];
        // With retry the output of earlier attempts stands before.
        Must(list.Any(one =>
            one.Worker == worker && one.ExitCode == exitCode && one.EndedMs >= 0 && one.EndedMs <= nowMs
            && (request.Retry > 0 || one.OutputLength == (int)offset)),
                $"{request.Name} was told of an end that did not happen");
    }

    /// <summary>The request has its whole answer.</summary>
    public void Ended(SimRequest request, IReadOnlyCollection<string> workers)
    {
        Answered++;
        Service rules = services[request.Service];
        if (rules.Algorithm == Algorithm.RoundRobin)
        {
            Must(workers.Count == 1, $"{request.Name} had {workers.Count} answers");
            return;
        }
        if (rules is { Algorithm: Algorithm.Serial, OnFailure: OnFailure.Stop }) return;
        string[] all = [.. rules.Workers.Select(nameOf).Order()];
        Must(all.SequenceEqual(workers.Order()), $"{request.Name} heard of {string.Join(", ", workers.Order())}");
    }

    public static void Must(bool holds, string what)
    {
        if (!holds) throw new BrokenPromiseException(what);
    }
}

/// <summary>What was promised did not hold.</summary>
sealed class BrokenPromiseException(string what) : Exception(what);
