using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Mail;

/// <summary>
/// Tells those who answer for a worker when it was lost, and when it is back. Damped: a short absence is told to
/// nobody, and one that flaps is told of once an hour at the most.
/// </summary>
sealed class WorkerWatch
{
    /// <summary>An absence that a restart or a bad network explains.</summary>
    public static readonly TimeSpan Forgiven = TimeSpan.FromMinutes(1);

    /// <summary>Between two letters that the same worker is lost.</summary>
    public static readonly TimeSpan QuietMin = TimeSpan.FromHours(1);

    private readonly Dictionary<WorkerId, Absence> _absences = [];
    private readonly List<WorkerId> _due = [];

    /// <summary>A worker that did not say goodbye is gone.</summary>
    public void Lost(WorkerId worker, string why, Instant now)
    {
        _absences.TryGetValue(worker, out Absence? before);
        long toldMs = before?.ToldMs ?? long.MinValue;
        long dueMs = now.SteadyMs + (long)Forgiven.TotalMilliseconds;
        if (toldMs != long.MinValue) dueMs = Math.Max(dueMs, toldMs + (long)QuietMin.TotalMilliseconds);
        _absences[worker] = new(why, now, dueMs, toldMs);
    }

    /// <summary>The worker is there; since when it was away if that was told, else null.</summary>
    public Instant? Back(WorkerId worker, Instant now)
    {
        if (!_absences.TryGetValue(worker, out Absence? absence)) return null;
        bool wasTold = absence.IsTold;
        bool isQuiet = now.SteadyMs - absence.ToldMs < QuietMin.TotalMilliseconds;
        if (absence.ToldMs == long.MinValue || !isQuiet) _absences.Remove(worker);
        else _absences[worker] = absence with { DueMs = long.MaxValue, IsTold = false };
        return wasTold ? absence.Since : null;
    }

    public void Forget(WorkerId worker) => _absences.Remove(worker);

    /// <summary>The workers whose absence is to be told now, each once, with why and since when.</summary>
    public IEnumerable<(WorkerId Worker, string Why, Instant Since)> Due(Instant now)
    {
        _due.Clear();
        foreach ((WorkerId worker, Absence absence) in _absences)
            if (now.SteadyMs >= absence.DueMs) _due.Add(worker);
        if (_due.Count == 0) return [];
        return [.. _due.Select(worker => Tell(worker, now))];
    }

    private (WorkerId Worker, string Why, Instant Since) Tell(WorkerId worker, Instant now)
    {
        Absence absence = _absences[worker];
        _absences[worker] = absence with { DueMs = long.MaxValue, ToldMs = now.SteadyMs, IsTold = true };
        return (worker, absence.Why, absence.Since);
    }

    /// <param name="Why">How it went.</param>
    /// <param name="Since">When it went.</param>
    /// <param name="DueMs">When it is told, if the worker is not back by then; never when it was.</param>
    /// <param name="ToldMs">When it was told last that this worker is lost.</param>
    /// <param name="IsTold">This absence was told.</param>
    private sealed record Absence(string Why, Instant Since, long DueMs, long ToldMs, bool IsTold = false);
}
