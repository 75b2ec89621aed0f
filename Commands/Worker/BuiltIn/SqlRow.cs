using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>A row: the names of some columns, and a text or nothing for each.</summary>
/// <remarks>
/// <c>columns</c> is a list such as <c>station, celsius, taken=@time, raw=@message, place=.location</c>: a column alone
/// takes the message's next part (parted by <c>separator</c>) or, with <c>json</c>, the member of its name; <c>@2</c>
/// is
/// the second part, <c>.name</c> a member, and <c>@time</c>, <c>@message</c>, <c>@user</c>, … what is known of the run.
/// </remarks>
sealed partial record SqlRow(IReadOnlyList<string> Names, IReadOnlyList<string?> Values)
{
    /// <summary>What the name of a table or a column is.</summary>
    public const string Name = "[A-Za-z_][A-Za-z0-9_$]{0,63}";

    private const int ColumnsMax = 100;

    /// <summary>The columns of a list, each with where its value comes from (empty for the usual place).</summary>
    public static (string Name, string Source)[] Columns(string list)
    {
        string[] parts = list.Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length > ColumnsMax || parts.FirstOrDefault(part => !Column().IsMatch(part)) is not null)
            throw new TriggerException(ErrorCode.Invalid, "the argument 'columns' is wrong",
                $"it is a list of 1 to {ColumnsMax} columns",
                "write it like: station, celsius, taken=@time, raw=@message");
        return [.. parts.Select(part => part.Split('=')).Select(part => (part[0], part.ElementAtOrDefault(1) ?? ""))];
    }

    public static SqlRow Of(WorkCall call, DateTime utc)
    {
        (string Name, string Source)[] columns = Columns(call.Text("columns"));
        string text = call.MessageText.TrimEnd('\r', '\n');
        string[] parts = call.Text("separator").Length == 0 ? [text] : text.Split(call.Text("separator"));
        using JsonDocument? json = call.Flag("json") ? Members(text) : null;
        int next = 0;
        var values = new List<string?>();
        foreach ((string name, string source) in columns)
            values.Add(source switch
            {
                "" when json is not null => Member(json.RootElement, name),
                "" => Part(parts, next++),
                ['.', .. var member] => Member(json?.RootElement, member),
                ['@', >= '0' and <= '9', ..] => Part(
                    parts, int.Parse(source.AsSpan(1), CultureInfo.InvariantCulture) - 1),
                _ => Known(source, call, text, utc),
            });
        if (json is null && next > 0 && next < parts.Length)
            throw Misfit($"it has {parts.Length} parts, and the columns take {next}");
        return new([.. columns.Select(column => column.Name)], values);
    }

    private static string Part(string[] parts, int index) => index >= 0 && index < parts.Length
        ? parts[index].Trim() : throw Misfit($"it has {parts.Length} parts, and the columns ask for one more");

    private static string? Member(JsonElement? json, string name)
    {
        if (json is not { } known) throw Misfit($"'.{name}' asks for a member; add json=true");
        if (!known.TryGetProperty(name, out JsonElement value)) throw Misfit($"it has no member '{name}'");
        return value.ValueKind == JsonValueKind.Null ? null : JsonText.Of(value);
    }

    private static string Known(string source, WorkCall call, string text, DateTime utc) => source switch
    {
        "@message" => text,
        "@time" => utc.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture),
        "@team" => call.Team,
        "@user" => call.User,
        "@service" => call.Service,
        "@worker" => call.Worker,
        "@trigger" => call.Trigger,
        _ => call.Run.ToString(CultureInfo.InvariantCulture),
    };

    private static JsonDocument Members(string text)
    {
        try
        {
            JsonDocument json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind == JsonValueKind.Object) return json;
            json.Dispose();
        }
        catch (JsonException)
        {
            // As told below.
        }
        throw Misfit("it is no JSON object");
    }

    private static TriggerException Misfit(string why) =>
        new(ErrorCode.Invalid, "the message does not fit the columns", why);

    [GeneratedRegex($@"^{Name}(=(@(message|time|team|user|service|worker|trigger|run|[0-9]{{1,3}})|\.[^=,]+))?\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Column();
}
