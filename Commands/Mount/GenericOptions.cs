using TriggerFs.Core;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// What stands behind <c>-o</c>, as mount(8) and /etc/fstab have it: ours are read, the generic ones that others act on
/// are passed over, and what nobody knows is named.
/// </summary>
/// <param name="AllowOther">allow_other: users other than the one who mounts.</param>
/// <param name="ReadOnly">ro.</param>
/// <param name="NonEmpty">nonempty: mount over files.</param>
/// <param name="Unknown">Options that mean nothing to anybody here.</param>
sealed record GenericOptions(bool AllowOther, bool ReadOnly, bool NonEmpty, IReadOnlyList<string> Unknown)
{
    /// <summary>Of mount(8), systemd.mount(5) and fstab(5): done by those who call us, or always so here.</summary>
    private static readonly HashSet<string> Generic =
    [
        "rw", "auto", "noauto", "user", "users", "nouser", "owner", "group", "defaults", "_netdev", "nofail", "suid",
        "nosuid", "dev", "nodev", "exec", "noexec", "async", "sync", "dirsync", "atime", "noatime", "diratime",
        "nodiratime", "relatime", "norelatime", "strictatime", "nostrictatime", "lazytime", "nolazytime",
        "default_permissions", "auto_unmount", "comment",
    ];

    public static GenericOptions Parse(string? text)
    {
        bool allowOther = false, readOnly = false, nonEmpty = false;
        List<string> unknown = [];
        foreach (string option in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string name = option.Split('=')[0];
            if (name == "allow_other") allowOther = true;
            else if (name == "ro") readOnly = true;
            else if (name == "nonempty") nonEmpty = true;
            else if (!Generic.Contains(name) && !name.StartsWith("x-", StringComparison.Ordinal))
                unknown.Add(NameRule.Shown(name));
        }
        return new(allowOther, readOnly, nonEmpty, unknown);
    }
}
