using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>
/// A worker that is root runs only what nobody else can change: neither the file nor any folder above it. A folder with
/// the sticky bit (/tmp) is no danger, as others cannot take away or rename what is root's.
/// </summary>
static class Trust
{
    private const int Sticky = 0x200, GroupWrites = 0x10, OthersWrite = 0x2;

    /// <summary>Refuses a file that somebody else could have changed, with who and where.</summary>
    public static void Check(OpenedFile file)
    {
        if (Flaw(file) is { } flaw) throw Refuse(file.RealPath, flaw, file.RealPath);
        for (string? folder = Path.GetDirectoryName(file.RealPath); folder is not null;
            folder = Path.GetDirectoryName(folder))
        {
            using OpenedFile? above = OpenedFile.Open(folder, read: false, out int errno);
            if (above is null) throw Refuse(file.RealPath, $"cannot be looked at: {Native.Describe(errno)}", folder);
            if (Flaw(above) is { } wide) throw Refuse(file.RealPath, wide, folder);
        }
    }

    /// <summary>Who besides root can change a file or folder; null when nobody can.</summary>
    public static string? Flaw(OpenedFile file)
    {
        if (file.Owner != 0) return $"belongs to user {file.Owner}, who can change it";
        if (file.IsFolder && (file.Mode & Sticky) != 0) return null;
        if ((file.Mode & OthersWrite) != 0) return "can be changed by everybody";
        return (file.Mode & GroupWrites) != 0 && file.Group != 0
            ? $"can be changed by group {file.Group}" : null;
    }

    private static TriggerException Refuse(string file, string why, string where) => new(
        ErrorCode.NotAllowed, $"{file} is not run: others could have changed it",
        $"this worker is root, and {where} {why}", $"chown root:root {where} && chmod go-w {where}");
}
