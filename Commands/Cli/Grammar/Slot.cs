using System.Globalization;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>
/// A kind of value: its name for people, its check, which gives the form in which it travels, and where names to
/// complete it with come from. What stands for a thing that is there (a worker, a service, …) the broker looks up.
/// </summary>
sealed record Slot(string Placeholder, Func<string, string> Check, params NameSource[] Names)
{
    /// <summary>
    /// Plugins that are built into workers (Commands/Worker/BUILTIN.md), written out: a console makes none of them.
    /// </summary>
    private static readonly string[] BuiltIn =
    [
        "command/command", "echo", "file/append", "file/write", "file/stream", "system/copy", "log/gelf", "log/syslog",
        "metrics/graphite", "metrics/statsd", "http/request", "sql/insert", "text/filter", "system/status",
        "system/kill", "system/service", "ssh/run", "ansible/playbook", "switch/flip", "trigger/write",
    ];

    public static readonly Slot NewWorker = new("WORKER", text => WorkerName.Parse(text).Value);
    public static readonly Slot NewService = new("SERVICE", text => ServiceName.Parse(text).Value);
    public static readonly Slot NewPath = new("PATH", CheckPath);
    public static readonly Slot NewTrigger = new("TRIGGER", CheckTrigger);

    public static readonly Slot Worker =
        NewWorker with { Names = [new NameSource.Shown(ObjectKind.Worker, "identity")] };

    public static readonly Slot Service =
        NewService with { Names = [new NameSource.Shown(ObjectKind.Service, "name")] };

    /// <summary>A service of the own team, or <c>team/service</c>.</summary>
    public static readonly Slot Target = new("SERVICE", CheckTarget, Service.Names);

    public static readonly Slot NewUser = new("USER", text => UserName.Parse(text).Value);

    public static readonly Slot User =
        NewUser with { Names = [new NameSource.Shown(ObjectKind.User, "identity")] };

    /// <summary>Somebody who is not in the team: an identity, or an e-mail address.</summary>
    public static readonly Slot Invited = new("WHO",
        text => text.Contains('@') ? EmailAddress.Parse(text).Value : UserName.Parse(text).Value);

    /// <summary>The number of an invitation, or its activation code, which is a proof.</summary>
    public static readonly Slot Invitation =
        new("INVITATION", CheckText, new NameSource.Shown(ObjectKind.Invitation, "id")) { IsSecret = true };

    public static readonly Slot NewTeam = new("TEAM", text => TeamName.Parse(text).Value);

    public static readonly Slot Team = NewTeam with { Names = [new NameSource.Shown(ObjectKind.Team, "name")] };

    public static readonly Slot Plan =
        new("PLAN", text => Core.Model.Plan.Parse(text).Name, new NameSource.Shown(ObjectKind.Plan, "name"));

    public static readonly Slot Plugin = new("PLUGIN", text => PluginName.Parse(text).Value,
        new NameSource.Known(BuiltIn), new NameSource.Shown(ObjectKind.Plugin, "name"),
        new NameSource.Shown(ObjectKind.Trigger, "plugin"));

    /// <summary>An argument of a plugin.</summary>
    public static readonly Slot Argument = new("NAME=VALUE", Core.Model.KeptStream.CheckArgument);

    /// <summary>A trigger by its path, or by its name where that is unique.</summary>
    public static readonly Slot Trigger = NewTrigger with
    {
        Names = [new NameSource.Shown(ObjectKind.Trigger, "name"), new NameSource.Shown(ObjectKind.Trigger, "path")],
    };

    /// <summary>An absolute path; a relative one counts from the root, as there is no working directory here.</summary>
    public static readonly Slot Directory =
        NewPath with { Names = [new NameSource.Shown(ObjectKind.Directory, "path")] };

    /// <summary>A directory or a trigger by its path.</summary>
    public static readonly Slot Path = NewPath with
    {
        Names =
        [
            new NameSource.Shown(ObjectKind.Directory, "path"), new NameSource.Shown(ObjectKind.Trigger, "path"),
        ],
    };

    public static readonly Slot Duration = new("DURATION", CheckTimeout);
    public static readonly Slot Backoff = new("BACKOFF", text => Core.Model.Backoff.Parse(text).ToString());
    public static readonly Slot Ttl = new("DURATION", text => CheckDuration(text, Limits.TtlMax));
    public static readonly Slot Priority =
        new("PRIORITY", text => CheckNumber(text, 0, Core.Model.Delivery.PriorityMax));
    public static readonly Slot Inflight = new("NUMBER", text => CheckNumber(text, 0, Limits.JobsMax));
    public static readonly Slot Number = new("NUMBER", text => CheckNumber(text, 0, Limits.RetryMax));

