using System.Text;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// Keeps what the worker itself goes by from the programs that it runs: they may be the same user's, and then
/// /proc/PID/environ, /proc/PID/mem and a debugger would show it to them.
/// </summary>
static unsafe class OwnSecrets
{
    private static readonly string[] Variables = ["TRIGGERFS_TOKEN", "TRIGGERFS_SECRET", "TRIGGERFS_JWT"];

    /// <summary>
    /// Wipes the secrets out of the environment that this process was started with, and closes the process to others
    /// of its user. From here on they cannot be read from the environment, here neither.
    /// </summary>
    public static void Hide()
    {
        foreach (string variable in Variables) Wipe(variable);
        // Its files in /proc are root's then, and only root can look into it; there are no core dumps of it either.
        Native.CloseToOthers();
    }

    /// <summary>
    /// Overwrites a variable's value where the kernel put it, which is also where /proc/PID/environ shows it from.
    /// </summary>
    private static void Wipe(string variable)
    {
        fixed (byte* name = Encoding.ASCII.GetBytes(variable + "\0"))
        {
            byte* value = Native.GetVariable(name);
            for (; value is not null && *value != 0; value++) *value = 0;
        }
    }
}
