using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using TriggerFs.Core;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// A command in the background. This process starts itself again, and returns when that one says that it can be used,
/// or with its exit status and its errors when it cannot.
/// </summary>
static class Daemon
{
    /// <summary>
    /// What the other process says on its standard output when it can be used; warnings come before it.
    /// </summary>
    private const string Ready = "READY";

    private const int SIGTERM = 15;

    /// <summary>In the process that the user started: starts the other one and waits until it can be used.</summary>
    /// <param name="parsed">Our own command line.</param>
    /// <param name="option">The option by which the other process knows that it is in the background.</param>
    public static async Task<int> StartAsync(ParseResult parsed, Option option, CancellationToken stop)
    {
        using Process child = Process.Start(Again(parsed, option))!;
        child.StandardInput.Close();
        using (stop.Register(() => _ = Native.Kill(child.Id, SIGTERM)))
        {
            Task errors = child.StandardError.BaseStream.CopyToAsync(
                Console.OpenStandardError(), CancellationToken.None);
            while (await child.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
            {
                if (line == Ready) return ExitCodes.Ok;
                Console.Error.WriteLine(line);
            }
            await Task.WhenAll(errors, child.WaitForExitAsync(CancellationToken.None));
        }
        stop.ThrowIfCancellationRequested();
        return child.ExitCode == ExitCodes.Ok ? ExitCodes.Failure : child.ExitCode;
    }

    /// <summary>
    /// In the other process, when it can be used: lets the first one go. From then on it has no terminal and keeps no
    /// directory busy.
    /// </summary>
    /// <remarks>
    /// Not earlier: whatever systemd starts for an automount is in systemd's own process group, which alone may walk
    /// through the mountpoint while everybody else waits for it. A session of our own would be another group.
    /// </remarks>
    public static void Detach()
    {
        _ = Native.SetSid();
        Directory.SetCurrentDirectory("/");
        Console.Out.WriteLine(Ready);
        using var nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        for (int fd = 0; fd <= 2; fd++) _ = Native.Duplicate((int)nothing.DangerousGetHandle(), fd);
    }

    /// <summary>The same command line again, with an option behind the command's name.</summary>
    private static ProcessStartInfo Again(ParseResult parsed, Option option)
    {
        var words = new List<string>();
        if (Path.GetFileName(Environment.ProcessPath) == "dotnet") words.Add(Environment.GetCommandLineArgs()[0]);
        bool isBehind = false;
        foreach (Token token in parsed.Tokens)
        {
            words.Add(token.Value);
            if (isBehind || token.Type != TokenType.Command) continue;
            words.Add(option.Name);
            isBehind = true;
        }
        return new(Environment.ProcessPath!, words)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }
}
