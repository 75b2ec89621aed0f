namespace TriggerFs.Fs.Kernel;

/// <summary>How the kernel mounts us, and how we show the files.</summary>
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
    string Source = "triggerfs")
{
    /// <summary>The owner that files have; null for the user who mounts.</summary>
    public uint? Uid { get; init; }

    /// <summary>The group that files have; null for the group of the user who mounts.</summary>
    public uint? Gid { get; init; }

    /// <summary>
    /// Permission bits that no mode has, as in fuse(8): then the modes are 0777 (directories) and 0666 (triggers)
    /// without these, whatever the tree says. Null to show the tree's own.
    /// </summary>
    public uint? Umask { get; init; }

    /// <summary>The directory was made for the mount: should this process die, it goes with it.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>Reader threads; null for the default.</summary>
    public int? Threads { get; init; }
}
