using System.Diagnostics;
using TriggerFs.Tests.Repository;

namespace TriggerFs.Tests.EndToEnd.Vm;

/// <summary>
/// A kernel of a test's own, in a virtual machine that is emulated: everything takes it about ten times as long.
/// </summary>
static class VirtualMachine
{
    private const int TooSlow = 137, NotHere = 77;

    /// <summary>Boots it, runs a script of bash in it, and returns what that printed; see boot.sh.</summary>
    public static async Task<string> RunAsync(TemporaryFolder folder, string script)
    {
        // Compiled as it runs, the program takes half a minute to start.
        Skip.IfNot(RealProgram.IsNative,
            "in an emulated machine only the native program is quick enough: TRIGGERFS_BINARY names none");
        Skip.IfNot(Environment.IsPrivilegedProcess, "it takes root");
        var start = new ProcessStartInfo(Path.Combine(Sources.Root, "tests/EndToEnd/Vm/boot.sh"),
            [folder.Path, folder.Write("script", script)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Ended ended = await Ended.RunAsync(start, deadline: TimeSpan.FromMinutes(6));
        string Read(string file) => Path.Combine(folder.Path, file) is var path && File.Exists(path)
            ? File.ReadAllText(path) : "";
        string story = Read("console") + Read("out");
        Skip.If(ended.ExitCode == NotHere, $"no virtual machine can be booted here: {story}");
        Skip.If(ended.ExitCode == TooSlow, $"the emulated machine was too slow here: {story}");
        Assert.True(Read("status") == "0\n", story);
        return Read("out");
    }
}
