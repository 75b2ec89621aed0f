using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using TriggerFs.Broker;
using TriggerFs.Broker.Audit;
using TriggerFs.Commands.Mail;
using TriggerFs.Commands.Spool;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Commands;

/// <summary>
/// What a command goes by: flags over environment over the settings file, checked. Everything is optional here; a
/// command asks for what it cannot do without (<see cref="NeedUser"/>, …) and the person is told where it can be set.
/// </summary>
sealed record Settings
{
    /// <summary>The file that was read, or null when there is none.</summary>
    public string? File { get; init; }

    /// <summary>The file's first line that has a secret in it, or null when there is none.</summary>
    public int? SecretLine { get; init; }

    public MainSettings Main { get; init; } = new();

    public MountSettings Mount { get; init; } = new();

    public ClientSettings Client { get; init; } = new();

    public WorkersSettings Workers { get; init; } = new();

    public SecretsSettings Secrets { get; init; } = new();

    /// <summary>What is said of built-in plugins, a section for each name.</summary>
    public ImmutableArray<PluginSection> Plugins { get; init; } = [];

    public BrokerSettings Broker { get; init; } = new();

    /// <summary>The broker's address and key, or what to do about a missing one.</summary>
    public BrokerAddress NeedBroker() => new(
        Main.Broker ?? throw Missing("the broker's address", "--broker tcp://host:5555", "broker"),
        Main.BrokerKey ?? throw Missing("the broker's public key", "--brokerkey KEY", "brokerkey"));

    /// <summary>Whether a user could sign in with them.</summary>
    public bool HasUser => Main is { Broker: not null, Team: not null, Identity: not null }
        and ({ Secret: not null } or { Jwt: not null });

    /// <summary>Who signs in and with what, or what to do about what is missing.</summary>
    public UserSettings NeedUser()
    {
        string team = Main.Team ?? throw Missing("the team", "--team T", "team");
        string identity = Main.Identity ?? throw Missing("the user's identity", "--identity I", "identity");
        if (Main.Secret is null && Main.Jwt is null)
            throw Missing($"a secret or JWT for {identity}", "TRIGGERFS_SECRET=… in the environment", "secret");
        return new(team, identity, Main.Secret, Main.Jwt);
    }

    /// <summary>
    /// The worker that is meant by an identity, or by none when there is only one; the team counts where it is set.
    /// </summary>
    public WorkerSettings NeedWorker(string? identity)
    {
        if (identity is not null) _ = WorkerName.Parse(identity);
        if (Workers.Token is { } token && identity is not null && Main.Team is { } team)
            return (Workers.All.FirstOrDefault(one => one.Identity == identity && one.Team == team)
                ?? new(team, identity, token)) with
            { Token = token };
        WorkerSettings[] fitting = [.. Workers.All.Where(one =>
            (identity is null || one.Identity == identity) && (Main.Team is null || one.Team == Main.Team))];
        return fitting.Length switch
        {
            1 when (Workers.Token ?? fitting[0].Token) is { Length: > 0 } known => fitting[0] with { Token = known },
            0 or 1 => throw NoToken(identity),
            _ => throw new TriggerException(ErrorCode.Settings, "it is not clear which worker is meant",
                $"{File} has {string.Join(", ", (object[])fitting)}",
                "add --identity I, and --team T where that is not enough"),
        };
    }

    /// <summary>What a worker's plugins may: its own section over what is said for all.</summary>
    public WorkerPolicy PolicyOf(WorkerSettings worker) => worker.Policy.Over(Workers.Policy);

    private TriggerException NoToken(string? identity)
    {
        string name = identity ?? "NAME";
        string section = $"[workers.{Main.Team ?? "TEAM"}.{name}]";
        string others = Workers.All.Length == 0 ? "" : ", only " + string.Join(", ", Workers.All);
        return new(ErrorCode.Settings,
            identity is null ? "no worker is set" : $"the token of worker '{identity}' is not set",
            File is null ? SettingsFile.NoneFound : $"{File} has no section {section}{others}",
            $"make it: triggerfs cli -c 'set workers identity {name}' -c 'show workers {name} token', "
                + $"and put its token = \"…\" under {section}");
    }

    private TriggerException Missing(string what, string flag, string key) =>
        new(ErrorCode.Settings, $"{what} is not set",
            File is null ? SettingsFile.NoneFound : $"{File} does not have it",
            $"add {flag}, or {key} = \"…\" under [main] in {File ?? "the settings file"}");
}

/// <summary>Who one is and where the broker is: <c>[main]</c>.</summary>
sealed record MainSettings(
    string? Team = null,
    string? Identity = null,
    string? Secret = null,
    string? Jwt = null,
    string? Broker = null,
    string? BrokerKey = null)
{
    /// <summary>Without the secrets, so that no log can have them.</summary>
    public override string ToString() => $"{Team}/{Identity} at {Broker}";
}

