using System.Text;
using TriggerFs.Core;

namespace TriggerFs.Commands;

/// <summary>
/// Gets a new secret from a person: out of a file, from standard input, or typed twice without showing it.
/// </summary>
static class SecretPrompt
{
    private const int SizeMax = 4096;

    /// <summary>
    /// The secret in a file, <c>-</c> for standard input, or from the terminal when no file is given.
    /// </summary>
    public static async Task<string> NewSecretAsync(string? file, string identity, CancellationToken stop)
    {
        if (file is not null) return FromFile(file);
        if (Console.IsInputRedirected) throw NoTerminal(identity);
        using var input = new HiddenInput();
        // Reading cannot be cancelled, so Ctrl-C leaves the reader behind; the process ends anyway.
        return await Task.Run(() => Ask(question => ReadHidden(input, question), identity), stop).WaitAsync(stop);
    }

    /// <summary>The secret in a file, or from whoever sits at a console.</summary>
    /// <param name="ask">Asks there without showing what is typed; null when nobody can be asked.</param>
    public static string NewSecret(string? file, string identity, Func<string, string>? ask) =>
        file is not null ? FromFile(file) : Ask(ask ?? throw NoTerminal(identity), identity);

    /// <summary>The secret that somebody has now, from whoever sits at a console.</summary>
    public static string OwnSecret(string identity, Func<string, string>? ask) => ask is not null
        ? ask($"The secret of {identity} now (it is not shown): ")
        : throw new TriggerException(ErrorCode.Usage, $"there is no terminal to ask {identity} for the secret of now",
            fix: "set 'secret' under [main] in the settings, or TRIGGERFS_SECRET");

    private static string FromFile(string file)
    {
        try
        {
            using Stream stream = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
            byte[] bytes = new byte[SizeMax];
            int length = stream.ReadAtLeast(bytes, SizeMax, throwOnEndOfStream: false);
            // The newline at the end is the editor's, not the secret's.
            return Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\n', '\r');
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(ErrorCode.Usage, $"the secret file {file} cannot be read", problem.Message,
                "write the secret into a file of your own: (umask 077; cat > secret.txt)", problem);
        }
    }

    private static string Ask(Func<string, string> ask, string identity)
    {
        string again = "";
        while (true)
        {
            string secret = ask($"{again}Secret for {identity} (it is not shown): ");
            if (ask("Once more: ") == secret) return secret;
            again = "They are not the same. ";
        }
    }

    private static TriggerException NoTerminal(string identity) => new(
        ErrorCode.Usage, $"there is no terminal to ask for the secret of {identity}",
        fix: "add --secret-file FILE, or --secret-file - to read it from standard input");

    private static string ReadHidden(HiddenInput input, string prompt)
    {
        Console.Error.Write(prompt);
        string line = input.ReadLine();
        Console.Error.WriteLine();
        return line;
    }
}