    /// <summary>How many of something: lines, words.</summary>
    public static readonly Slot Count = new("N", text => CheckNumber(text, 1, 1_000_000));

    /// <summary>The number that the broker gave to something.</summary>
    public static readonly Slot Id = new("ID", text => CheckNumber(text, 1, int.MaxValue));

    /// <summary>How many lines; the broker says how many it has at the most.</summary>
    public static readonly Slot Lines = new("LINES", text => CheckNumber(text, 0, 999_999_999));

    public static readonly Slot Rate = new("RATE", text => Core.Model.Rate.Parse(text).ToString());
    public static readonly Slot Size = new("SIZE", CheckSize);

    /// <summary>How many changes to go back.</summary>
    public static readonly Slot Back = new("N", text => CheckNumber(text, 0, 999_999_999));

    public static readonly Slot Revision = new("REVISION", text => CheckNumber(text, 1, 999_999_999),
        new NameSource.Shown(ObjectKind.Revision, "revision"));

    /// <summary>Minutes, or a time with a unit.</summary>
    public static readonly Slot Confirm = new("MINUTES", text =>
        CheckTimeout(text.Length > 0 && text.All(char.IsAsciiDigit) ? text + "m" : text));
    public static readonly Slot Permissions = new("PERMISSIONS", CheckPermissions);
    public static readonly Slot Text = new("TEXT", CheckText);

    /// <summary>What a plugin is sent: any characters.</summary>
    public static readonly Slot Command = new("COMMAND", text => text);

    public static readonly Slot Pattern = new("RE", text => Grammar.Pattern.Parse(text).ToString());
    public static readonly Slot File = new("FILE", CheckFile, new NameSource.Files());

    /// <summary>What stands here is in no history.</summary>
    public bool IsSecret { get; init; }

    private static string CheckTarget(string text) => text.IndexOf('/') is >= 0 and int slash
        ? $"{TeamName.Parse(text[..slash])}/{ServiceName.Parse(text[(slash + 1)..])}"
        : ServiceName.Parse(text).Value;

    private static string CheckTrigger(string text)
    {
        if (text.StartsWith('/')) return CheckPath(text);
        TriggerPath.CheckComponent(text);
        return text;
    }

    private static string CheckPath(string text)
    {
        string path = text.StartsWith('/') ? text : "/" + text;
        if (path.Length > 1 && path.EndsWith('/')) path = path[..^1];
        return TriggerPath.Parse(path).Value;
    }

    private static string CheckTimeout(string text) => CheckDuration(text, Limits.TimeoutMax);

    private static string CheckDuration(string text, TimeSpan max)
    {
        TimeSpan value = Core.Duration.Parse(text);
        if (value > max)
            throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is too long",
                $"at most {max.TotalHours:0}h is allowed");
        return ((long)Math.Ceiling(value.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);
    }

    private static string CheckSize(string text)
    {
        long bytes = ByteSize.Parse(text);
        if (bytes is > 0 and <= Limits.TriggerLimitMax) return bytes.ToString(CultureInfo.InvariantCulture);
        throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' cannot be the size of a message",
            $"1 byte to {ByteSize.Print(Limits.TriggerLimitMax)} is allowed");
    }

    private static string CheckNumber(string text, int min, int max)
    {
        bool isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value);
        if (isNumber && value >= min && value <= max) return value.ToString(CultureInfo.InvariantCulture);
        throw new TriggerException(ErrorCode.Invalid,
            $"'{NameRule.Shown(text)}' is not a number from {min} to {max}");
    }

    private static string CheckFile(string text) => text.Length > 0 && !text.Contains('\0')
        ? text : throw new TriggerException(ErrorCode.Invalid, "a file needs a name");

    private static string CheckPermissions(string text)
    {
        if (text.Length is >= 3 and <= 4 && text.All(digit => digit is >= '0' and <= '7')
            && Convert.ToInt32(text, 8) <= Convert.ToInt32("777", 8)) return text;
        throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' are not permissions",
            "three octal digits are, from 000 to 777", "write them like 640 or 0755");
    }

    private static string CheckText(string text)
    {
        if (text.Any(char.IsControl))
            throw new TriggerException(ErrorCode.Invalid, "a text cannot have control characters in it");
        return text;
    }
}
