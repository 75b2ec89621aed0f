using System.Globalization;
using System.Text.Json;
using TriggerFs.Core;

namespace TriggerFs.Commands.Client;

/// <summary>A request that not all of its workers did well, with all that is needed to ask them again.</summary>
/// <param name="Failed">The workers that did not do it, or not well.</param>
sealed record FailedRun(
    DateTimeOffset At, string Service, string Plugin, double TimeoutMs, byte[] Args, byte[] Payload, string[] Failed);

/// <summary>
/// The requests of a user that failed on some of several workers, in a folder that nobody else may read (the messages
/// are in it), by numbers: what <c>--retry-failed</c> knows.
/// </summary>
/// <param name="folder">Made with mode 0700 when something is kept; null for none.</param>
sealed class FailedRuns(string? folder)
{
    /// <summary>Requests that are kept; the oldest one goes.</summary>
    public const int CountMax = 100;

    private const string Suffix = ".json";

    /// <summary>
    /// Keeps a request; returns its number. Another process may do the same at the same time. A folder that cannot be
    /// written is thrown.
    /// </summary>
    public int Keep(FailedRun run)
    {
        if (folder is null) throw Unusable("there is no home directory");
        try
        {
            Directory.CreateDirectory(folder,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(run, ClientJson.Readable.FailedRun);
            int[] numbers = Numbers();
            foreach (int old in numbers.SkipLast(CountMax - 1)) File.Delete(PathOf(old));
            for (int number = numbers.LastOrDefault() + 1; ; number++)
                if (TryWrite(PathOf(number), json)) return number;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw Unusable(problem.Message);
        }
    }

    /// <summary>What was kept under a number; throws when there is nothing.</summary>
    public FailedRun Read(string text)
    {
        bool isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        if (!isNumber || folder is null || !File.Exists(PathOf(number)))
            throw new TriggerException(ErrorCode.NotFound, $"there is no failed run {NameRule.Shown(text)}",
                $"the newest {CountMax} of this user at this broker are kept, in {folder}",
                "take the number that the client printed when it failed");
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(PathOf(number)), ClientJson.Readable.FailedRun)!;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new TriggerException(ErrorCode.Storage, $"{PathOf(number)} cannot be read", problem.Message);
        }
    }

    private int[] Numbers() =>
    [
        .. Directory.GetFiles(folder!, "*" + Suffix).Select(Path.GetFileNameWithoutExtension)
            .Select(name => int.TryParse(name, CultureInfo.InvariantCulture, out int number) ? number : 0)
            .Where(number => number > 0).Order(),
    ];

    private string PathOf(int number) =>
        Path.Combine(folder!, number.ToString(CultureInfo.InvariantCulture) + Suffix);

    private static bool TryWrite(string path, byte[] json)
    {
        try
        {
            using FileStream file = new(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            file.Write(json);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    private static TriggerException Unusable(string why) => new(ErrorCode.Storage,
        "it is not kept on which workers the request failed, so it cannot be sent to these alone", why,
        "set XDG_STATE_HOME to a folder that you may write to");
}
