namespace TriggerFs.Core;

/// <summary>When what was written is also on the disk, not only with the kernel.</summary>
enum SyncPolicy : byte
{
    /// <summary>Never by us: a power cut loses what the kernel had not written yet (some 30 s).</summary>
    None = 1,

    /// <summary>Every so often: a power cut loses so much at the most.</summary>
    Interval = 2,

    /// <summary>Before it counts as written; what comes at the same time shares one wait. Nothing is lost.</summary>
    Always = 3,
}

/// <summary>When messages that wait in files are brought to the disk: a mount's spool, a broker's queue.</summary>
/// <param name="Every">Between two syncs, 1 ms to 1 min; zero where there is no interval.</param>
readonly record struct SyncRule(SyncPolicy Policy, TimeSpan Every = default)
{
    public static readonly SyncRule None = new(SyncPolicy.None);
    public static readonly SyncRule Interval = new(SyncPolicy.Interval, TimeSpan.FromMilliseconds(100));
    public static readonly SyncRule Always = new(SyncPolicy.Always);

    /// <summary>Reads <c>always</c>, <c>none</c>, <c>interval</c> or <c>interval 100ms</c>.</summary>
    public static SyncRule Parse(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["always"] => Always,
            ["none"] => None,
            ["interval"] => Interval,
            ["interval", string every] => Interval with { Every = CheckEvery(every) },
            _ => throw new TriggerException(ErrorCode.Settings, $"'{NameRule.Shown(text)}' is not a way to sync",
                "it is one of always, interval 100ms, none"),
        };

    public override string ToString() => Policy == SyncPolicy.Interval
        ? $"interval {Duration.Print(Every)}" : Policy.ToString().ToLowerInvariant();

    private static TimeSpan CheckEvery(string text)
    {
        TimeSpan every = Duration.Parse(text);
        return every >= TimeSpan.FromMilliseconds(1) && every <= TimeSpan.FromMinutes(1) ? every
            : throw new TriggerException(ErrorCode.Settings,
                $"'{NameRule.Shown(text)}' cannot be the time between syncs", "1ms to 1m is allowed");
    }
}
