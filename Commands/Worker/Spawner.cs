using System.Runtime.InteropServices;
using System.Text;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// Starts programs with posix_spawn: in a session of their own, with default signals, /dev/null or a pipe as standard
/// input, two pipes as output, and no other descriptor of ours.
/// </summary>
static unsafe class Spawner
{
    private const int FirstFd = ChildEnvironment.FirstHandedFd;

    /// <summary>
    /// How often, and after how long each time, to try a program again that somebody has open for writing: it is being
    /// put in place, or another process was started meanwhile and has not let go of what it inherited.
    /// </summary>
    private const int BusyTries = 20, BusyMs = 5;

    /// <summary>Starts a program; what became of it is in the launch. Blocks until the new program is loaded.</summary>
    public static void Start(Launch launch)
    {
        int* input = stackalloc int[2] { -1, -1 };
        int* output = stackalloc int[2] { -1, -1 };
        int* error = stackalloc int[2] { -1, -1 };
        int[] handed = [.. launch.Start.Handed.Select(static _ => -1)];
        launch.Errno = OpenPipe(output, ours: 0);
        if (launch.Errno == 0) launch.Errno = OpenPipe(error, ours: 0);
        if (launch.Errno == 0 && launch.Start.Input != InputKind.None) launch.Errno = OpenPipe(input, ours: 1);
        for (int i = 0; i < handed.Length && launch.Errno == 0; i++)
            launch.Errno = Store(launch.Start.Handed[i], above: FirstFd + handed.Length, out handed[i]);
        if (launch.Errno == 0) launch.Errno = Spawn(launch, input[0], output[1], error[1], handed);
        Close(input[0]);
        Close(output[1]);
        Close(error[1]);
        foreach (int fd in handed) Close(fd);
        if (launch.Errno != 0)
        {
            Close(input[1]);
            Close(output[0]);
            Close(error[0]);
            return;
        }
        launch.InFd = input[1];
        launch.OutFd = output[0];
        launch.ErrFd = error[0];
        launch.PidFd = Native.PidfdOpen(launch.Pid);
    }

    /// <summary>Makes sure that 0, 1 and 2 are taken, so that no pipe of ours can be one of them.</summary>
    public static void TakeStandardDescriptors()
    {
        int fd;
        fixed (byte* nothing = "/dev/null\0"u8)
        {
            do fd = Native.Open(nothing, Native.O_RDWR, 0);
            while (fd is >= 0 and < FirstFd);
        }
        Close(fd);
    }

    private static int Spawn(Launch launch, int input, int output, int error, int[] handed)
    {
        byte* actions = stackalloc byte[Native.SpawnObjectSize];
        byte* attributes = stackalloc byte[Native.SpawnObjectSize];
        if (Native.SpawnActionsInit(actions) is int refused and not 0) return refused;
        if (Native.SpawnAttributesInit(attributes) is int failed and not 0)
        {
            Native.SpawnActionsDestroy(actions);
            return failed;
        }
        try
        {
            int errno = Describe(actions, input, output, error, handed);
            if (errno == 0 && launch.Folder is { } folder) errno = ChangeFolder(actions, folder);
            if (errno == 0) errno = Describe(attributes);
            return errno != 0 ? errno : Spawn(launch, actions, attributes);
        }
        finally
        {
            Native.SpawnAttributesDestroy(attributes);
            Native.SpawnActionsDestroy(actions);
        }
    }

    private static int ChangeFolder(byte* actions, string folder)
    {
        fixed (byte* path = Encoding.UTF8.GetBytes(folder + "\0")) return Native.SpawnAddFolder(actions, path);
    }

