namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>What a plugin says of itself: a built-in one in code, another one in a file beside it.</summary>
sealed record PluginManifest
{
    /// <summary>Of a plugin that says nothing.</summary>
    public static readonly PluginManifest None = new();

    public string Name { get; init; } = "";

    public string Version { get; init; } = "";

    public string Description { get; init; } = "";

    public string Author { get; init; } = "";

    public string Licence { get; init; } = "";

    /// <summary>How it is talked with; null when the worker is to find out.</summary>
    public PluginContract? Contract { get; init; }

    /// <summary>The arguments that it takes; null when it does not say, and any are given to it.</summary>
    public IReadOnlyList<PluginInput>? Inputs { get; init; }

    /// <summary>The longest that one run may take; null when only the request says.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>A command line that shows it at work, such as <c>triggerfs client -plugin …</c>.</summary>
    public string Invocation { get; init; } = "";

    /// <summary>Where it runs, such as <c>linux-x64</c>; everywhere when empty.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>It runs for as long as somebody listens.</summary>
    public bool Stream { get; init; }

    /// <summary>For the contract lines: processes at most.</summary>
    public int Processes { get; init; } = 1;

    /// <summary>For the contract lines: runs at once in one process.</summary>
    public int Runs { get; init; } = 16;

    /// <summary>For the contract lines: how long a process without runs stays up.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(1);
}
