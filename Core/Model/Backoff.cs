namespace TriggerFs.Core.Model;

/// <summary>How long a message that failed waits for its next attempt: twice as long after each failure.</summary>
/// <param name="MinMs">After the first failure, in ms, at least 1.</param>
/// <param name="MaxMs">However many failures there were, in ms.</param>
readonly record struct Backoff(uint MinMs, uint MaxMs)
{
    public static readonly Backoff Default = new(1_000, 300_000);

    /// <summary>Reads <c>1s..5m</c>, or <c>10s</c> for always the same time.</summary>
    public static Backoff Parse(string text)
    {
        string[] ends = text.Split("..");
        if (ends.Length <= 2
            && Duration.TryParse(ends[0], out TimeSpan min) && Duration.TryParse(ends[^1], out TimeSpan max)
            && min.TotalMilliseconds >= 1 && min <= max && max <= Limits.BackoffMax)
            return new((uint)min.TotalMilliseconds, (uint)max.TotalMilliseconds);
        throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is not a backoff",
            $"a backoff is a time, or two with '..' between them, from 1ms to {Limits.BackoffMax.TotalHours:0}h",
            "write it like 1s..5m, or 10s");
    }

    /// <summary>
    /// The time before the next attempt, in ms: up to a quarter less than it would be, so that not all come back
    /// together.
    /// </summary>
    /// <param name="failures">Attempts that failed before this one.</param>
    /// <param name="random">64 random bits.</param>
    public long After(int failures, ulong random)
    {
        long ms = Math.Min((long)MinMs << Math.Min(failures, 30), MaxMs);
        return ms - (long)(random % ((ulong)(ms / 4) + 1));
    }

    public override string ToString()
    {
        string min = Duration.Print(TimeSpan.FromMilliseconds(MinMs));
        return MinMs == MaxMs ? min : $"{min}..{Duration.Print(TimeSpan.FromMilliseconds(MaxMs))}";
    }
}
