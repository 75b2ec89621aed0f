using TriggerFs.Core;

namespace TriggerFs.Commands.Spool;

/// <summary>When what was written is also on the disk, not only with the kernel.</summary>
enum SyncPolicy : byte
{
    /// <summary>Never by us: a power cut loses what the kernel had not written yet (some 30 s).</summary>
    None = 1,

    /// <summary>Every <see cref="SpoolOptions.SyncEvery"/>: a power cut loses so much at the most.</summary>
    Interval = 2,

    /// <summary>
    /// Before a write returns; writers at the same time share one wait for the disk. Nothing is lost.
    /// </summary>
    Always = 3,
}

/// <summary>What a spool is opened with.</summary>
/// <param name="Folder">Made with mode 0700 when it is not there.</param>
sealed record SpoolOptions(string Folder)
{
    private const long BytesMin = 2L * Limits.TriggerLimitMax;

    /// <summary>Bytes on the disk at the most; more is refused as a full disk is.</summary>
    public long BytesMax { get; init; } = 256L * 1024 * 1024;

    /// <summary>A message older than this is given up, said and kept among the rejected ones.</summary>
    public TimeSpan AgeMax { get; init; } = TimeSpan.FromDays(7);

    public SyncPolicy Sync { get; init; } = SyncPolicy.Interval;

    public TimeSpan SyncEvery { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Bytes after which a new segment is begun: whole segments are deleted, so this much is kept in vain.
    /// </summary>
    public int SegmentBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Messages whose place is known in memory; the places of others are read when it is their turn.</summary>
    public int WindowMax { get; init; } = 32 * 1024;

    /// <summary>Reads <c>always</c>, <c>none</c>, <c>interval</c> or <c>interval 100ms</c>.</summary>
    public SpoolOptions WithSync(string text)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            ["always"] => this with { Sync = SyncPolicy.Always },
            ["none"] => this with { Sync = SyncPolicy.None },
            ["interval"] => this with { Sync = SyncPolicy.Interval },
            ["interval", string every] => this with { Sync = SyncPolicy.Interval, SyncEvery = CheckEvery(every) },
            _ => throw new TriggerException(ErrorCode.Settings, $"'{NameRule.Shown(text)}' is not a way to sync",
                "it is one of always, interval 100ms, none"),
        };
    }

    /// <summary>Reads a size such as <c>256MiB</c>.</summary>
    public SpoolOptions WithSize(string text) => ByteSize.Parse(text) is var size && size >= BytesMin
        ? this with { BytesMax = size }
        : throw new TriggerException(ErrorCode.Settings, $"'{NameRule.Shown(text)}' is too small for a spool",
            $"at least {BytesMin >> 20}MiB are needed: two of the largest messages");

    /// <summary>Reads an age such as <c>48h</c>.</summary>
    public SpoolOptions WithAge(string text) => Duration.Parse(text) is var age && age >= TimeSpan.FromMinutes(1)
        ? this with { AgeMax = age }
        : throw new TriggerException(ErrorCode.Settings, $"'{NameRule.Shown(text)}' is too short",
            "at least 1m is needed");

    private static TimeSpan CheckEvery(string text)
    {
        TimeSpan every = Duration.Parse(text);
        return every >= TimeSpan.FromMilliseconds(1) && every <= TimeSpan.FromMinutes(1) ? every
            : throw new TriggerException(ErrorCode.Settings,
                $"'{NameRule.Shown(text)}' cannot be the time between syncs", "1ms to 1m is allowed");
    }
}
