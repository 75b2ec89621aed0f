using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TriggerFs.Bench;

/// <summary>posix_spawnp and waitpid of one command, again and again: the least that running a program costs.</summary>
sealed unsafe partial class Spawning : IDisposable
{
    private const int WriteOnly = 1;

    private readonly nint[] _strings;
    private readonly nint _arguments;
    private readonly nint _actions;
    private readonly nint _nowhere = Marshal.StringToCoTaskMemUTF8("/dev/null");

    public Spawning(string[] command)
    {
        _strings = [.. command.Select(Marshal.StringToCoTaskMemUTF8)];
        _arguments = Marshal.AllocCoTaskMem((command.Length + 1) * sizeof(nint));
        for (int i = 0; i <= command.Length; i++)
            ((nint*)_arguments)[i] = i < command.Length ? _strings[i] : 0;
        // More than any libc's takes.
        _actions = Marshal.AllocCoTaskMem(256);
        if (ActionsInit(_actions) != 0 || ActionsOpen(_actions, 1, _nowhere, WriteOnly, 0) != 0)
            Environment.FailFast("spawning: no file actions");
    }

    /// <summary>Runs a command in so many threads, for as long as the plan says.</summary>
    public static Result Measure(Plan plan, int atOnce, params string[] command)
    {
        var meter = new Meter(new(0, atOnce), plan.WarmUp, plan.Measure);
        var gate = new Lock();
        Thread[] threads = [.. Enumerable.Range(0, atOnce).Select(_ => new Thread(Loop))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        return meter.Result();

        void Loop()
        {
            using var program = new Spawning(command);
            bool goOn = true;
            while (goOn)
            {
                long asked = Stopwatch.GetTimestamp();
                program.Run();
                lock (gate) goOn = meter.Answered(asked, Stopwatch.GetTimestamp());
            }
        }
    }

    public void Run()
    {
        int error = PosixSpawnp(out int child, _strings[0], _actions, 0, _arguments, Environ());
        if (error != 0 || WaitPid(child, out int status, 0) != child || status != 0)
            Environment.FailFast($"spawning: error {error}");
    }

    public void Dispose()
    {
        foreach (nint text in _strings) Marshal.FreeCoTaskMem(text);
        Marshal.FreeCoTaskMem(_arguments);
        _ = ActionsDestroy(_actions);
        Marshal.FreeCoTaskMem(_actions);
        Marshal.FreeCoTaskMem(_nowhere);
    }

    private static nint Environ() => *(nint*)NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "environ");

    [LibraryImport("libc", EntryPoint = "posix_spawnp")]
    private static partial int PosixSpawnp(
        out int child, nint file, nint actions, nint attributes, nint arguments, nint environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int ActionsInit(nint actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen")]
    private static partial int ActionsOpen(nint actions, int descriptor, nint path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int ActionsDestroy(nint actions);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitPid(int child, out int status, int options);
}
