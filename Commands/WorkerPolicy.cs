using System.Collections.Immutable;

namespace TriggerFs.Commands;

/// <summary>
/// What the plugins of a worker are and what they may: <c>[workers]</c> for all workers of the host, and a worker's own
/// section over it. Null is what was not said.
/// </summary>
sealed record WorkerPolicy
{
    /// <summary>Folders of plugins, absolute; the first that has a plugin wins.</summary>
    public ImmutableArray<string>? PluginsPath { get; init; }

    /// <summary>Patterns of the plugins that may run; <c>*</c> stands for any letters. All, when null.</summary>
    public ImmutableArray<string>? Plugins { get; init; }

    /// <summary>The contract of plugins without a manifest; found out for each when null.</summary>
    public PluginContract? Contract { get; init; }

    /// <summary>The user that plugins run as: a name of /etc/passwd, or UID:GID. The worker's own when null.</summary>
    public string? User { get; init; }

    /// <summary>The file mode creation mask, 0 to 0777.</summary>
    public int? Umask { get; init; }

    /// <summary>The folder that plugins start in; the worker's own when null.</summary>
    public string? WorkDir { get; init; }

    /// <summary>Patterns of the worker's variables that plugins see; all but its own settings when null.</summary>
    public ImmutableArray<string>? Environment { get; init; }

    /// <summary>How many requests run at once.</summary>
    public int? Jobs { get; init; }

    /// <summary>
    /// Bytes of memory that each process of a plugin may have, and a whole run where there are control groups.
    /// </summary>
    public long? Memory { get; init; }

    /// <summary>Processes and threads that a run may have; needs control groups.</summary>
    public int? Pids { get; init; }

    /// <summary>Percent of one processor that a run may take; needs control groups.</summary>
    public int? Cpu { get; init; }

    /// <summary>Descriptors that each process of a plugin may have open.</summary>
    public int? NoFile { get; init; }

    /// <summary>By how much plugins give way to others, 0 to 19.</summary>
    public int? Nice { get; init; }

    /// <summary>Bytes of output of one run; a run that writes more is ended.</summary>
    public long? MaxOutput { get; init; }

    /// <summary>The folder of what the worker keeps; null for the usual one.</summary>
    public string? State { get; init; }

    /// <summary>This over another that says what this does not.</summary>
    public WorkerPolicy Over(WorkerPolicy general) => new()
    {
        PluginsPath = PluginsPath ?? general.PluginsPath,
        Plugins = Plugins ?? general.Plugins,
        Contract = Contract ?? general.Contract,
        User = User ?? general.User,
        Umask = Umask ?? general.Umask,
        WorkDir = WorkDir ?? general.WorkDir,
        Environment = Environment ?? general.Environment,
        Jobs = Jobs ?? general.Jobs,
        Memory = Memory ?? general.Memory,
        Pids = Pids ?? general.Pids,
        Cpu = Cpu ?? general.Cpu,
        NoFile = NoFile ?? general.NoFile,
        Nice = Nice ?? general.Nice,
        MaxOutput = MaxOutput ?? general.MaxOutput,
        State = State ?? general.State,
    };
}

/// <summary>How a worker and a plugin talk with one another; Commands/Worker/PLUGINS.md has all of it.</summary>
enum PluginContract : byte
{
    /// <summary>A program for each run: the message on standard input, the exit status is the answer.</summary>
    Exec = 1,

    /// <summary>A program that stays up and speaks JSON lines.</summary>
    Lines,

    /// <summary>A plugin of 2018: JSON-RPC on its standard input and output, lines through ZeroMQ.</summary>
    Go2018,
}
