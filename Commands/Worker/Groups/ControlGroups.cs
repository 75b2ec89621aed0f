using System.Globalization;

namespace TriggerFs.Commands.Worker.Groups;

/// <summary>
/// Below a worker's own control group (cgroups(7), version 2), a group for each run, with the limits that the settings
/// have for a whole run. They are there where the worker may make groups: in a unit of systemd with Delegate=, as root,
/// in many containers. Nothing fails because they are not.
/// </summary>
/// <param name="root">The group below which they are.</param>
/// <param name="limits">What each of them has: a file of a group, and what is written into it.</param>
sealed class ControlGroups(string root, (string File, string Value)[] limits)
{
    private const string Leaf = "triggerfs-worker";

    private static long s_made;

    private readonly List<string> _leaving = [];

    /// <summary>
    /// The groups of this process, if the settings have limits for which they are needed and if there can be any.
    /// </summary>
    /// <param name="policy">The limits.</param>
    /// <param name="place">Where they may be.</param>
    /// <param name="why">Why not all that the settings want can be had; null when it can.</param>
    public static ControlGroups? Open(WorkerPolicy policy, GroupPlace place, out string? why)
    {
        (string Controller, string File, string Value)[] wanted = [.. Limits(policy)];
        why = wanted.Length == 0 ? null : place.Problem;
        if (wanted.Length == 0 || place.Own is not { } own) return null;
        string[] there = ControlFile.Read($"{own}/cgroup.controllers").Split(' ', '\n');
        (string Controller, string File, string Value)[] had = [.. wanted.Where(one => there.Contains(one.Controller))];
        if (had.Length < wanted.Length)
            why = $"{own} does not have {string.Join(" and ", wanted.Except(had).Select(one => one.Controller))}";
        if (had.Length == 0) return null;
        if (Enable(own, had) is not { } problem) return new(own, [.. had.Select(one => (one.File, one.Value))]);
        why = problem;
        return null;
    }

    /// <summary>
    /// A group for a run, with its limits; null when it cannot be made. From any thread.
    /// </summary>
    public string? Make()
    {
        string group = $"{root}/triggerfs-{Environment.ProcessId}-{Interlocked.Increment(ref s_made)}";
        try
        {
            Directory.CreateDirectory(group);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        foreach ((string file, string value) in limits)
        {
            if (ControlFile.Write($"{group}/{file}", value) == 0) continue;
            ControlFile.RemoveFolder(group);
            return null;
        }
        // One that the kernel ends for want of memory takes the others of its run along; older kernels do not know it.
        ControlFile.Write($"{group}/memory.oom.group", "1");
        return group;
    }

    /// <summary>Makes the process that calls it one of a group; whether that worked.</summary>
    public static bool Join(string group) => ControlFile.Write($"{group}/cgroup.procs", "0") == 0;

    /// <summary>Ends whoever is in a group, at once and all together.</summary>
    public static void Kill(string group) => ControlFile.Write($"{group}/cgroup.kill", "1");

    /// <summary>Which limit of its group a run came up against, in words; null for none.</summary>
    public static string? LimitThatWasHit(string group) =>
        Count($"{group}/memory.events", "oom_kill") > 0
            ? "it needed more memory than the settings' 'memory' allows a run, and was ended by the kernel"
            : Count($"{group}/pids.events", "max") > 0
            ? "it wanted more processes than the settings' 'pids' allows a run" : null;

    /// <summary>
    /// Removes the group of a run that is over, soon: those who were ended in it may still be leaving.
    /// </summary>
    public void Remove(string group)
    {
        Kill(group);
        _leaving.Add(group);
        Tick();
    }

    /// <summary>Time passed.</summary>
    public void Tick() => _leaving.RemoveAll(static group => ControlFile.RemoveFolder(group));

    private static IEnumerable<(string Controller, string File, string Value)> Limits(WorkerPolicy policy)
    {
        if (policy.Memory is { } bytes) yield return ("memory", "memory.max", Text(bytes));
        if (policy.Pids is { } pids) yield return ("pids", "pids.max", Text(pids));
        // So many microseconds of each 100 ms, of all processors together.
        if (policy.Cpu is { } percent) yield return ("cpu", "cpu.max", $"{Text(percent * 1000L)} 100000");
    }

    /// <summary>
    /// Hands the controllers on to the groups below, for which nobody may be in the group itself: the worker goes into
    /// one of its own. Why that cannot be; null when it is done.
    /// </summary>
    private static string? Enable(string own, (string Controller, string File, string Value)[] wanted)
    {
        string order = string.Join(' ', wanted.Select(one => "+" + one.Controller).Distinct());
        string control = $"{own}/cgroup.subtree_control";
        if (ControlFile.Write(control, order) == 0) return null;
        try
        {
            Directory.CreateDirectory($"{own}/{Leaf}");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return $"no group can be made in {own}: {problem.Message}";
        }
        if (!Join($"{own}/{Leaf}")) return $"the worker cannot go into {own}/{Leaf}";
        int errno = ControlFile.Write(control, order);
        if (errno == 0) return null;
        Join(own);
        ControlFile.RemoveFolder($"{own}/{Leaf}");
        return $"{control}: {Native.Describe(errno)}; other processes may be in that group, too";
    }

    private static long Count(string file, string what)
    {
        foreach (string line in ControlFile.Read(file).Split('\n'))
            if (line.Split(' ') is [var name, var count] && name == what
                && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out long times)) return times;
        return 0;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
