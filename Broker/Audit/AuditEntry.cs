using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TriggerFs.Broker.Audit;

/// <summary>
/// One line of the audit: who wanted what from where, and what became of it. Never a secret, a token or a JWT. Decided
/// without <see cref="Seq"/> and <see cref="Prev"/>, which the file gives it.
/// </summary>
sealed record AuditEntry
{
    /// <summary>Lines are numbered from 1 without a gap, across all files.</summary>
    public long Seq { get; init; }

    /// <summary>In UTC.</summary>
    public DateTime Time { get; init; }

    /// <summary>One of <see cref="AuditEvents"/>; a newer program may write others.</summary>
    public string Event { get; init; } = "";

    /// <summary>The team of who did it; null for the broker itself.</summary>
    public string? Team { get; init; }

    /// <summary>The team's number: a name may be used again by others. 0 for a team that there is not.</summary>
    public long? TeamId { get; init; }

    /// <summary>The user's or worker's identity, as it was said by who failed to prove it.</summary>
    public string? User { get; init; }

    /// <summary><c>client</c>, <c>worker</c>, <c>mount</c> or <c>console</c>.</summary>
    public string? Role { get; init; }

    /// <summary>The address that it came from, with its port.</summary>
    public string? From { get; init; }

    /// <summary>The team that it concerns, when that is another one.</summary>
    public string? About { get; init; }

    /// <summary>The number of <see cref="About"/>.</summary>
    public long? AboutId { get; init; }

    /// <summary>What was wanted, in words.</summary>
    public string What { get; init; } = "";

    /// <summary>
    /// The run that asked for it, as a text: it has more digits than JSON's numbers hold everywhere. Null for what no
    /// run asked for.
    /// </summary>
    public string? Parent { get; init; }

    /// <summary>Why not: the name of an <see cref="Core.ErrorCode"/>; null for what was done.</summary>
    public string? Code { get; init; }

    /// <summary>Why not, in words.</summary>
    public string? Why { get; init; }

    /// <summary>How often the same happened since the line that told of it first; null for once.</summary>
    public long? Times { get; init; }

    /// <summary>What it changed.</summary>
    public IReadOnlyList<AuditedThing>? Things { get; init; }

    /// <summary>The lines that are not kept any longer; of <see cref="AuditEvents.Removed"/> alone.</summary>
    public AuditedRemoval? Removed { get; init; }

    /// <summary>The hash of the line before, in hexadecimal digits.</summary>
    public string Prev { get; init; } = "";

    /// <summary>The same, refused or failed for a reason; as it is when there is none.</summary>
    public AuditEntry For(Core.TriggerException? problem) => problem is null ? this : this with
    {
        Event = AuditEvents.Refused,
        Code = problem.Code.ToString(),
        Why = AuditText.Clean(problem.Why is { Length: > 0 } why ? $"{problem.Message}: {why}" : problem.Message),
        Things = null,
    };
}

/// <summary>A thing that was made, changed or removed: only what differs, by the names of its properties.</summary>
/// <param name="Kind">Such as <c>service</c>.</param>
/// <param name="Id">Its number.</param>
/// <param name="Name">What it was called, or is called when it is new; for a node, its path.</param>
/// <param name="Before">Null for a thing that is new.</param>
/// <param name="After">Null for a thing that is gone.</param>
sealed record AuditedThing(
    string Kind,
    long Id,
    string Name,
    IReadOnlyDictionary<string, string>? Before,
    IReadOnlyDictionary<string, string>? After);

/// <summary>Lines that were removed, all from the first that there was to this one, and the last one's hash.</summary>
sealed record AuditedRemoval(long Last, string Hash);

/// <summary>The kinds of lines.</summary>
static class AuditEvents
{
    /// <summary>Something was changed, and it is stored.</summary>
    public const string Change = "change";

    /// <summary>Something was wanted and refused; <see cref="AuditEntry.Code"/> says why.</summary>
    public const string Refused = "refused";

    /// <summary>A worker's token was shown.</summary>
    public const string Reveal = "reveal";

    /// <summary>Somebody could not prove who he is.</summary>
    public const string SignIn = "sign-in";

    /// <summary>Somebody without an account asked for an activation code, or failed to make one.</summary>
    public const string SignUp = "sign-up";

    /// <summary>Somebody of another team called a public service.</summary>
    public const string Call = "call";

    /// <summary>The broker started.</summary>
    public const string Start = "start";

    /// <summary>The broker was told to stop.</summary>
    public const string Stop = "stop";

    /// <summary>The oldest lines were removed, as the settings say.</summary>
    public const string Removed = "removed";

    /// <summary>Lines could not be written; how many is in <see cref="AuditEntry.Times"/>.</summary>
    public const string Lost = "lost";
}

/// <summary>The JSON of the audit's lines.</summary>
[JsonSerializable(typeof(AuditEntry))]
sealed partial class AuditJson : JsonSerializerContext
{
    /// <summary>Readable by people: quotes and letters as they are, what does not apply left out.</summary>
    public static readonly AuditJson Line = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // No HTML is near; control characters are escaped.
    });
}
