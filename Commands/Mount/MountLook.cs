using TriggerFs.Core;
using TriggerFs.Fs.Kernel;

namespace TriggerFs.Commands.Mount;

/// <summary>What <c>triggerfs mount --status</c> prints: what running mounts say of themselves.</summary>
static class MountLook
{
    private static readonly string[] Files = ["status", "spool"];

    /// <summary>How long a mount has to answer: one whose process stands still never does.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);

    /// <summary>Prints the mount at a place, or all that are there.</summary>
    /// <exception cref="TriggerException">
    /// There is none at the place, or this user may not look into it, or it does not answer.
    /// </exception>
    public static int Print(string? mountpoint, TextWriter output)
    {
        if (mountpoint is null) PrintAll(MountTable.Ours, output);
        else output.Write(Look(Path.GetFullPath(mountpoint)));
        return ExitCodes.Ok;
    }

    /// <summary>
    /// Prints all: one that cannot be looked into (another user's, one that hangs) does not hide the others, and says
    /// why; one that went away meanwhile says nothing.
    /// </summary>
    /// <param name="mounted">Where something is mounted at this moment.</param>
    /// <param name="output">Where to print it.</param>
    public static void PrintAll(Func<IEnumerable<string>> mounted, TextWriter output)
    {
        string[] places = [.. mounted()];
        if (places.Length == 0)
            throw new TriggerException(ErrorCode.NotFound, "no triggerFS is mounted here", null,
                "triggerfs mount DIRECTORY");
        foreach (string place in places)
        {
            try
            {
                output.Write(Look(place));
            }
            catch (TriggerException problem)
            {
                if (mounted().Contains(place)) output.Write($"mountpoint: {place}\nstate: unknown, {problem.Why}\n");
            }
        }
    }

    private static string Look(string place)
    {
        // By another thread, which ends with the program: nothing takes a call back that the kernel waits in.
        var read = Task.Run(() => string.Concat(Files.Select(file => Read(place, file))));
        try
        {
            if (read.Wait(AnswerMax)) return $"mountpoint: {place}\n{read.Result}";
        }
        catch (AggregateException problem) when (problem.InnerException is IOException or UnauthorizedAccessException)
        {
            throw Unseen(place, problem.InnerException.Message, problem);
        }
        throw Unseen(place, $"it did not answer within {AnswerMax.TotalSeconds} s", null);
    }

    private static string Read(string place, string file) => File.ReadAllText(Path.Join(place, ".triggerfs", file));

    private static TriggerException Unseen(string place, string why, Exception? problem) => new(
        ErrorCode.NotFound, $"no triggerFS that you may look into is mounted on {place}", why,
        "triggerfs mount --status shows all that are", problem);
}
