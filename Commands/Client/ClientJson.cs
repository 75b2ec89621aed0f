using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using TriggerFs.Core;

namespace TriggerFs.Commands.Client;

/// <summary>Everything about one request, for <c>--output json</c>.</summary>
sealed record JsonAnswer(
    string Service,
    string Plugin,
    string? Algorithm,
    int ExitCode,
    double TimeMs,
    IReadOnlyList<JsonRun> Runs,
    JsonProblem? Problem);

/// <summary>One worker's run. Output that is not UTF-8 is base64, under another name.</summary>
sealed record JsonRun(
    string Worker,
    string Outcome,
    int ExitCode,
    int? RawExitCode,
    double TimeMs,
    string? Detail,
    string? Stdout,
    string? StdoutBase64,
    string? Stderr,
    string? StderrBase64);

/// <summary>Why a request failed as a whole.</summary>
sealed record JsonProblem(string Code, string What, string? Why, string? Try)
{
    public static JsonProblem? Of(TriggerException? problem) =>
        problem is null ? null : new(problem.Code.ToString(), problem.Message, problem.Why, problem.Fix);
}

/// <summary>One thing that happened, for <c>--output jsonl</c>; what does not apply is left out.</summary>
/// <param name="Event"><c>dispatched</c>, <c>output</c>, <c>finished</c> or <c>end</c>.</param>
/// <param name="Newline">False when the line goes on in the next event of this stream.</param>
sealed record JsonEvent(
    string Event,
    string? Service = null,
    string? Algorithm = null,
    int? Workers = null,
    string? Worker = null,
    string? Stream = null,
    string? Line = null,
    string? LineBase64 = null,
    bool? Newline = null,
    string? Outcome = null,
    string? Detail = null,
    int? ExitCode = null,
    int? RawExitCode = null,
    double? TimeMs = null,
    JsonProblem? Problem = null);

/// <summary>The JSON that the client writes.</summary>
[JsonSerializable(typeof(JsonAnswer))]
[JsonSerializable(typeof(JsonEvent))]
[JsonSerializable(typeof(FailedRun))]
sealed partial class ClientJson : JsonSerializerContext
{
    /// <summary>With letters of all languages as they are, and without what does not apply.</summary>
    public static readonly ClientJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    });

    /// <summary>The bytes as text, or as base64 where they are not UTF-8.</summary>
    public static (string? Text, string? Base64) Encode(ReadOnlySpan<byte> bytes) =>
        Utf8.IsValid(bytes) ? (Encoding.UTF8.GetString(bytes), null) : (null, Convert.ToBase64String(bytes));

    /// <summary>The name of an enumeration's value as JSON has it.</summary>
    public static string Name(Enum value)
    {
        string name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}
