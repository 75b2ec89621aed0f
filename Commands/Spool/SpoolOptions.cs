using TriggerFs.Core;

namespace TriggerFs.Commands.Spool;

/// <summary>What a spool is opened with.</summary>
/// <param name="Folder">Made with mode 0700 when it is not there.</param>
sealed record SpoolOptions(string Folder)
{
    private const long BytesMin = 2L * Limits.TriggerLimitMax;

    /// <summary>Bytes on the disk at the most; more is refused as a full disk is.</summary>
    public long BytesMax { get; init; } = 256L * 1024 * 1024;

    /// <summary>A message older than this is given up, said and kept among the rejected ones.</summary>
    public TimeSpan AgeMax { get; init; } = TimeSpan.FromDays(7);

    /// <summary>When a write returns, and when it is on the disk.</summary>
    public SyncRule Sync { get; init; } = SyncRule.Interval;

    /// <summary>
    /// Bytes after which a new segment is begun: whole segments are deleted, so this much is kept in vain.
    /// </summary>
    public int SegmentBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Messages whose place is known in memory; the places of others are read when it is their turn.</summary>
    public int WindowMax { get; init; } = 32 * 1024;

    /// <summary>Reads a rule such as <c>interval 100ms</c>.</summary>
    public SpoolOptions WithSync(string text) => this with { Sync = SyncRule.Parse(text) };

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
}
