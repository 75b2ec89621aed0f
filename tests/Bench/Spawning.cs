using System.Runtime.InteropServices;

namespace TriggerFs.Bench;

/// <summary>posix_spawnp and waitpid of one command, again and again: the least that running a program costs.</summary>
sealed unsafe partial class Spawning : IDisposable
{
    private readonly nint[] _strings;
    private readonly nint _arguments;

    public Spawning(string[] command)
    {
        _strings = [.. command.Select(Marshal.StringToCoTaskMemUTF8)];
        _arguments = Marshal.AllocCoTaskMem((command.Length + 1) * sizeof(nint));
        for (int i = 0; i <= command.Length; i++)
            ((nint*)_arguments)[i] = i < command.Length ? _strings[i] : 0;
    }

    public void Run()
    {
        int error = PosixSpawnp(out int child, _strings[0], 0, 0, _arguments, Environ());
        if (error != 0 || WaitPid(child, out int status, 0) != child || status != 0)
            Environment.FailFast($"spawning: error {error}");
    }

    public void Dispose()
    {
        foreach (nint text in _strings) Marshal.FreeCoTaskMem(text);
        Marshal.FreeCoTaskMem(_arguments);
    }

    private static nint Environ() => *(nint*)NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "environ");

    [LibraryImport("libc", EntryPoint = "posix_spawnp")]
    private static partial int PosixSpawnp(
        out int child, nint file, nint actions, nint attributes, nint arguments, nint environment);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitPid(int child, out int status, int options);
}
