using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace TriggerFs.Commands.Worker;

/// <summary>One process as /proc shows it (proc(5), "stat").</summary>
/// <param name="Pid">The process.</param>
/// <param name="Parent">Its parent.</param>
/// <param name="Group">Its process group.</param>
/// <param name="Session">Its session.</param>
/// <param name="StartTicks">When it started, in 1/100 s since boot; with the pid it names a process.</param>
/// <param name="IsZombie">It has ended and waits to be reaped.</param>
/// <param name="Mark">The run in its environment, 0 for none; read only from our own children.</param>
readonly record struct ProcessEntry(
    int Pid, int Parent, int Group, int Session, long StartTicks, bool IsZombie, ulong Mark = 0);

/// <summary>Reads /proc: the only complete account of who descends from whom.</summary>
static unsafe class ProcessTable
{
    private static readonly byte[] RunMark = Encoding.ASCII.GetBytes(ChildEnvironment.RunMark);
    private static readonly byte[] ServerMark = Encoding.ASCII.GetBytes(ChildEnvironment.ServerMark);

    private const int EnvironMax = 4 * 1024 * 1024;

    /// <summary>All processes now; those that come or go meanwhile may be missing. Takes milliseconds.</summary>
    public static List<ProcessEntry> Read()
    {
        int self = Environment.ProcessId;
        int session = Native.GetSession(0);
        var all = new List<ProcessEntry>(256);
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(folder.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)) continue;
            if (Read(pid) is not { } entry) continue;
            bool mayHaveLeft = entry.Parent == self && entry.Session != session && !entry.IsZombie;
            all.Add(mayHaveLeft ? entry with { Mark = MarkOf(pid) } : entry);
        }
        return all;
    }

    /// <summary>One process, or null when there is none of that number.</summary>
    public static ProcessEntry? Read(int pid)
    {
        Span<byte> stat = stackalloc byte[1024];
        int length = ReadFile(pid, "stat", stat);
        return length > 0 ? Parse(stat[..length]) : null;
    }

    /// <summary>pid (name) state ppid pgrp session … the 22nd is the start time; the name may hold anything.</summary>
    public static ProcessEntry? Parse(ReadOnlySpan<byte> stat)
    {
        int name = stat.LastIndexOf((byte)')');
        if (name < 0 || !Utf8Parser.TryParse(stat, out int pid, out _) || stat.Length < name + 4) return null;
        bool isZombie = stat[name + 2] is (byte)'Z' or (byte)'X';
        ReadOnlySpan<byte> rest = stat[(name + 4)..];
        Span<long> fields = stackalloc long[19];
        for (int i = 0; i < fields.Length; i++)
        {
            if (!Utf8Parser.TryParse(rest, out fields[i], out int used)) return null;
            rest = rest[Math.Min(used + 1, rest.Length)..];
        }
        return new(pid, (int)fields[0], (int)fields[1], (int)fields[2], fields[18], isZombie);
    }

    private static ulong MarkOf(int pid)
    {
        byte[] environ = new byte[16 * 1024];
        int length;
        while ((length = ReadFile(pid, "environ", environ)) == environ.Length && length < EnvironMax)
            environ = new byte[length * 4];
        return length > 0 ? MarkIn(environ.AsSpan(0, length)) : 0;
    }

    /// <summary>The run that an environment names, 0 for none.</summary>
    public static ulong MarkIn(ReadOnlySpan<byte> environ)
    {
        foreach (Range range in environ.Split((byte)0))
        {
            ReadOnlySpan<byte> variable = environ[range];
            int mark = variable.StartsWith(RunMark) ? RunMark.Length
                : variable.StartsWith(ServerMark) ? ServerMark.Length : 0;
            if (mark > 0 && Utf8Parser.TryParse(variable[mark..], out ulong run, out _)) return run;
        }
        return 0;
    }

    private static int ReadFile(int pid, string file, Span<byte> into)
    {
        int fd;
        fixed (byte* path = Encoding.ASCII.GetBytes($"/proc/{pid}/{file}\0"))
            fd = Native.Open(path, Native.O_RDONLY | Native.O_CLOEXEC, 0);
        if (fd < 0) return -1;
        int length = 0;
        fixed (byte* start = into)
        {
            nint got;
            while (length < into.Length && (got = Native.Read(fd, start + length, into.Length - length)) > 0)
                length += (int)got;
        }
        Native.Close(fd);
        return length;
    }
}
