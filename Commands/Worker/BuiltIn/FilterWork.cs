using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// <c>text/filter</c>: of the message's lines those that match, of their JSON the part that is picked, sorted, each
/// once,
/// the first of them, or how many, in this order. As with grep(1), the exit code is 1 when nothing is left.
/// </summary>
sealed class FilterWork : IWork
{
    public PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "text/filter",
        "greps, picks from JSON, sorts and counts the lines of the message",
        "triggerfs client -service demo -plugin text/filter -args grep=o.e -args sort=text -command 'one more'",
        new PluginInput("grep"),
        BuiltInPlugins.FlagInput("invert"),
        BuiltInPlugins.FlagInput("ignorecase"),
        new("pick", Pattern: new(@"\.|(?:\.[A-Za-z0-9_-]+|\.?\[[0-9]*\])+")),
        BuiltInPlugins.WordInput("sort", "none", "none", "text", "number", "reverse"),
        BuiltInPlugins.FlagInput("unique"),
        new("first", InputType.Integer),
        BuiltInPlugins.FlagInput("count"));

    public void Check(in PluginCall call)
    {
        foreach ((string key, string value) in call.Args)
            if (key == "grep") _ = Expression(value, ignoreCase: false);
    }

    public async Task<int> RunAsync(WorkCall call, CancellationToken stop)
    {
        string[] lines = [.. Lines(call)];
        if (call.Flag("count")) await call.WriteAsync($"{lines.Length}\n", stop);
        else await call.WriteAsync(string.Concat(lines.Select(line => line + "\n")), stop);
        return lines.Length > 0 ? 0 : 1;
    }

    private static IEnumerable<string> Lines(WorkCall call)
    {
        string text = call.MessageText;
        IEnumerable<string> lines = text.Length == 0 ? [] : text.TrimEnd('\n').Split('\n');
        if (call.Find("grep") is { } grep)
        {
            Regex expression = Expression(grep, call.Flag("ignorecase"));
            lines = lines.Where(line => expression.IsMatch(line) != call.Flag("invert"));
        }
        if (call.Find("pick") is { } path) lines = Documents([.. lines]).SelectMany(json => Pick(json, path));
        lines = call.Text("sort") switch
        {
            "text" => lines.Order(StringComparer.Ordinal),
            "reverse" => lines.OrderDescending(StringComparer.Ordinal),
            "number" => lines.OrderBy(NumberOf),
            _ => lines,
        };
        if (call.Flag("unique")) lines = lines.Distinct();
        return call.Find("first") is null ? lines : lines.Take(call.Number("first", 0, int.MaxValue));
    }

    /// <summary>Takes time in proportion to the text, whatever the expression is.</summary>
    private static Regex Expression(string text, bool ignoreCase)
    {
        try
        {
            return new(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant
                | (ignoreCase ? RegexOptions.IgnoreCase : 0));
        }
        catch (Exception problem) when (problem is ArgumentException or NotSupportedException)
        {
            throw new TriggerException(ErrorCode.Invalid, "the argument 'grep' is no expression", problem.Message);
        }
    }

    private static double NumberOf(string line)
    {
        int end = 0;
        while (end < line.Length && (char.IsAsciiDigit(line[end]) || line[end] is '-' or '+' or '.')) end++;
        return double.TryParse(line[..end], CultureInfo.InvariantCulture, out double number) ? number : 0;
    }

    /// <summary>One document of all lines, or one of each line.</summary>
    private static IEnumerable<JsonElement> Documents(string[] lines)
    {
        if (Parse(string.Join('\n', lines)) is { } whole) return [whole];
        return lines.Where(line => line.Trim().Length > 0).Select(line => Parse(line) ?? throw new TriggerException(
            ErrorCode.Invalid, $"'{NameRule.Shown(line)}' is no JSON", "pick takes parts of JSON"));
    }

    private static JsonElement? Parse(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// The parts at a path such as <c>.items[].name</c> or <c>.[0]</c>, texts without quotes; nothing where none is.
    /// </summary>
    private static IEnumerable<string> Pick(JsonElement json, string path)
    {
        IEnumerable<JsonElement> found = [json];
        foreach (string step in path.Replace("[", ".[").Split('.', StringSplitOptions.RemoveEmptyEntries))
            found = found.SelectMany(one => Step(one, step));
        return found.Select(JsonText.Of);
    }

    private static IEnumerable<JsonElement> Step(JsonElement json, string step) => (json.ValueKind, step) switch
    {
        (JsonValueKind.Array, "[]") => json.EnumerateArray(),
        (JsonValueKind.Object, "[]") => json.EnumerateObject().Select(member => member.Value),
        (JsonValueKind.Array, ['[', .. var digits, ']'])
            when int.TryParse(digits, CultureInfo.InvariantCulture, out int at) && at < json.GetArrayLength()
            => [json[at]],
        (JsonValueKind.Object, _) when json.TryGetProperty(step, out JsonElement value) => [value],
        _ => [],
    };
}
