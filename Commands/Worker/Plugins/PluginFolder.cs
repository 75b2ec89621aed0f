using System.Runtime.InteropServices;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>
/// A folder below which a plugin's name is the path of its program. Everything is judged by the file that was opened,
/// where it really is, so that neither <c>..</c> nor a link leads out.
/// </summary>
/// <param name="path">The folder, absolute.</param>
/// <param name="isRoot">The worker is root, and runs only what others cannot change.</param>
sealed class PluginFolder(string path, bool isRoot)
{
    private const int AnyExecute = 0x49; // 0111

    /// <summary>Folders below one another that a listing goes into.</summary>
    private const int DepthMax = 4;

    /// <summary>Names in a listing: more than anybody reads.</summary>
    private const int NamesMax = 2000;

    public string FolderPath => path;

    /// <summary>
    /// The plugin of a name that was checked, or null when it is not there. One that is there and cannot be run, or
    /// must not be, is refused with what is wrong.
    /// </summary>
    public FoundFile? Find(string name)
    {
        using OpenedFile? root = OpenedFile.Open(path, read: false, out int errno);
        if (root is null)
            throw new TriggerException(ErrorCode.NotFound, $"pluginspath {path} cannot be looked into",
                Native.Describe(errno), "make the folder, or set pluginspath under [workers] to another one");
        foreach (string candidate in name.Contains('/') ? [name] : new[] { name, $"{name}/{name}" })
        {
            using OpenedFile? file = OpenBeneath(root, candidate, read: false);
            if (file is null || file.IsFolder) continue;
            Check(file);
            return Describe(root, candidate, file);
        }
        return null;
    }

    /// <summary>The names of all that looks like a plugin, in no order.</summary>
    public IEnumerable<string> Names()
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = DepthMax,
            IgnoreInaccessible = true,
        };
        if (!Directory.Exists(path)) return [];
        return Directory.EnumerateFiles(path, "*", options)
            .Where(file => ((int)File.GetUnixFileMode(file) & AnyExecute) != 0)
            .Select(file => Path.GetRelativePath(path, file)).Take(NamesMax);
    }

    /// <summary>A file below the folder; null when it is not there.</summary>
    private OpenedFile? OpenBeneath(OpenedFile root, string name, bool read)
    {
        OpenedFile? file = OpenedFile.Open($"{path}/{name}", read, out int errno);
        if (file is null)
        {
            if (errno is Native.ENOENT or Native.ENOTDIR) return null;
            throw new TriggerException(ErrorCode.NotAllowed, $"{path}/{name} cannot be opened",
                errno == Native.ELOOP ? "its links lead in a circle" : Native.Describe(errno));
        }
        string beneath = root.RealPath == "/" ? "/" : root.RealPath + "/";
        if (file.RealPath.StartsWith(beneath, StringComparison.Ordinal)) return file;
        string real = file.RealPath;
        file.Dispose();
        throw new TriggerException(ErrorCode.NotAllowed, $"{path}/{name} is a link that leads out of the folder",
            $"it leads to {real}", $"copy the program into {path}");
    }

    private void Check(OpenedFile file)
    {
        if (!file.IsRegular)
            throw new TriggerException(ErrorCode.NotAllowed, $"{file.RealPath} is no program", "it is no regular file");
        if ((file.Mode & AnyExecute) == 0)
            throw new TriggerException(ErrorCode.NotAllowed, $"{file.RealPath} is not executable",
                fix: $"chmod +x {file.RealPath}");
        if (isRoot) Trust.Check(file);
    }

    private FoundFile Describe(OpenedFile root, string name, OpenedFile file)
    {
        string folder = Path.GetDirectoryName(name) is { Length: > 0 } above ? above + "/" : "";
        string leaf = Path.GetFileName(name);
        PluginManifest manifest = PluginManifest.None;
        FileStamp stamp = default;
        string unknown = "";
        foreach (string candidate in (string[])[$"{folder}{leaf}.json", $"{folder}plugin.json"])
        {
            if (candidate == name) continue;
            using OpenedFile? beside = OpenBeneath(root, candidate, read: true);
            if (beside is null || !beside.IsRegular) continue;
            if (isRoot) Trust.Check(beside);
            byte[] json = beside.ReadAll(ManifestReader.SizeMax) ?? throw new TriggerException(
                ErrorCode.TooLarge, $"{beside.RealPath} is too large", $"{ManifestReader.SizeMax} bytes are allowed");
            PluginManifest read = ManifestReader.Read(json, beside.RealPath, out unknown);
            // One for the folder may be of another program in it.
            bool isOfFolder = Path.GetFileName(candidate) == "plugin.json" && read.Name.Length > 0;
            if (isOfFolder && read.Name != name && read.Name != leaf) continue;
            (manifest, stamp) = (read, beside.Stamp);
            break;
        }
        CheckPlatform(manifest, name);
        bool needsZeroMq = manifest.Contract is null && ElfFile.Needs(file.RealPath, "libzmq.so");
        return new(name, file.RealPath, file.Stamp, stamp, manifest, unknown, needsZeroMq);
    }

    private static void CheckPlatform(PluginManifest manifest, string name)
    {
        string here = $"linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
        if (manifest.Platforms.Count > 0 && !manifest.Platforms.Contains(here) && !manifest.Platforms.Contains("linux"))
            throw new TriggerException(ErrorCode.NotAllowed, $"the plugin {name} is not for this machine",
                $"this is {here}, and it is for {string.Join(", ", manifest.Platforms)}");
    }
}
