using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using TriggerFs.Broker;
using TriggerFs.Broker.Audit;
using TriggerFs.Commands.Mail;
using TriggerFs.Core;
using TriggerFs.Core.Model;
using TriggerFs.Transport;

namespace TriggerFs.Commands;

/// <summary>
/// One value on its way into the settings, and where it was written, for errors: file and line, or a variable.
/// </summary>
readonly record struct Setting(string Key, string Text, string Where)
{
    /// <summary>The texts of a list; null for a value that is none.</summary>
    public IReadOnlyList<string>? Items { get; init; }

    /// <summary>The value through a check that throws when it breaks a rule; the error then names the place.</summary>
    public T As<T>(Func<string, T> parse)
    {
        try
        {
            return parse(Text);
        }
        catch (TriggerException problem)
        {
            string why = problem.Why is null ? problem.Message : $"{problem.Message}: {problem.Why}";
            throw new TriggerException(ErrorCode.Settings, $"{Where}: {Key} has a bad value", why, problem.Fix);
        }
    }

    /// <summary>The value as text that is not empty.</summary>
    public string Given() => As(text => text.Length > 0
        ? text
        : throw new TriggerException(ErrorCode.Invalid, "it is empty", fix: "set it, or remove the line"));

    /// <summary>The values of a list through a check; a text is a list of what the separator parts.</summary>
    public ImmutableArray<T> Each<T>(char separator, Func<string, T> parse)
    {
        Setting setting = this;
        IEnumerable<string> texts =
            Items ?? Text.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. texts.Select(text => (setting with { Text = text }).As(parse))];
    }

    /// <summary>
    /// The value as a path: what was written, with <c>~/</c> at its beginning replaced by the home directory.
    /// </summary>
    public string Path() => AtHome(Given());

    /// <summary>A path with the home directory in the place of a <c>~/</c> at its beginning.</summary>
    public static string AtHome(string path)
    {
        string? home = Environment.GetEnvironmentVariable("HOME");
        return path.StartsWith("~/") && !string.IsNullOrEmpty(home) ? System.IO.Path.Join(home, path[2..]) : path;
    }
}

/// <summary>What the settings file may have as a key's value.</summary>
enum SettingKind : byte
{
    /// <summary>A text in quotes.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>Texts in brackets, or a single one.</summary>
    List,

    /// <summary>A number of bytes, or a text such as <c>256M</c>.</summary>
    Size,

    /// <summary>A text, a number, true or false.</summary>
    Scalar,
}

/// <summary>
/// All that is known of one key: its place in the file, its variable in the environment, and what it sets.
/// </summary>
/// <param name="Name">Such as <c>main.team</c>.</param>
/// <param name="Variable">Such as <c>TRIGGERFS_TEAM</c>.</param>
/// <param name="Apply">The settings with the value in them.</param>
/// <param name="Kind">What the file has there.</param>
sealed record SettingKey(
    string Name,
    string Variable,
    Func<Settings, Setting, Settings> Apply,
    SettingKind Kind = SettingKind.Text);

/// <summary>The one table of keys that the settings file and the environment may have, applied in this order.</summary>
static class SettingKeys
{
    private static readonly string[] Levels = ["trace", "debug", "information", "warning", "error"];

