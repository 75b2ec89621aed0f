using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using TriggerFs.Commands.Cli.Terminal;
using TriggerFs.Commands.Session;
using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Files;

/// <summary>
/// Opens a message in the editor of whoever sits at the terminal: <c>$VISUAL</c>, <c>$EDITOR</c>, or vi. The file is in
/// a folder that nobody else can look into, and goes with it.
/// </summary>
sealed class LetterEditor(TerminalFront front, Interrupts interrupts, CancellationToken stop)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The text when the editor ended well; null when it is what it was.</summary>
    public async Task<string?> EditAsync(StatementAnswer letter)
    {
        string before = TextOf([.. letter.Rows.SelectMany(row => Convert.FromBase64String(row[0]))]);
        string folder = PrivateFolder.Make(Environment.GetEnvironmentVariable, Environment.IsPrivilegedProcess);
        string file = Path.Join(folder, "message");
        try
        {
            await File.WriteAllTextAsync(file, before, Strict, stop);
            using (front.Lend())
            using (interrupts.Take(static () => { })) await OpenAsync(file);
            string after = TextOf(await File.ReadAllBytesAsync(file, stop));
            return after == before ? null : after;
        }
        finally
        {
            File.Delete(file);
            PrivateFolder.Remove(folder);
        }
    }

    public static TriggerException NoTerminal(string id) => new(ErrorCode.Usage,
        "there is no terminal to open an editor on", fix: $"request dead-letter {id} edit payload TEXT");

    private async Task OpenAsync(string file)
    {
        string editor = Environment.GetEnvironmentVariable("VISUAL") is { Length: > 0 } visual ? visual
            : Environment.GetEnvironmentVariable("EDITOR") is { Length: > 0 } plain ? plain : "vi";
        try
        {
            // As git does it: the variable may have options in it.
            string[] words = ["-c", $"{editor} \"$1\"", "sh", file];
            using Process process = Process.Start(new ProcessStartInfo("/bin/sh", words))!;
            await process.WaitForExitAsync(stop);
            if (process.ExitCode == 0) return;
            throw new TriggerException(ErrorCode.Cancelled, $"the editor ended with status {process.ExitCode}",
                "nothing was changed, and nothing is sent", "set EDITOR to one that is there");
        }
        catch (Win32Exception problem)
        {
            throw new TriggerException(ErrorCode.Unsupported, "the editor cannot be started", problem.Message,
                "set EDITOR to one that is there", problem);
        }
    }

    private static string TextOf(byte[] payload)
    {
        try
        {
            if (payload.Length <= Limits.TextMax && !payload.Contains((byte)0)) return Strict.GetString(payload);
        }
        catch (DecoderFallbackException)
        {
            // Told below.
        }
        throw new TriggerException(ErrorCode.Unsupported, "the message cannot be edited here",
            $"only text of at most {Limits.TextMax >> 10} KiB can", "send it again as it is, or write a new one");
    }
}
