using System.Text;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// Puts a new token into the settings file in the place of the old one, which is as long: everything else in the file,
/// its owner, its mode and links to it stay as they are. Only where that is safe: the file has the token once, in the
/// worker's section, and nobody else can read it.
/// </summary>
/// <param name="file">The settings file; null for none.</param>
/// <param name="worker">The worker, with the token that it has now.</param>
/// <param name="isElsewhere">The token came from the environment and not from the file.</param>
sealed class SettingsTokenKeeper(string? file, WorkerSettings worker, bool isElsewhere) : ITokenKeeper
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite;

    private string _token = worker.Token;

    public void Keep(string token)
    {
        if (isElsewhere || file is null)
            throw Cannot("the token comes from the environment", "put the new one into TRIGGERFS_TOKEN");
        try
        {
            if ((File.GetUnixFileMode(file) & Others) != 0)
                throw Cannot($"{file} can be read by others", $"chmod 600 {Shell.Quote(file)}");
            Replace(file, token);
            _token = token;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw Cannot(problem.Message, "let the user that the worker runs as write to it");
        }
    }

    private void Replace(string path, string token)
    {
        byte[] bytes = File.ReadAllBytes(path);
        string before = Encoding.Latin1.GetString(bytes);
        int at = before.IndexOf(_token, StringComparison.OrdinalIgnoreCase);
        if (at < 0) throw Cannot($"{path} does not have the old token any more");
        if (before.IndexOf(_token, at + 1, StringComparison.OrdinalIgnoreCase) >= 0)
            throw Cannot($"{path} has the old token more than once");
        if (token.Length != _token.Length) throw Cannot("the new token is not as long as the old one");
        byte[] written = Encoding.ASCII.GetBytes(token);
        written.CopyTo(bytes, at);
        if (!IsOurs(path, bytes, token)) throw Cannot($"the old token in {path} is not this worker's");
        // Other programs read their settings at any time: a lock would be in their way, and theirs in ours.
        using FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        stream.Position = at;
        stream.Write(written);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Read as it would be at the next start, the file has the new token for this worker.</summary>
    private bool IsOurs(string path, byte[] bytes, string token) =>
        SettingsFile.Parse(Encoding.UTF8.GetString(bytes), path).Workers.All.Any(
            one => (one.Team, one.Identity, one.Token) == (worker.Team, worker.Identity, token));

    private static TriggerException Cannot(string why, string? fix = null) => new(
        ErrorCode.Settings, "the new token cannot be put into the settings", why,
        fix ?? "put it there by hand: triggerfs cli -c 'show workers IDENTITY token'");
}
