namespace TriggerFs.Commands.Spool;

/// <summary>Where the messages of a user for a broker wait when nothing else is said.</summary>
static class SpoolPlace
{
    /// <summary>
    /// What the settings say, else with the state of the user, else (mount(8) at the start of the system has no home)
    /// in /var/spool.
    /// </summary>
    public static string Of(Settings settings, Func<string, string?> variable)
    {
        if (settings.Mount.Spool is { } named) return Path.GetFullPath(named);
        return StatePlace.Of(settings, variable, "spool") ?? $"/var/spool/triggerfs/{StatePlace.User(settings)}";
    }
}