    public static readonly IReadOnlyList<SettingKey> All =
    [
        InMain("team", (main, value) => main with { Team = value.As(TeamName.Parse).Value }),
        InMain("identity", (main, value) => main with { Identity = value.As(UserName.Parse).Value }),
        // A secret from the environment wins over the file's JWT; a JWT of the same place is tried before its secret.
        InMain("secret", (main, value) => main with { Secret = value.Given(), Jwt = null }),
        InMain("jwt", (main, value) => main with { Jwt = value.Given() }),
        InMain("broker", (main, value) => main with { Broker = value.As(TcpAddress.Parse) }),
        InMain("brokerkey", (main, value) => main with { BrokerKey = value.As(BrokerKey) }),
        InMount("mountpoint", (mount, value) => mount with { Mountpoint = value.Path() }),
        InMount("logfile", (mount, value) => mount with { Logfile = value.Path() }),
        InMount("spool", (mount, value) => mount with { Spool = value.Path() }),
        InMount("spoolsync", (mount, value) =>
            mount with { SpoolRules = value.As(mount.SpoolRules.WithSync) }),
        InMount("spoolsize", (mount, value) =>
            mount with { SpoolRules = value.As(mount.SpoolRules.WithSize) }) with { Kind = SettingKind.Size },
        InMount("spoolage", (mount, value) =>
            mount with { SpoolRules = value.As(mount.SpoolRules.WithAge) }),
        new("triggerfs-client.logfile", "TRIGGERFS_CLIENT_LOGFILE",
            (all, value) => all with { Client = all.Client with { Logfile = value.Path() } }),
        .. WorkerKeys.All.Select(InWorkers),
        InSecrets("file", (secrets, value) => secrets with { File = value.Path() }),
        InSecrets("folder", (secrets, value) => secrets with { Folder = value.Path() }),
        InSecrets("plugins", (secrets, value) => secrets with { Plugins = value.Each(',', text => text) })
            with { Kind = SettingKind.List },
        InBroker("listen", (broker, value) => broker with { Listen = value.As(TcpAddress.ParseListen) }),
        InBroker("state", (broker, value) => broker with { State = value.Path() }),
        InBroker("loglevel", (broker, value) => broker with { LogLevel = value.As(Level) }),
        InBroker("logfile", (broker, value) => broker with { Logfile = value.Path() }),
        InBroker("address", (broker, value) => broker with { Address = value.As(TcpAddress.Parse) }),
        InBroker("signup", (broker, value) => broker with { Signup = value.As(Signup) }),
        .. SmtpKeys.All.Select(InSmtp),
        InBroker("drain", (broker, value) => broker with { Drain = value.As(DrainMax) }),
        InBroker("sessionrate", (broker, value) => broker with { SessionRate = value.As(Rate.Parse) }),
        InBroker("teamrate", (broker, value) => broker with { TeamRate = value.As(Rate.Parse) }),
        InBroker("queuelength", (broker, value) => broker with { QueueLength = value.As(QueueLength) })
            with { Kind = SettingKind.Number },
        InBroker("queuesize", (broker, value) => broker with { QueueSize = value.As(QueueSize) })
            with { Kind = SettingKind.Size },
        InBroker("queuesync", (broker, value) => broker with { QueueSync = value.As(SyncRule.Parse) }),
        InAudit("folder", (audit, value) => audit with { Folder = value.Path() }),
        InAudit("size", (audit, value) => audit with { Size = value.As(AuditSize) }),
        InAudit("age", (audit, value) => audit with { Age = value.As(AuditAge) }),
    ];

    /// <summary>The key of that name, which there is.</summary>
    public static SettingKey Find(string name) => All.First(key => key.Name == name);

    /// <summary>The settings with those over them that the environment has; an empty variable counts as none.</summary>
    public static Settings FromEnvironment(Settings settings, Func<string, string?> variable)
    {
        foreach (SettingKey key in All)
            if (variable(key.Variable) is { Length: > 0 } text)
                settings = key.Apply(settings, new(key.Variable, text, "the environment"));
        if (variable("TRIGGERFS_TOKEN") is not { Length: > 0 } token) return settings;
        string known = new Setting("TRIGGERFS_TOKEN", token, "the environment").As(Token);
        return settings with { Workers = settings.Workers with { Token = known } };
    }

    /// <summary>A worker's token, in the form that the broker gives it: a UUID.</summary>
    public static string Token(string text) => Guid.TryParseExact(text, "D", out _)
        ? text.ToLowerInvariant()
        : throw new TriggerException(ErrorCode.Invalid, "it is not a token", "a token looks like "
            + "01234567-89ab-4cde-8f01-23456789abcd", "copy it from: triggerfs cli -c 'show workers IDENTITY token'");

    /// <summary>A broker's public key; refused when it is none.</summary>
    public static string BrokerKey(string text)
    {
        _ = Keys.ParsePublic(text);
        return text.Trim();
    }

    /// <summary>A log level by its name or the beginning of it.</summary>
    public static LogLevel Level(string text)
    {
        int index = Array.FindIndex(Levels, level => level.StartsWith(text, StringComparison.OrdinalIgnoreCase));
        return index >= 0 && text.Length > 0 ? (LogLevel)index : throw new TriggerException(ErrorCode.Invalid,
            $"'{NameRule.Shown(text)}' is not a level", fix: $"use one of {string.Join(", ", Levels)}");
    }

