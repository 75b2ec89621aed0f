using TriggerFs.Core;

namespace TriggerFs.Commands;

/// <summary>Where an installation has its settings and its state; whole paths.</summary>
sealed record InstallationPlaces(string SettingsFile, string StateFolder)
{
    /// <summary>
    /// All below one folder when there is one; else root's in /etc and /var/lib, and a user's where the XDG base
    /// directory specification has them.
    /// </summary>
    public static InstallationPlaces Of(string? folder, Func<string, string?> variable, bool isRoot)
    {
        if (folder is not null)
        {
            string whole = Path.GetFullPath(folder);
            return new(Path.Join(whole, "triggerfs.toml"), Path.Join(whole, "state"));
        }
        if (isRoot) return new("/etc/triggerfs/triggerfs.toml", "/var/lib/triggerfs");
        return new(
            Path.Join(Base(variable, "XDG_CONFIG_HOME", ".config"), "triggerfs", "triggerfs.toml"),
            Path.Join(Base(variable, "XDG_STATE_HOME", ".local/state"), "triggerfs"));
    }

    /// <summary>The state folder of the broker that settings are for.</summary>
    public static string StateOf(BrokerSettings settings) => Path.GetFullPath(settings.State
        ?? Of(null, Environment.GetEnvironmentVariable, Environment.IsPrivilegedProcess).StateFolder);

    /// <summary>The folder of what a worker keeps: its settings', systemd's, or the usual one.</summary>
    public static string StateOf(WorkerPolicy policy, WorkerSettings worker)
    {
        string? given = Environment.GetEnvironmentVariable("STATE_DIRECTORY")?.Split(':')[0];
        string folder = policy.State ?? (Path.IsPathRooted(given) ? given
            : $"{Of(null, Environment.GetEnvironmentVariable, Environment.IsPrivilegedProcess).StateFolder}-worker");
        return Path.Join(folder, worker.Team, worker.Identity);
    }

    /// <summary>A base directory of the XDG specification, or its default below the home directory.</summary>
    public static string Base(Func<string, string?> variable, string name, string below)
    {
        if (variable(name) is { Length: > 0 } set && Path.IsPathRooted(set)) return set;
        if (variable("HOME") is { Length: > 0 } home) return Path.Join(home, below);
        throw new TriggerException(ErrorCode.Settings, "there is no home directory to put files into",
            $"neither ${name} nor $HOME is set", "add --dir FOLDER");
    }
}
