using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>Reads a manifest; what is wrong is refused with the file and the key, what is not known is told.</summary>
static class ManifestReader
{
    /// <summary>Bytes of a manifest: a long description, and all the inputs that a request may have.</summary>
    public const int SizeMax = 64 * 1024;

    private static readonly string[] Keys =
    [
        "name", "version", "description", "author", "licence", "contract", "inputs", "timeout", "invocation",
        "platforms", "stream", "processes", "runs", "idle",
    ];

    private static readonly string[] InputKeys = ["name", "type", "required", "default", "pattern", "secret", "pass"];

    /// <param name="json">The file's bytes.</param>
    /// <param name="path">The file, for errors.</param>
    /// <param name="unknown">What to tell of keys that are not known; empty when all are.</param>
    public static PluginManifest Read(ReadOnlySpan<byte> json, string path, out string unknown)
    {
        if (!Utf8.IsValid(json))
            throw new TriggerException(ErrorCode.Invalid, $"{path} is no manifest", "it is not UTF-8");
        ManifestText text;
        try
        {
            text = JsonSerializer.Deserialize(json, ManifestJson.Default.ManifestText) ?? new();
        }
        catch (JsonException problem)
        {
            throw new TriggerException(ErrorCode.Invalid,
                $"{path}:{problem.LineNumber + 1}: this is no manifest", Reason(problem));
        }
        unknown = Unknown(text);
        try
        {
            return From(text);
        }
        catch (TriggerException flaw)
        {
            string why = flaw.Why is null ? flaw.Message : $"{flaw.Message}: {flaw.Why}";
            throw new TriggerException(ErrorCode.Invalid, $"{path} is no manifest", why, flaw.Fix);
        }
    }

    private static PluginManifest From(ManifestText text) => new()
    {
        Name = text.Name ?? "",
        Version = text.Version ?? "",
        Description = text.Description ?? "",
        Author = text.Author ?? "",
        Licence = text.Licence ?? "",
        Contract = text.Contract is { } contract ? WorkerKeys.Contract(contract) : null,
        Inputs = text.Inputs is { } inputs ? Inputs(inputs) : null,
        Timeout = text.Timeout is { } timeout ? Time("timeout", timeout) : null,
        Invocation = text.Invocation ?? "",
        Platforms = text.Platforms ?? [],
        Stream = text.Stream,
        Processes = Within("processes", text.Processes ?? PluginManifest.None.Processes, 1, 64),
        Runs = Within("runs", text.Runs ?? PluginManifest.None.Runs, 1, Limits.JobsMax),
        Idle = text.Idle is { } idle ? Time("idle", idle) : PluginManifest.None.Idle,
    };

    private static PluginInput[] Inputs(List<InputText> texts)
    {
        if (texts.Count > Limits.ArgsMax) throw Flaw("inputs", $"at most {Limits.ArgsMax} are allowed");
        PluginInput[] inputs = [.. texts.Select(Input)];
        if (inputs.GroupBy(input => input.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw Flaw("inputs", $"'{NameRule.Shown(twice.Key)}' is there twice");
        return inputs;
    }

    private static PluginInput Input(InputText? text)
    {
        if (string.IsNullOrEmpty(text?.Name) || text.Name.Length > Limits.NameMax)
            throw Flaw("inputs", $"each has a name of 1 to {Limits.NameMax} letters");
        string where = $"input '{NameRule.Shown(text.Name)}'";
        string type = text.Type ?? "string";
        if (!Enum.TryParse(type, ignoreCase: true, out InputType kind) || !char.IsAsciiLetter(type[0]))
            throw Flaw(where, $"'{NameRule.Shown(type)}' is no type; string, integer, number and boolean are");
        var input = new PluginInput(
            text.Name, kind, text.Required, Default(text), Pattern(where, text.Pattern), text.Secret,
            IsByDescriptor(where, text.Pass));
        if (input.Default is { } value) input.Check(value);
        return input;
    }

    private static bool IsByDescriptor(string where, string? pass) => pass switch
    {
        null or "environment" => false,
        "fd" => true,
        _ => throw Flaw(where, $"it cannot be passed as '{NameRule.Shown(pass)}'; environment and fd are the ways"),
    };

    private static string? Default(InputText text) => text.Default switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } value => Text(value)
            ?? throw Flaw($"input '{NameRule.Shown(text.Name!)}'", "its default has half a character in it"),
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } value => value.GetRawText(),
        _ => throw Flaw($"input '{NameRule.Shown(text.Name!)}'", "its default is a list or an object"),
    };

    /// <summary>A text; null when an escape in it is half of a pair.</summary>
    private static string? Text(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static ValuePattern? Pattern(string where, string? pattern)
    {
        try
        {
            return pattern is null ? null : ValuePattern.Parse(pattern);
        }
        catch (Exception problem) when (problem is ArgumentException or NotSupportedException)
        {
            throw Flaw(where, $"its pattern cannot be used: {problem.Message}");
        }
    }

    private static TimeSpan Time(string key, string text)
    {
        TimeSpan time = Duration.Parse(text);
        return time > TimeSpan.Zero && time <= Limits.TimeoutMax
            ? time
            : throw Flaw(key, $"more than 0 and at most {Limits.TimeoutMax.TotalHours:0}h is allowed");
    }

    private static int Within(string key, int number, int least, int most) =>
        number >= least && number <= most ? number : throw Flaw(key, $"{least} to {most} is allowed");

    private static TriggerException Flaw(string key, string why) => new(ErrorCode.Invalid, key, why);

    private static string Unknown(ManifestText text)
    {
        IEnumerable<string> told = (text.Unknown ?? []).Keys.Select(key => Tell(key, Keys));
        IEnumerable<string> inInputs = (text.Inputs ?? [])
            .SelectMany(input => (input?.Unknown ?? []).Keys).Select(key => Tell(key, InputKeys));
        return string.Join("; ", told.Concat(inInputs).Take(8));
    }

    private static string Tell(string key, string[] known) =>
        $"'{NameRule.Shown(key)}' is not known, {Spelling.Suggest(key, known) ?? $"only {string.Join(", ", known)}"}";

    private static string Reason(JsonException problem)
    {
        int end = problem.Message.IndexOf(" Path:", StringComparison.Ordinal);
        string path = string.IsNullOrEmpty(problem.Path) ? "" : $" ({problem.Path})";
        return (end > 0 ? problem.Message[..end] : problem.Message) + path;
    }
}
