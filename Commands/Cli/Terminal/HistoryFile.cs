using System.Text;
using System.Text.RegularExpressions;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>
/// The history from one console to the next, in the XDG state folder, for its owner alone. Only lines that were
/// understood are kept, and none that has a secret in it, or looks as if: what was typed into the wrong window is not.
/// </summary>
/// <param name="path">The file; null for none.</param>
sealed partial class HistoryFile(string? path)
{
    /// <summary>Bytes of one line.</summary>
    private const int LineMax = 4096;

    /// <summary>Bytes at which the file is written anew with its last lines.</summary>
    private const int FileMax = 256 * 1024;

    private bool _isBroken;

    /// <summary>Where it is for this user: <c>$XDG_STATE_HOME/triggerfs/history</c>; null without a home.</summary>
    public static string? Place(Func<string, string?> environment)
    {
        string? state = environment("XDG_STATE_HOME") is { Length: > 0 } given ? given
            : environment("HOME") is { Length: > 0 } home ? Path.Combine(home, ".local", "state") : null;
        return state is null ? null : Path.Combine(state, "triggerfs", "history");
    }

    /// <summary>The lines of earlier consoles, oldest first; none when they cannot be read.</summary>
    public IReadOnlyList<string> Load()
    {
        if (path is null || !File.Exists(path)) return [];
        try
        {
            File.SetUnixFileMode(path, SecretFile.OwnerOnly);
            using FileStream file = File.OpenRead(path);
            file.Seek(-Math.Min(file.Length, 2 * FileMax), SeekOrigin.End);
            using var reader = new StreamReader(file, Encoding.UTF8);
            string[] lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return [.. lines.TakeLast(History.LinesMax)];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Whether a line may be kept beyond this console.</summary>
    public static bool MayKeep(string line, Scope scope)
    {
        if (line.Length == 0 || line[0] == ' ' || line.Any(char.IsControl)) return false;
        if (Encoding.UTF8.GetByteCount(line) > LineMax) return false;
        try
        {
            return !StatementParser.HasSecret(line, scope) && !LooksSecret().IsMatch(line);
        }
        catch (TriggerException)
        {
            return false;
        }
    }

    /// <summary>Adds a line. Where that cannot be done, says why, once, and lets it be.</summary>
    public string? Add(string line)
    {
        if (path is null || _isBroken) return null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, SecretFile.OwnerOnly | UnixFileMode.UserExecute);
            Append(line);
            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            _isBroken = true;
            return $"the history is not kept: {problem.Message}";
        }
    }

    private void Append(string line)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            UnixCreateMode = SecretFile.OwnerOnly,
        };
        using (var file = new FileStream(path!, options))
        {
            file.Write(Encoding.UTF8.GetBytes(line + "\n"));
            if (file.Length <= FileMax) return;
        }
        string draft = $"{path}.{Environment.ProcessId}.new";
        File.WriteAllLines(draft, []);
        File.SetUnixFileMode(draft, SecretFile.OwnerOnly);
        File.WriteAllLines(draft, Load().TakeLast(History.LinesMax / 2));
        File.Move(draft, path!, overwrite: true);
    }

    [GeneratedRegex("password|passwd|passphrase|secret|token|api.?key|credential|bearer|private.?key",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex LooksSecret();
}
