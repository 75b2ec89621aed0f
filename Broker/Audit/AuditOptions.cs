namespace TriggerFs.Broker.Audit;

/// <summary>Where the audit is, and how much of it is kept.</summary>
/// <param name="Folder">Made when it is not there.</param>
/// <param name="SizeMax">Bytes of all files together; the oldest are removed above it.</param>
/// <param name="AgeMax">What is older is removed.</param>
sealed record AuditOptions(string Folder, long SizeMax = AuditOptions.SizeDefault, TimeSpan? AgeMax = null)
{
    /// <summary>Some 600,000 lines.</summary>
    public const long SizeDefault = 256L * 1024 * 1024;

    /// <summary>Below it there is no room for a day of a small team.</summary>
    public const long SizeMin = 1024 * 1024;

    /// <summary>A year and a month, so that a yearly review finds the whole year.</summary>
    public static readonly TimeSpan AgeDefault = TimeSpan.FromDays(396);

    /// <summary>Files in which it is kept: what is removed at once is a file.</summary>
    private const int Files = 16;

    private const long FileMax = 16 * 1024 * 1024;

    /// <summary>Bytes after which a file is full.</summary>
    public long FileSizeMax => Math.Min(SizeMax / Files, FileMax);

    /// <summary>Time after which a file is full.</summary>
    public TimeSpan FileAgeMax => (AgeMax ?? AgeDefault) / Files;

    /// <summary>What is older is removed.</summary>
    public TimeSpan Age => AgeMax ?? AgeDefault;
}
