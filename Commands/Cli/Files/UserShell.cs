using System.ComponentModel;
using System.Diagnostics;
using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Files;

/// <summary>
/// The shell of whoever sits at the terminal, which it has to itself until it ends. An interactive shell takes the
/// terminal's foreground for its own process group; a killed one does not give it back, so that is done here.
/// </summary>
static class UserShell
{
    private const string Standard = "/bin/sh";

    /// <summary>How long a shell that is hung up may take to end its jobs.</summary>
    private static readonly TimeSpan HangUpGrace = TimeSpan.FromSeconds(2);

    /// <summary>Runs it in a folder to its end; when this program is told to stop, the shell is hung up.</summary>
    public static async Task RunAsync(string folder, CancellationToken stop)
    {
        int ours = Native.GetForeground(0);
        using Process shell = Start(Environment.GetEnvironmentVariable("SHELL"), folder);
        // What is printed while the shell has the terminal must not stop us, whatever `stty tostop` says.
        _ = Native.Signal(Native.SIGTTOU, Native.SIG_IGN);
        try
        {
            await WaitAsync(shell, stop);
        }
        finally
        {
            if (ours > 0) _ = Native.SetForeground(0, ours);
            _ = Native.Signal(Native.SIGTTOU, Native.SIG_DFL);
        }
    }

    private static Process Start(string? wanted, string folder)
    {
        string program = wanted is { Length: > 0 } && Path.IsPathRooted(wanted) ? wanted : Standard;
        try
        {
            return Process.Start(new ProcessStartInfo(program) { WorkingDirectory = folder })!;
        }
        catch (Win32Exception) when (program != Standard)
        {
            return Start(Standard, folder);
        }
        catch (Win32Exception problem)
        {
            throw new TriggerException(ErrorCode.Unsupported, $"the shell {program} cannot be started",
                problem.Message, "set SHELL to one that is there", problem);
        }
    }

    private static async Task WaitAsync(Process shell, CancellationToken stop)
    {
        try
        {
            await shell.WaitForExitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            _ = Native.Kill(shell.Id, Native.SIGHUP);
            _ = Native.Kill(shell.Id, Native.SIGCONT); // A stopped one hears nothing.
            using var grace = new CancellationTokenSource(HangUpGrace);
            await shell.WaitForExitAsync(grace.Token).ContinueWith(
                static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (!shell.HasExited) shell.Kill();
            throw;
        }
    }
}
