using System.ComponentModel;
using System.Diagnostics;

namespace TriggerFs.Fs.Kernel;

/// <summary>
/// A small shell that waits on a pipe from us. When we die without a word, even by SIGKILL, it unmounts what we leave
/// behind. It does so only where the mount is dead, so that it never takes a successor's away.
/// </summary>
sealed class UnmountWatch : IDisposable
{
    // $0 is the mountpoint, $1 whether it is to be removed, too. ls opens it, which is never answered from a cache: a
    // dead mount fails at once, and a live one is none of our business. The second shell is nobody's child and of no
    // group of ours, so that what kills us and all our children spares it; its pipe is descriptor 3, because a shell
    // gives those in the background no input.
    private const string Watch =
        "trap '' INT TERM HUP QUIT; read -r word <&3; [ \"$word\" = done ] && exit 0; ls \"$0\" && exit 0; "
        + "umount -l \"$0\" || fusermount3 -u -z -- \"$0\"; [ \"$1\" = temporary ] && rmdir -- \"$0\"";

    private const string Script =
        "exec 3<&0 < /dev/null > /dev/null 2>&1; command -v setsid && set -- setsid \"$@\"; \"$@\" &";

    private StreamWriter? _pipe;

    private UnmountWatch(StreamWriter pipe) => _pipe = pipe;

    /// <summary>Null where there is no shell: then the next start cleans up.</summary>
    /// <param name="isTemporary">What it unmounts, it removes, too.</param>
    public static UnmountWatch? Start(string path, bool isTemporary)
    {
        string kind = isTemporary ? "temporary" : "lasting";
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", "/bin/sh", "-c", Watch, path, kind])
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        };
        try
        {
            using Process shell = Process.Start(start)!;
            shell.WaitForExit(); // It has only started the one that watches; the pipe leads there now.
            return new(shell.StandardInput);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Unmounted in order: it has nothing to do and goes.</summary>
    public void Dispose()
    {
        StreamWriter? pipe = Interlocked.Exchange(ref _pipe, null);
        if (pipe is null) return;
        try
        {
            pipe.Write("done\n");
            pipe.Dispose();
        }
        catch (IOException)
        {
            // It is gone already.
        }
    }
}
