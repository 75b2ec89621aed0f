using TriggerFs.Commands.Session;

namespace TriggerFs.Commands.Worker;

/// <summary>What a worker goes by once it is connected.</summary>
/// <param name="Identity">Its own name, as in <c>-identity demo01</c>.</param>
/// <param name="Jobs">How many runs it takes at once.</param>
/// <param name="Debug">Whether heartbeats and runs are logged.</param>
/// <param name="IsSole">
/// Nothing else in this process starts programs in sessions of their own, so that every orphan in one is a run's.
/// </param>
sealed record WorkerOptions(string Identity, int Jobs, bool Debug = false, bool IsSole = false)
{
    /// <summary>What its plugins are and may.</summary>
    public WorkerPolicy Policy { get; init; } = new();

    /// <summary>Where the secrets of its plugins are.</summary>
    public SecretsSettings Secrets { get; init; } = new();

    /// <summary>What the settings say of built-in plugins.</summary>
    public IReadOnlyList<PluginSection> Sections { get; init; } = [];

    /// <summary>Makes a session of the user of the settings, not opened; null when they name none.</summary>
    public Func<UserSession>? OpenUser { get; init; }

    /// <summary>The folder of what the worker keeps; made when it is needed.</summary>
    public string StateFolder { get; init; } = "";

    /// <summary>Where a new token goes.</summary>
    public ITokenKeeper Tokens { get; init; } = new NoTokenKeeper();

    /// <summary>Most commands wait for something else than a processor.</summary>
    public static readonly int JobsDefault = Math.Min(4 * Environment.ProcessorCount, Core.Limits.JobsMax);
}
