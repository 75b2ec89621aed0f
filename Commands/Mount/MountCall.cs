using TriggerFs.Core;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// The command line with which mount(8) calls its helpers, in the words of <c>triggerfs mount</c>:
/// <c>mount.triggerfs SOURCE MOUNTPOINT [-sfnv] [-N namespace] [-o options] [-t type]</c>.
/// </summary>
static class MountCall
{
    /// <summary>The names in /sbin under which mount(8) looks for us.</summary>
    public static bool IsName(string program) => program is "mount.triggerfs" or "mount.fuse.triggerfs";

    /// <summary>
    /// Whether a program of no such name is called like this all the same: mount.fuse3(8) runs the type itself as
    /// <c>triggerfs SOURCE MOUNTPOINT -o options</c>.
    /// </summary>
    public static bool IsCall(string[] args) =>
        args is [var source, _, "-o", ..] && (source.Contains('/') || IsNameOfDefault(source));

    /// <summary>A source that stands for the settings that are found, not for a file.</summary>
    public static bool IsNameOfDefault(string source) => source is "triggerfs" or "none";

    /// <summary>
    /// The arguments for <c>triggerfs</c>. mount(8) goes on when the helper returns, so the mount goes to the
    /// background then.
    /// </summary>
    public static string[] Arguments(string[] args)
    {
        List<string> options = [], places = [];
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "-o" when i + 1 < args.Length:
                    options.AddRange("-o", args[++i]);
                    break;
                case "-t" when i + 1 < args.Length:
                    i++; // Our own type, as /etc/fstab has it.
                    break;
                case "-N":
                    throw new TriggerException(
                        ErrorCode.Unsupported, "mount.triggerfs cannot mount in another namespace",
                        fix: "nsenter --mount=… triggerfs mount --daemon …");
                case ['-', not '-', ..] flags when flags[1..].All("sfnv".Contains):
                    if (flags.Contains('f')) options.Add("--dry-run");
                    break;
                default:
                    places.Add(args[i]);
                    break;
            }
        }
        return ["mount", "--daemon", .. options, .. places];
    }
}
