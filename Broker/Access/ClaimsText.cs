using System.Buffers;
using System.Globalization;
using System.Text.Json;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Access;

/// <summary>The claims of a JWT as JSON (RFC 7519, section 4), read strictly: each once, nothing missing.</summary>
static class ClaimsText
{
    public const string Issuer = "triggerfs";

    private static readonly string[] Roles = ["", "client", "worker", "mount", "console"];

    public static byte[] Write(Claims claims)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("iss", Issuer);
            json.WriteString("sub", claims.Identity);
            json.WriteString("team", claims.Team);
            json.WriteString("role", Roles[(int)claims.Role]);
            json.WriteString("sid", claims.Session.ToString());
            json.WriteNumber("uid", claims.Subject);
            json.WriteString("gen", claims.Generation);
            json.WriteNumber("lnk", claims.Link);
            json.WriteNumber("iat", claims.IssuedUnixS);
            json.WriteNumber("exp", claims.ExpiresUnixS);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Null when a claim is missing, there twice, or of the wrong type. Claims that we do not know are skipped.
    /// </summary>
    public static Claims? Read(ReadOnlySpan<byte> json)
    {
        if (Flatten(json) is not { } values || values.GetValueOrDefault("iss") != Issuer) return null;
        int role = Array.IndexOf(Roles, values.GetValueOrDefault("role", "?"), 1);
        string? session = values.GetValueOrDefault("sid");
        if (role < 0 || !UInt128.TryParse(session, NumberStyles.AllowHexSpecifier, null, out UInt128 sid)) return null;
        // "nbf", not ours, is honoured as the moment of issue would be.
        if (!values.TryGetValue("sub", out string? subject) || !values.TryGetValue("team", out string? team)
            || !values.TryGetValue("gen", out string? generation) || !Number(values, "uid", out long uid)
            || !ulong.TryParse(values.GetValueOrDefault("lnk"), NumberStyles.None, null, out ulong link)
            || !Number(values, values.ContainsKey("nbf") ? "nbf" : "iat", out long issued)
            || !Number(values, "exp", out long expires)) return null;
        return new(new SessionId(sid), (PeerRole)role, team, subject, uid, generation, link, issued, expires);
    }

    /// <summary>The members of a flat JSON object as texts; null for anything else.</summary>
    public static Dictionary<string, string>? Flatten(ReadOnlySpan<byte> json)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(json);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                reader.Read();
                if (Scalar(ref reader) is not { } value || !values.TryAdd(name, value)) return null;
            }
            return reader.TokenType == JsonTokenType.EndObject && !reader.Read() ? values : null;
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Scalar(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Number => reader.TryGetUInt64(out ulong number)
            ? number.ToString(CultureInfo.InvariantCulture) : null,
        _ => null,
    };

    private static bool Number(Dictionary<string, string> values, string name, out long number) =>
        long.TryParse(values.GetValueOrDefault(name), NumberStyles.None, null, out number);
}
