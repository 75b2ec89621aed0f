using TriggerFs.Core;
using TriggerFs.Fs.Kernel;

namespace TriggerFs.Commands.Mount;

/// <summary>What <c>triggerfs mount --status</c> prints: what running mounts say of themselves.</summary>
static class MountLook
{
    private static readonly string[] Files = ["status", "spool"];

    /// <summary>Prints the mount at a place, or all that this user may look into.</summary>
    public static int Print(string? mountpoint, TextWriter output)
    {
        string[] places = mountpoint is null ? [.. MountTable.Ours()] : [Path.GetFullPath(mountpoint)];
        if (places.Length == 0)
            throw new TriggerException(ErrorCode.NotFound, "no triggerFS is mounted here", null,
                "triggerfs mount DIRECTORY");
        foreach (string place in places)
        {
            output.WriteLine($"mountpoint: {place}");
            foreach (string file in Files) output.Write(Read(place, file));
        }
        return ExitCodes.Ok;
    }

    private static string Read(string place, string file)
    {
        try
        {
            return File.ReadAllText(Path.Join(place, ".triggerfs", file));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(ErrorCode.NotFound, $"no triggerFS that you may look into is mounted on {place}",
                problem.Message, "triggerfs mount --status shows all that are", problem);
        }
    }
}
