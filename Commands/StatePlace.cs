using System.Security.Cryptography;
using System.Text;

namespace TriggerFs.Commands;

/// <summary>Where this program keeps what it must remember from one start to the next.</summary>
static class StatePlace
{
    /// <summary>
    /// A folder of its own for each user and broker: what is of one must not come to another. It is below what systemd
    /// gives a service, else where the XDG base directory specification has state; null without a home.
    /// </summary>
    /// <param name="kind">What is kept there.</param>
    public static string? Of(Settings settings, Func<string, string?> variable, string kind)
    {
        string user = User(settings);
        if (variable("STATE_DIRECTORY") is { Length: > 0 } given) return Path.Join(given.Split(':')[0], kind, user);
        if (variable("XDG_STATE_HOME") is { Length: > 0 } state && Path.IsPathRooted(state))
            return Path.Join(state, "triggerfs", kind, user);
        return variable("HOME") is { Length: > 0 } home
            ? Path.Join(home, ".local/state/triggerfs", kind, user) : null;
    }

    /// <summary>A name for the settings' user at the settings' broker.</summary>
    public static string User(Settings settings)
    {
        byte[] key = SHA256.HashData(Encoding.UTF8.GetBytes(settings.Main.BrokerKey ?? ""));
        return $"{settings.Main.Team}.{settings.Main.Identity}@{Convert.ToHexStringLower(key.AsSpan(0, 4))}";
    }
}
