using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using TriggerFs.Core;

namespace TriggerFs.Fs.Kernel;

/// <summary>
/// Mounts and unmounts through fusermount3, which may do so for those who are not root: it opens /dev/fuse as the
/// caller, mounts, and hands the descriptor over a socket that it finds in _FUSE_COMMFD.
/// </summary>
static unsafe class Fusermount
{
    private const string Program = "fusermount3";
    private const string Socket = "_FUSE_COMMFD";

    /// <summary>How long it may take, in ms: it asks nobody but the kernel.</summary>
    private const int TimeMaxMs = 20_000;

    public static FuseDevice Mount(string path, string options)
    {
        int* pair = stackalloc int[2];
        if (Native.Socketpair(Native.AF_UNIX, Native.SOCK_STREAM, 0, pair) < 0)
            throw new TriggerException(ErrorCode.Internal, $"no socket for {Program}: {Native.LastError}");
        int ours = pair[0], theirs = pair[1];
        _ = Native.Fcntl(ours, Native.F_SETFD, Native.FD_CLOEXEC);
        try
        {
            using Process process = Start(["-o", options, "--", path], theirs);
            _ = Native.Close(theirs);
            theirs = -1;
            int fd = Receive(ours);
            string complaint = Finish(process);
            return fd >= 0 ? new(fd) : throw Failed(complaint);
        }
        finally
        {
            if (theirs >= 0) _ = Native.Close(theirs);
            _ = Native.Close(ours);
        }
    }

    /// <summary>Null when it is unmounted, else what fusermount3 says.</summary>
    public static string? Unmount(string path, bool lazily)
    {
        using Process process = Start(lazily ? ["-u", "-z", "--", path] : ["-u", "--", path], socket: -1);
        string complaint = Finish(process);
        return process.ExitCode == 0 ? null : complaint;
    }

    private static Process Start(string[] arguments, int socket)
    {
        var start = new ProcessStartInfo(Find(), arguments) { RedirectStandardError = true };
        if (socket >= 0) start.Environment[Socket] = socket.ToString(CultureInfo.InvariantCulture);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception problem)
        {
            throw CannotStart(problem.Message);
        }
    }

    /// <summary>
    /// Where it is in PATH. <see cref="Process"/> would look in the current directory first, where anybody may have put
    /// one.
    /// </summary>
    private static string Find()
    {
        string path = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin";
        return path.Split(':').Where(Path.IsPathRooted).Select(folder => Path.Combine(folder, Program))
            .FirstOrDefault(File.Exists) ?? throw CannotStart($"there is none in {path}");
    }

    private static TriggerException CannotStart(string why) => new(
        ErrorCode.Unsupported, $"{Program} cannot be started", why,
        "install it (Debian: apt install fuse3), or mount as root");

    /// <summary>Waits for its end, so that it leaves no zombie, and returns what it wrote on standard error.</summary>
    private static string Finish(Process process)
    {
        string complaint = process.StandardError.ReadToEnd().Trim();
        if (!process.WaitForExit(TimeMaxMs)) process.Kill();
        return complaint;
    }

    /// <summary>The descriptor that comes with one byte on the socket; -1 when it closes without one.</summary>
    private static int Receive(int socket)
    {
        byte one;
        var vector = new Native.IoVec { Base = &one, Length = 1 };
        var control = default(Native.ControlWithDescriptor);
        var message = new Native.MsgHdr
        {
            Vectors = &vector,
            VectorCount = 1,
            Control = &control,
            ControlLength = (nuint)sizeof(Native.ControlWithDescriptor),
        };
        nint length;
        do length = Native.Recvmsg(socket, &message, Native.MSG_CMSG_CLOEXEC);
        while (length < 0 && Native.LastError == Errno.EINTR);
        bool hasDescriptor = length > 0 && message.ControlLength >= (nuint)(sizeof(Native.ControlWithDescriptor) - 4)
            && control.Level == Native.SOL_SOCKET && control.Type == Native.SCM_RIGHTS;
        return hasDescriptor ? control.Descriptor : -1;
    }

    private static TriggerException Failed(string complaint)
    {
        string? fix = complaint switch
        {
            _ when complaint.Contains("user_allow_other") =>
                "as root: echo user_allow_other >> /etc/fuse.conf, or mount without allow_other",
            _ when complaint.Contains(FuseDevice.Path) => $"as root: chmod 0666 {FuseDevice.Path}, or mount as root",
            _ when complaint.Contains("Operation not permitted") =>
                $"{Program} needs its set-user-ID bit: as root: chmod u+s $(command -v {Program})",
            _ when complaint.Contains("write access") => "choose a mountpoint that you can write to",
            _ => null,
        };
        string why = complaint.Length == 0 ? "it said nothing" : complaint;
        return new(ErrorCode.NotAllowed, $"{Program} cannot mount", why, fix);
    }
}
