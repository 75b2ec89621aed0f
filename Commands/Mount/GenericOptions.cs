using System.Globalization;
using TriggerFs.Core;
using TriggerFs.Fs;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// What stands behind <c>-o</c>, as mount(8) and /etc/fstab have it: ours are read, the generic ones that others act on
/// are passed over, and what nobody knows is named.
/// </summary>
sealed record GenericOptions
{
    /// <summary>Of mount(8), systemd.mount(5) and fstab(5): done by those who call us, or always so here.</summary>
    private static readonly HashSet<string> Generic =
    [
        "auto", "noauto", "user", "users", "nouser", "owner", "group", "defaults", "_netdev", "nofail", "suid",
        "nosuid", "dev", "nodev", "exec", "noexec", "async", "sync", "dirsync", "atime", "noatime", "diratime",
        "nodiratime", "relatime", "norelatime", "strictatime", "nostrictatime", "lazytime", "nolazytime", "iversion",
        "noiversion", "mand", "nomand", "silent", "loud", "default_permissions", "auto_unmount", "comment",
    ];

    /// <summary>allow_other: users other than the one who mounts may use it, too.</summary>
    public bool AllowOther { get; private init; }

    /// <summary>ro; the last of ro and rw counts.</summary>
    public bool ReadOnly { get; private init; }

    /// <summary>nonempty: mount over files.</summary>
    public bool NonEmpty { get; private init; }

    /// <summary>uid=: a number, or a name of /etc/passwd. Null when it is not given, as the rest.</summary>
    public uint? Uid { get; private init; }

    /// <summary>gid=: a number, or a name of /etc/group.</summary>
    public uint? Gid { get; private init; }

    /// <summary>umask=, in octal: the bits that no mode has.</summary>
    public uint? Umask { get; private init; }

    /// <summary>threads=.</summary>
    public int? Threads { get; private init; }

    /// <summary>logfile=.</summary>
    public string? Logfile { get; private init; }

    /// <summary>Options that mean nothing to anybody here.</summary>
    public IReadOnlyList<string> Unknown { get; private init; } = [];

    /// <summary>Reads a list of options; refuses values that make no sense.</summary>
    public static GenericOptions Parse(string? text)
    {
        var options = new GenericOptions();
        foreach (string option in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = option.Split('=', 2);
            options = options.With(parts[0], parts.Length > 1 ? parts[1] : "");
        }
        return options;
    }

    /// <summary>How many reader threads a text asks for: 1 to 16.</summary>
    public static int ThreadsOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int threads)
            && threads is >= 1 and <= FuseSession.ThreadsMax
            ? threads
            : throw Bad("threads", text, $"a number from 1 to {FuseSession.ThreadsMax}");

    private GenericOptions With(string name, string value) => name switch
    {
        "allow_other" => this with { AllowOther = true },
        "ro" => this with { ReadOnly = true },
        "rw" => this with { ReadOnly = false },
        "nonempty" => this with { NonEmpty = true },
        "uid" => this with { Uid = Accounts.User(value) ?? throw Bad(name, value, "a number, or a user of this host") },
        "gid" => this with
        {
            Gid = Accounts.Group(value) ?? throw Bad(name, value, "a number, or a group of this host"),
        },
        "umask" => this with { Umask = Octal(value) },
        "threads" => this with { Threads = ThreadsOf(value) },
        "logfile" when value.Length > 0 => this with { Logfile = value },
        _ when Generic.Contains(name) || name.StartsWith("x-", StringComparison.Ordinal) => this,
        _ => this with { Unknown = [.. Unknown, NameRule.Shown(name)] },
    };

    private static uint Octal(string text)
    {
        bool isOctal = text.Length is > 0 and <= 4 && text.All(digit => digit is >= '0' and <= '7');
        uint umask = isOctal ? Convert.ToUInt32(text, 8) : uint.MaxValue;
        return umask <= 0x1FF ? umask : throw Bad("umask", text, "octal permission bits such as 027");
    }

    private static TriggerException Bad(string name, string value, string wanted) => new(
        ErrorCode.Usage, $"'{NameRule.Shown(value)}' is no {name}", $"{name}= takes {wanted}",
        $"-o {name}=…, or the options in /etc/fstab");
}