/// <summary>The mount: <c>[triggerfs]</c>. Paths are as they were written, relative to the working directory.</summary>
/// <param name="Spool">The folder in which messages wait for the broker; null for the default.</param>
sealed record MountSettings(string? Mountpoint = null, string? Logfile = null, string? Spool = null)
{
    /// <summary>How the spool is kept; its folder comes later.</summary>
    public SpoolOptions SpoolRules { get; init; } = new("");
}

/// <summary>The client: <c>[triggerfs-client]</c>.</summary>
sealed record ClientSettings(string? Logfile = null);

/// <summary>The workers of this host: <c>[workers]</c> and <c>[workers.TEAM.IDENTITY]</c>.</summary>
/// <param name="Token">The token from the environment, which wins over a section's.</param>
sealed record WorkersSettings(string? Token = null)
{
    public ImmutableArray<WorkerSettings> All { get; init; } = [];

    /// <summary>What is said for all of them.</summary>
    public WorkerPolicy Policy { get; init; } = new();

    /// <summary>Without the tokens, so that no log can have them.</summary>
    public override string ToString() => $"{All.Length} workers";
}

/// <summary>One worker: who it is, its token (empty when its section has none), and what its plugins may.</summary>
sealed record WorkerSettings(string Team, string Identity, string Token)
{
    public WorkerPolicy Policy { get; init; } = new();

    /// <summary>Without the token, so that no log can have it.</summary>
    public override string ToString() => $"{Team}/{Identity}";
}

/// <summary>Where <c>-args key=@secret:NAME</c> is looked up on a worker: <c>[secrets]</c>.</summary>
/// <param name="File">A file of <c>NAME = "…"</c> lines, for its owner alone.</param>
/// <param name="Folder">A folder with a file for each secret.</param>
/// <param name="Plugins">Patterns of the plugins that get secrets; all when null.</param>
/// <param name="Own">The settings file, which may lie among them and is never given away.</param>
sealed record SecretsSettings(
    string? File = null, string? Folder = null, ImmutableArray<string>? Plugins = null, string? Own = null);

/// <summary>The server: <c>[broker]</c>.</summary>
/// <param name="Listen">Such as <c>tcp://*:5555</c>.</param>
/// <param name="State">The state folder.</param>
/// <param name="LogLevel">The lowest level that is logged; null for information.</param>
/// <param name="Logfile">Where the log goes instead of standard error.</param>
sealed record BrokerSettings(
    string? Listen = null, string? State = null, LogLevel? LogLevel = null, string? Logfile = null)
{
    /// <summary>Where people reach the broker, as they are told; null for what is not known.</summary>
    public string? Address { get; init; }

    /// <summary>Who may make an account by himself; null for who is invited.</summary>
    public SignupMode? Signup { get; init; }

    /// <summary>How long what runs may take when the broker is told to stop; null for not at all.</summary>
    public TimeSpan? Drain { get; init; }

    /// <summary>How often each session may send; null for as often as it likes.</summary>
    public Rate? SessionRate { get; init; }

    /// <summary>How often each team may send; null for as often as it likes.</summary>
    public Rate? TeamRate { get; init; }

    /// <summary>How many asynchronous messages are kept; null for the default.</summary>
    public int? QueueLength { get; init; }

    /// <summary>Bytes of asynchronous messages that are kept; null for the default.</summary>
    public long? QueueSize { get; init; }

    /// <summary>When messages that were taken are on the disk; null for always.</summary>
    public SyncRule? QueueSync { get; init; }

    public AuditSettings Audit { get; init; } = new();

    /// <summary>What sends mails; as new for nothing, so that admins see the codes.</summary>
    public SmtpSettings Smtp { get; init; } = new();
}

/// <summary>What is kept of who changed what: <c>[broker.audit]</c>.</summary>
/// <param name="Folder">Where; null for <c>audit</c> in the state folder.</param>
/// <param name="Size">Bytes at the most; null for the default.</param>
/// <param name="Age">How long at the most; null for the default.</param>
sealed record AuditSettings(string? Folder = null, long? Size = null, TimeSpan? Age = null)
{
    /// <summary>The options of an audit whose broker has its state in a folder.</summary>
    public AuditOptions Options(string stateFolder) => new(
        Path.GetFullPath(Folder ?? Path.Join(stateFolder, "audit")), Size ?? AuditOptions.SizeDefault, Age);
}

/// <summary>Where the broker is and which public key it proves to have.</summary>
sealed record BrokerAddress(string Address, string Key);

/// <summary>A user who signs in with a secret, or with the JWT of an earlier session.</summary>
sealed record UserSettings(string Team, string Identity, string? Secret, string? Jwt)
{
    /// <summary>Without the secrets, so that no log can have them.</summary>
    public override string ToString() => $"{Team}/{Identity}";
}
