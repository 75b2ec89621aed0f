using System.Collections.Immutable;
using System.Globalization;
using TriggerFs.Core;

namespace TriggerFs.Commands;

/// <summary>One key of a worker's section, which <c>[workers]</c> has for all of them.</summary>
sealed record WorkerKey(string Name, SettingKind Kind, Func<WorkerPolicy, Setting, WorkerPolicy> Apply);

/// <summary>The table of what can be said about a worker's plugins.</summary>
static class WorkerKeys
{
    private static readonly (string Name, PluginContract Contract)[] Contracts =
        [("exec", PluginContract.Exec), ("lines", PluginContract.Lines), ("go-2018", PluginContract.Go2018)];

    public static readonly IReadOnlyList<WorkerKey> All =
    [
        new("pluginspath", SettingKind.List, (policy, value) => policy with { PluginsPath = value.Each(':', Folder) }),
        new("plugins", SettingKind.List, (policy, value) => policy with { Plugins = value.Each(',', Pattern) }),
        new("contract", SettingKind.Text, (policy, value) => policy with { Contract = value.As(Contract) }),
        new("user", SettingKind.Text, (policy, value) => policy with { User = value.Given() }),
        new("umask", SettingKind.Text, (policy, value) => policy with { Umask = value.As(Umask) }),
        new("workdir", SettingKind.Text, (policy, value) => policy with { WorkDir = value.As(Folder) }),
        new("environment", SettingKind.List, (policy, value) => policy with { Environment = value.Each(',', Pattern) }),
        new("jobs", SettingKind.Number, (policy, value) => policy with { Jobs = value.As(SettingKeys.Jobs) }),
        new("memory", SettingKind.Size, (policy, value) => policy with { Memory = value.As(Size) }),
        new("pids", SettingKind.Number, (policy, value) => policy with { Pids = value.As(Number(1, 1 << 22)) }),
        new("cpu", SettingKind.Text, (policy, value) => policy with { Cpu = value.As(Percent) }),
        new("nofile", SettingKind.Number, (policy, value) => policy with { NoFile = value.As(Number(8, 1 << 20)) }),
        new("nice", SettingKind.Number, (policy, value) => policy with { Nice = value.As(Number(0, 19)) }),
        new("max-output", SettingKind.Size, (policy, value) => policy with { MaxOutput = value.As(Size) }),
        new("state", SettingKind.Text, (policy, value) => policy with { State = value.As(Folder) }),
    ];

    /// <summary>A contract by its name, or null when there is none of that name.</summary>
    public static PluginContract? FindContract(string name) =>
        Array.Find(Contracts, one => one.Name == name) is { Contract: not 0 } found ? found.Contract : null;

    /// <summary>The name of a contract.</summary>
    public static string NameOf(PluginContract contract) => Array.Find(Contracts, one => one.Contract == contract).Name;

    public static PluginContract Contract(string text) =>
        FindContract(text) ?? throw new TriggerException(ErrorCode.Invalid,
            $"'{NameRule.Shown(text)}' is not a contract",
            fix: $"use one of {string.Join(", ", Contracts.Select(one => one.Name))}");

    /// <summary>Bytes, as <c>65536</c>, <c>64K</c>, <c>256M</c> or <c>2G</c>.</summary>
    public static long Size(string text)
    {
        int shift = text.Length == 0 ? 0 : text[^1] switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        string digits = shift > 0 ? text[..^1] : text;
        bool isNumber = long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
        return isNumber && number > 0 && number <= long.MaxValue >> shift
            ? number << shift
            : throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is not a size",
                "a size is a number of bytes above 0", "write it like 65536, 64K, 256M or 2G");
    }

    private static string Folder(string text)
    {
        string path = Setting.AtHome(text);
        if (path.StartsWith('/') && !path.Contains('\0')) return path.Length > 1 ? path.TrimEnd('/') : path;
        throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is not an absolute path",
            "where a worker is started must not decide what it runs", "begin it with '/'");
    }

    private static string Pattern(string text) => text.Length is > 0 and <= Limits.PathMax
        ? text
        : throw new TriggerException(ErrorCode.Invalid, "a pattern is empty or too long",
            $"1 to {Limits.PathMax} letters are allowed", "write it like command/* or PATH");

    private static int Umask(string text)
    {
        bool isOctal = text.Length is > 0 and <= 4 && text.All(letter => letter is >= '0' and <= '7');
        int mask = isOctal ? Convert.ToInt32(text, 8) : -1;
        return mask is >= 0 and <= 0x1FF ? mask : throw new TriggerException(ErrorCode.Invalid,
            $"'{NameRule.Shown(text)}' is not a umask", "0000 to 0777 are allowed", "write it like 0027");
    }

    /// <summary>Percent of one processor, as <c>50%</c>, or <c>200%</c> for two.</summary>
    private static int Percent(string text) =>
        text.EndsWith('%') && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int percent)
            && percent is >= 1 and <= 100_000
            ? percent
            : throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is not a share of a processor",
                "1% to 100000% is allowed", "write it like 50%, or 200% for two processors");

    private static Func<string, int> Number(int least, int most) => text =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number >= least && number <= most
            ? number
            : throw new TriggerException(
                ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is out of range", $"{least} to {most} is allowed");
}
