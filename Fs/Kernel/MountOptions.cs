namespace TriggerFs.Fs.Kernel;

/// <summary>How the kernel mounts us.</summary>
/// <param name="Mountpoint">The directory, as the user named it.</param>
/// <param name="AllowOther">Users other than the one who mounts may use it.</param>
/// <param name="ReadOnly">Nobody writes: a tree to look at.</param>
/// <param name="NonEmpty">Mount even where files are, which are then hidden.</param>
/// <param name="ByFusermount">Mount through fusermount3 even as root.</param>
/// <param name="Source">What df and mount show in their first column.</param>
sealed record MountOptions(
    string Mountpoint,
    bool AllowOther = false,
    bool ReadOnly = false,
    bool NonEmpty = false,
    bool ByFusermount = false,
    string Source = "triggerfs");
