namespace TriggerFs.Commands.Worker.Groups;

/// <summary>Where a process may have control groups.</summary>
/// <param name="Own">The folder of its own group; null when there is none.</param>
/// <param name="Problem">Why there is none.</param>
sealed record GroupPlace(string? Own, string? Problem)
{
    /// <summary>Of this process: what the kernel says, in the hierarchy of version 2.</summary>
    public static GroupPlace OfThisProcess() => Of(
        ControlFile.Read("/proc/self/mountinfo"), ControlFile.Read("/proc/self/cgroup"));

    /// <param name="mounts">As proc(5) has them: <c>… root mountpoint … - type …</c>.</param>
    /// <param name="groups">A line for each hierarchy; that of version 2 is <c>0::/path</c>.</param>
    public static GroupPlace Of(string mounts, string groups)
    {
        string[]? mount = mounts.Split('\n').FirstOrDefault(line => line.Contains(" - cgroup2 "))?.Split(' ');
        string? group = groups.Split('\n').FirstOrDefault(line => line.StartsWith("0::/"))?[3..];
        if (mount is null || group is null) return new(null, "there are no control groups of version 2 here");
        // What is mounted may be a part of the hierarchy only.
        string root = mount[3] == "/" ? "" : mount[3];
        if (group.Contains("/..") || (group != root && !$"{group}/".StartsWith($"{root}/")))
            return new(null, "the control group of this process is not in what is mounted here");
        return new((mount[4] + group[root.Length..]).TrimEnd('/'), null);
    }
}
