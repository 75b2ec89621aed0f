using System.Security.Cryptography;
using System.Text;

namespace TriggerFs.Commands.Spool;

/// <summary>Where the messages of a user for a broker wait when nothing else is said.</summary>
static class SpoolPlace
{
    /// <summary>
    /// A folder of its own for each user and broker: what was written for one must not come to another. It is below
    /// what systemd gives a service, else where the XDG base directory specification has state, else (mount(8) at the
    /// start of the system has no home) in /var/spool.
    /// </summary>
    public static string Of(Settings settings, Func<string, string?> variable)
    {
        if (settings.Mount.Spool is { } named) return Path.GetFullPath(named);
        byte[] key = SHA256.HashData(Encoding.UTF8.GetBytes(settings.Main.BrokerKey ?? ""));
        string user = $"{settings.Main.Team}.{settings.Main.Identity}@{Convert.ToHexStringLower(key.AsSpan(0, 4))}";
        return Path.Join(Base(variable), user);
    }

    private static string Base(Func<string, string?> variable)
    {
        if (variable("STATE_DIRECTORY") is { Length: > 0 } given) return Path.Join(given.Split(':')[0], "spool");
        if (variable("XDG_STATE_HOME") is { Length: > 0 } state && Path.IsPathRooted(state))
            return Path.Join(state, "triggerfs/spool");
        return variable("HOME") is { Length: > 0 } home
            ? Path.Join(home, ".local/state/triggerfs/spool") : "/var/spool/triggerfs";
    }
}
