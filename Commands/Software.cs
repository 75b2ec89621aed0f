namespace TriggerFs.Commands;

/// <summary>What this program calls itself, to people and to its peers.</summary>
static class Software
{
    /// <summary>Such as <c>2.0.0</c>.</summary>
    public static readonly string Version = typeof(Software).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>The file of this program, to start it once more; also when it was replaced since.</summary>
    public static readonly string Executable = Path.GetFileName(Environment.ProcessPath) == "dotnet"
        ? Path.Combine(AppContext.BaseDirectory, "triggerfs") : "/proc/self/exe";

    /// <summary>Such as <c>triggerfs 2.0.0</c>; goes into Hello and Accepted.</summary>
    public static readonly string Name = "triggerfs " + Version;
}
