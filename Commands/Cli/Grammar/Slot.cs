using System.Globalization;
using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>
/// A kind of value: its name for people, and its check, which gives the form in which it travels. What stands for a
/// thing that exists (a worker, a service, …) is looked up by the broker.
/// </summary>
sealed record Slot(string Placeholder, Func<string, string> Check)
{
    public static readonly Slot Worker = new("WORKER", text => WorkerName.Parse(text).Value);
    public static readonly Slot Service = new("SERVICE", text => ServiceName.Parse(text).Value);
    public static readonly Slot User = new("USER", text => UserName.Parse(text).Value);
    public static readonly Slot Team = new("TEAM", text => TeamName.Parse(text).Value);
    public static readonly Slot Plugin = new("PLUGIN", text => PluginName.Parse(text).Value);

    /// <summary>A trigger by its path, or by its name where that is unique.</summary>
    public static readonly Slot Trigger = new("TRIGGER", CheckTrigger);

    /// <summary>An absolute path; a relative one counts from the root, as there is no working directory here.</summary>
    public static readonly Slot Path = new("PATH", CheckPath);
    public static readonly Slot Duration = new("DURATION", CheckTimeout);
    public static readonly Slot Number = new("NUMBER", CheckNumber);
    public static readonly Slot Lines = new("LINES", CheckLines);
    public static readonly Slot Permissions = new("PERMISSIONS", CheckPermissions);
    public static readonly Slot Text = new("TEXT", CheckText);

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

    private static string CheckTimeout(string text)
    {
        TimeSpan value = Commands.Duration.Parse(text);
        if (value > Limits.TimeoutMax)
            throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is too long",
                $"at most {Limits.TimeoutMax.TotalHours:0}h is allowed");
        return ((long)Math.Ceiling(value.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);
    }

    private static string CheckNumber(string text)
    {
        bool isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value);
        if (isNumber && value <= Limits.RetryMax) return value.ToString(CultureInfo.InvariantCulture);
        throw new TriggerException(ErrorCode.Invalid,
            $"'{NameRule.Shown(text)}' is not a number from 0 to {Limits.RetryMax}");
    }

    private static string CheckLines(string text) => text.Length is > 0 and < 10 && text.All(char.IsAsciiDigit) ? text
        : throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is not a number of lines");

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
