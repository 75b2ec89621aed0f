using TriggerFs.Commands.Mount;

namespace TriggerFs.Commands;

/// <summary>
/// The names under which the program is a module by itself, as its links of <c>make install</c> call it.
/// </summary>
static class CalledAs
{
    /// <summary>
    /// The arguments with the module's name before them when the program was called by a link for it.
    /// </summary>
    public static string[] Expand(string program, string[] args) => Path.GetFileName(program) switch
    {
        "triggerfs-worker" => ["worker", .. args],
        "triggerfs-client" => ["client", .. args],
        "triggerfs-cli" => ["cli", .. args],
        "triggerfs-broker" => ["broker", .. args],
        { } name when MountCall.IsName(name) || MountCall.IsCall(args) => MountCall.Arguments(args),
        _ => args,
    };

    /// <summary>
    /// The name that this process was called by; .NET itself tells only the file that a link points to.
    /// </summary>
    public static string Name()
    {
        try
        {
            return File.ReadAllText("/proc/self/cmdline").Split('\0')[0];
        }
        catch (IOException)
        {
            return Environment.GetCommandLineArgs()[0];
        }
    }
}