    private static int Describe(byte* actions, int input, int output, int error, int[] handed)
    {
        int errno;
        fixed (byte* nothing = "/dev/null\0"u8)
            errno = input >= 0
                ? Native.SpawnAddDup(actions, input, 0)
                : Native.SpawnAddOpen(actions, 0, nothing, Native.O_RDONLY, 0);
        if (errno == 0) errno = Native.SpawnAddDup(actions, output, 1);
        if (errno == 0) errno = Native.SpawnAddDup(actions, error, 2);
        for (int i = 0; i < handed.Length && errno == 0; i++)
            errno = Native.SpawnAddDup(actions, handed[i], FirstFd + i);
        // Ours are all close-on-exec, but whoever started the worker may have left it some that are not.
        return errno != 0 ? errno : Native.SpawnAddCloseFrom(actions, FirstFd + handed.Length);
    }

    private static int Describe(byte* attributes)
    {
        byte* signals = stackalloc byte[Native.SigsetSize];
        var set = new Span<byte>(signals, Native.SigsetSize);
        set.Clear();
        int errno = Native.SpawnSetSignalMask(attributes, signals);
        // .NET ignores SIGPIPE, and what is ignored stays so over exec: `yes | head` would never end.
        set.Fill(0xFF);
        if (errno == 0) errno = Native.SpawnSetSignalDefault(attributes, signals);
        return errno != 0 ? errno : Native.SpawnSetFlags(attributes,
            Native.POSIX_SPAWN_SETSID | Native.POSIX_SPAWN_SETSIGMASK | Native.POSIX_SPAWN_SETSIGDEF);
    }

    private static int Spawn(Launch launch, byte* actions, byte* attributes)
    {
        (string program, StringBlock argv) = launch.Confinement is { } confinement
            ? (confinement.Program, confinement.Arguments(launch.Start, launch.Group))
            : (launch.Start.Path, launch.Start.Arguments);
        byte[] path = Encoding.UTF8.GetBytes(program + "\0");
        nint pointers = argv.Count + launch.Environment.Count + 2;
        byte** table = (byte**)NativeMemory.Alloc((nuint)(pointers * sizeof(byte*)));
        fixed (byte* file = path, arguments = argv.Bytes, environment = launch.Environment.Bytes)
        {
            byte** next = Point(table, arguments, argv.Starts);
            Point(next, environment, launch.Environment.Starts);
            int pid;
            int errno = Native.Spawn(&pid, file, actions, attributes, table, next);
            for (int tries = 0; errno == Native.ETXTBSY && tries < BusyTries; tries++)
            {
                Thread.Sleep(BusyMs);
                errno = Native.Spawn(&pid, file, actions, attributes, table, next);
            }
            launch.Pid = pid;
            NativeMemory.Free(table);
            return errno;
        }
    }

    private static byte** Point(byte** table, byte* strings, ReadOnlySpan<int> starts)
    {
        foreach (int start in starts) *table++ = strings + start;
        *table++ = null;
        return table;
    }

    private static int OpenPipe(int* ends, int ours)
    {
        if (Native.Pipe(ends, Native.O_CLOEXEC) < 0) return Native.Errno;
        // Only our end: the program's own would surprise it.
        return Native.Fcntl(ends[ours], Native.F_SETFL, Native.O_NONBLOCK) < 0 ? Native.Errno : 0;
    }

    /// <param name="bytes">What the descriptor has to read.</param>
    /// <param name="above">The least number that it may have, above all those that the program gets.</param>
    /// <param name="fd">The descriptor.</param>
    private static int Store(byte[] bytes, int above, out int fd)
    {
        int made;
        fixed (byte* name = "handed\0"u8) made = Native.MemfdCreate(name, Native.MFD_CLOEXEC);
        fd = made < 0 ? made : Native.Fcntl(made, Native.F_DUPFD_CLOEXEC, above);
        int failed = fd < 0 ? Native.Errno : 0;
        Close(made);
        if (failed != 0) return failed;
        fixed (byte* start = bytes)
        {
            // At an offset, so that the reader's position stays at the start.
            for (int at = 0; at < bytes.Length;)
            {
                nint written = Native.PWrite(fd, start + at, bytes.Length - at, at);
                if (written <= 0) return Native.Errno;
                at += (int)written;
            }
        }
        return 0;
    }

    private static void Close(int fd)
    {
        if (fd >= 0) Native.Close(fd);
    }
}