    /// <summary>Who may sign up, by its word.</summary>
    public static SignupMode Signup(string text) => text switch
    {
        "closed" => SignupMode.Closed,
        "invited" => SignupMode.Invited,
        "open" => SignupMode.Open,
        _ => throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' does not say who may sign up",
            fix: "use one of closed, invited, open"),
    };

    /// <summary>How long a broker may take to stop, an hour at the most.</summary>
    public static TimeSpan DrainMax(string text) => Duration.Parse(text) is var max && max <= TimeSpan.FromHours(1)
        ? max
        : throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is too long",
            "at most 1h is allowed");

    /// <summary>Messages that the queue may keep: each costs some hundred bytes of memory besides its own.</summary>
    public static int QueueLength(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            && length is >= 100 and <= 10_000_000
            ? length
            : throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' cannot be the queue's length",
                "100 to 10000000 messages are allowed");

    /// <summary>Bytes that the queue may keep: two of the largest messages at least.</summary>
    public static long QueueSize(string text) =>
        ByteSize.Parse(text) is var size && size >= 2L * Limits.TriggerLimitMax ? size
        : throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is too small for the queue",
            $"at least {2L * Limits.TriggerLimitMax >> 20}MiB are needed: two of the largest messages");

    /// <summary>A number of jobs within <see cref="Limits.JobsMax"/>.</summary>
    public static int Jobs(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int jobs)
            && jobs is > 0 and <= Limits.JobsMax
            ? jobs
            : throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is not a number of jobs",
                $"1 to {Limits.JobsMax} requests can run at once");

    /// <summary>A size of the audit, not below <see cref="AuditOptions.SizeMin"/>.</summary>
    public static long AuditSize(string text) => ByteSize.Parse(text) is var size and >= AuditOptions.SizeMin
        ? size
        : throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is too small",
            $"at least {AuditOptions.SizeMin >> 20}MiB are needed");

    /// <summary>An age of the audit, not below an hour.</summary>
    public static TimeSpan AuditAge(string text) => Duration.Parse(text) is var age && age >= TimeSpan.FromHours(1)
        ? age
        : throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is too short",
            "at least 1h is needed");

    private static SettingKey InMain(string key, Func<MainSettings, Setting, MainSettings> apply) =>
        new("main." + key, Variable(key), (all, value) => all with { Main = apply(all.Main, value) });

    private static SettingKey InMount(string key, Func<MountSettings, Setting, MountSettings> apply) =>
        new("triggerfs." + key, Variable(key), (all, value) => all with { Mount = apply(all.Mount, value) });

    /// <summary>
    /// A plugin's run has variables of its own (TRIGGERFS_USER, …), so only the two oldest keys go without a prefix.
    /// </summary>
    private static SettingKey InWorkers(WorkerKey key) => new(
        "workers." + key.Name,
        Variable((key.Name is "pluginspath" or "jobs" ? "" : "workers_") + key.Name.Replace('-', '_')),
        (all, value) =>
            all with { Workers = all.Workers with { Policy = key.Apply(all.Workers.Policy, value) } },
        key.Kind);

    private static SettingKey InSecrets(string key, Func<SecretsSettings, Setting, SecretsSettings> apply) => new(
        "secrets." + key, Variable("secrets_" + key), (all, value) => all with { Secrets = apply(all.Secrets, value) });

    private static SettingKey InBroker(string key, Func<BrokerSettings, Setting, BrokerSettings> apply) =>
        new("broker." + key, Variable("broker_" + key), (all, value) => all with { Broker = apply(all.Broker, value) });

    private static SettingKey InSmtp(SmtpKey key) =>
        InBroker("smtp." + key.Name, (broker, value) => broker with { Smtp = key.Apply(broker.Smtp, value) }) with
        {
            Variable = Variable("broker_smtp_" + key.Name),
            Kind = key.Kind,
        };

    private static SettingKey InAudit(string key, Func<AuditSettings, Setting, AuditSettings> apply) =>
        InBroker("audit." + key, (broker, value) => broker with { Audit = apply(broker.Audit, value) }) with
        {
            Variable = Variable("broker_audit_" + key),
        };

    private static string Variable(string key) => "TRIGGERFS_" + key.ToUpperInvariant();
}
