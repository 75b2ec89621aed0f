using System.ComponentModel;
using System.Diagnostics;

namespace TriggerFs.Fs.Kernel;

/// <summary>
/// A small shell that waits on a pipe from us. When we die without a word, even by SIGKILL, it unmounts what we leave
/// behind. It does so only where the mount is dead, so that it never takes a successor's away.
/// </summary>
sealed class UnmountWatch : IDisposable
{
    // $0 is the mountpoint. ls opens it, which is never answered from a cache: a dead mount fails at once, and a live
    // one is none of our business.
    private const string Script =
        "trap '' INT TERM HUP QUIT; read -r word; [ \"$word\" = done ] && exit 0; ls \"$0\" >/dev/null 2>&1 && exit 0; "
        + "umount -l \"$0\" 2>/dev/null || fusermount3 -u -z -- \"$0\" 2>/dev/null";

    /// <summary>How long it may take to go, in ms, before it is made to.</summary>
    private const int TimeMaxMs = 2000;

    private Process? _shell;

    private UnmountWatch(Process shell) => _shell = shell;

    /// <summary>Null where there is no shell: then the next start cleans up.</summary>
    public static UnmountWatch? Start(string path)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        try
        {
            return new(Process.Start(start)!);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Unmounted in order: it has nothing to do.</summary>
    public void Dispose()
    {
        Process? shell = Interlocked.Exchange(ref _shell, null);
        if (shell is null) return;
        using (shell)
        {
            try
            {
                shell.StandardInput.Write("done\n");
                shell.StandardInput.Close();
            }
            catch (IOException)
            {
                // It is gone already.
            }
            if (!shell.WaitForExit(TimeMaxMs)) shell.Kill();
        }
    }
}
