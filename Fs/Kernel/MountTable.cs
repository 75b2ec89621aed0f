using System.Globalization;
using System.Text;

namespace TriggerFs.Fs.Kernel;

/// <summary>
/// What is mounted where, from /proc/self/mountinfo: asks no file system, so it never hangs on a dead one.
/// </summary>
static class MountTable
{
    /// <summary>The file system type by which our mounts are told from others.</summary>
    public const string Type = "fuse.triggerfs";

    /// <summary>The topmost mount at a real path; null when nothing is mounted there.</summary>
    public static Mount? At(string path)
    {
        Mount? topmost = null;
        foreach (string line in File.ReadLines("/proc/self/mountinfo"))
            if (Parse(line) is { } mount && mount.Path == path) topmost = mount;
        return topmost;
    }

    /// <summary>Where triggerFS is mounted.</summary>
    public static IEnumerable<string> Ours() => File.ReadLines("/proc/self/mountinfo")
        .Select(Parse).Where(mount => mount?.FileSystem == Type).Select(mount => mount!.Path);

    /// <summary>
    /// "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue" (proc(5)): field 3 is the
    /// device, field 5 the path, and the type follows the lone hyphen.
    /// </summary>
    public static Mount? Parse(string line)
    {
        string[] fields = line.Split(' ');
        int hyphen = Array.IndexOf(fields, "-");
        if (fields.Length < 7 || hyphen < 6 || hyphen + 1 >= fields.Length) return null;
        string[] device = fields[2].Split(':');
        if (device.Length != 2 || !int.TryParse(device[1], CultureInfo.InvariantCulture, out int minor)) return null;
        return new(Unescape(fields[4]), fields[hyphen + 1], minor);
    }

    /// <summary>Space, tab, newline and backslash stand as three octal digits behind a backslash.</summary>
    private static string Unescape(string field)
    {
        if (!field.Contains('\\')) return field;
        byte[] bytes = Encoding.UTF8.GetBytes(field);
        int length = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            bool isEscape = bytes[i] == '\\' && i + 3 < bytes.Length;
            bytes[length++] = isEscape
                ? (byte)(((bytes[i + 1] - '0') << 6) | ((bytes[i + 2] - '0') << 3) | (bytes[i + 3] - '0'))
                : bytes[i];
            if (isEscape) i += 3;
        }
        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    /// <summary>One line of the table.</summary>
    /// <param name="DeviceMinor">Of a FUSE mount: the number of its connection in /sys/fs/fuse/connections.</param>
    internal sealed record Mount(string Path, string FileSystem, int DeviceMinor);
}
