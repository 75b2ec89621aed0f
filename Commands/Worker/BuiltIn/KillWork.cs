using System.Globalization;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// <c>system/kill</c>: a signal to all processes of a name that the worker's settings allow, each held by its pidfd, so
/// that no other one is hit. Never to the worker or anything that it runs in.
/// </summary>
sealed class KillWork : IWork
{
    private static readonly (string Name, int Number)[] Signals =
        [("TERM", 15), ("KILL", 9), ("HUP", 1), ("INT", 2), ("QUIT", 3), ("USR1", 10), ("USR2", 12), ("STOP", 19),
            ("CONT", 18)];

    public PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "system/kill",
        "sends a signal to the processes of a name; only those that the settings allow",
        "triggerfs client -service demo -plugin system/kill -args name=sleepy -command now",
        new PluginInput("name", Required: true, Pattern: new("[^/]{1,255}")),
        BuiltInPlugins.WordInput("signal", "TERM", [.. Signals.Select(signal => signal.Name)]));

    public void Check(in PluginCall call) =>
        Allowance.Check(call, Manifest.Name, Allowance.Find(call, "name")!);

    public async Task<int> RunAsync(WorkCall call, CancellationToken stop)
    {
        string name = call.Text("name");
        int signal = Array.Find(Signals, one => one.Name == call.Text("signal")).Number;
        HashSet<int> ours = Ancestors();
        int hit = 0;
        foreach (int pid in Processes().Where(pid => !ours.Contains(pid) && IsNamed(pid, name)))
        {
            if (!Send(pid, name, signal)) continue;
            hit++;
            await call.WriteAsync($"{pid}\n", stop);
        }
        return hit > 0 ? 0 : throw new TriggerException(
            ErrorCode.NotFound, $"no process '{NameRule.Shown(name)}' could be signalled",
            "none has that name, or none is the worker's to signal");
    }

    private static IEnumerable<int> Processes() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int pid) ? pid : 0)
        .Where(pid => pid > 1);

    /// <summary>The name is looked at again once the process is held: it may have been another one before.</summary>
    private static bool Send(int pid, string name, int signal)
    {
        int held = Native.PidfdOpen(pid);
        if (held < 0) return false;
        try
        {
            return IsNamed(pid, name) && Native.PidfdSendSignal(held, signal) == 0;
        }
        finally
        {
            Native.Close(held);
        }
    }

    /// <summary>By its file, or by what it calls itself, of which the kernel keeps 15 bytes.</summary>
    private static bool IsNamed(int pid, string name)
    {
        try
        {
            if (Path.GetFileName(new FileInfo($"/proc/{pid}/exe").LinkTarget) == name) return true;
            return File.ReadAllText($"/proc/{pid}/comm").TrimEnd('\n') == name[..Math.Min(name.Length, 15)];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>This process and all that it runs in.</summary>
    public static HashSet<int> Ancestors()
    {
        var all = new HashSet<int>();
        for (int pid = Environment.ProcessId; pid > 0 && all.Add(pid);) pid = ParentOf(pid);
        return all;
    }

    private static int ParentOf(int pid)
    {
        string status = File.ReadAllText($"/proc/{pid}/stat");
        return int.Parse(status[(status.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
