using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// <c>log/gelf</c>: the message as a GELF 1.1 message to Graylog or whoever takes them, over UDP (gzip, in chunks when
/// it is long) or TCP (as it is, with a NUL behind it).
/// </summary>
/// <remarks>https://go2docs.graylog.org/current/getting_in_log_data/gelf.html</remarks>
sealed class GelfWork : IWork
{
    /// <summary>Bytes of a datagram that no usual network takes apart, headers included.</summary>
    private const int DatagramMax = 1420;

    /// <summary>Magic 0x1e 0x0f, 8 bytes of message id, number, count.</summary>
    private const int ChunkHead = 12;

    /// <summary>Chunks of one message, by the specification.</summary>
    private const int ChunksMax = 128;

    public PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "log/gelf",
        "sends the message to Graylog in GELF",
        "triggerfs client -service demo -plugin log/gelf -args address=udp://graylog:12201 -command 'GET / 200'",
        NetworkAddress.Input(null, "udp", "tcp"),
        new("level", InputType.Integer, Default: "6", Pattern: new("[0-7]")),
        new("host"),
        BuiltInPlugins.FlagInput("json"),
        BuiltInPlugins.WordInput("compress", "gzip", "gzip", "none"));

    public async Task<int> RunAsync(WorkCall call, CancellationToken stop)
    {
        NetworkAddress address = NetworkAddress.Parse(call.Text("address"));
        byte[] json = Encode(call, DateTimeOffset.UtcNow);
        if (address.Scheme == "tcp")
        {
            await address.SendStreamAsync((byte[])[.. json, 0], stop);
            return 0;
        }
        byte[] body = call.Text("compress") == "gzip" ? Gzip(json) : json;
        await address.SendDatagramsAsync(Datagrams(body), stop);
        return 0;
    }

    /// <summary>One message in JSON; with <c>json</c> the members of the message are fields of it.</summary>
    public static byte[] Encode(WorkCall call, DateTimeOffset now)
    {
        string text = Encoding.UTF8.GetString(call.Line.Span);
        if (string.IsNullOrWhiteSpace(text))
            throw new TriggerException(ErrorCode.Invalid, "the message is empty", "GELF has none without a text");
        using JsonDocument? members = call.Flag("json") ? Members(text) : null;
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("version", "1.1");
            json.WriteString("host", call.Find("host") ?? Environment.MachineName);
            json.WriteNumber("timestamp", now.ToUnixTimeMilliseconds() / 1000m);
            json.WriteNumber("level", call.Number("level", 0, 7));
            WriteText(json, members is null ? text : MessageOf(members.RootElement) ?? text);
            foreach ((string name, string value) in Origin(call))
                if (value.Length > 0) json.WriteString("_" + name, value);
            if (members is not null) WriteFields(json, members.RootElement);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    /// <summary>A body as it travels: in one datagram, or in chunks.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Datagrams(byte[] body)
    {
        if (body.Length <= DatagramMax) return [body];
        const int Piece = DatagramMax - ChunkHead;
        int count = (body.Length + Piece - 1) / Piece;
        if (count > ChunksMax)
            throw new TriggerException(ErrorCode.TooLarge, $"the message has {body.Length} bytes as it is sent",
                $"GELF over UDP takes {ChunksMax * Piece} at the most", "use tcp://");
        byte[] id = RandomNumberGenerator.GetBytes(8);
        return body.Chunk(Piece).Select((piece, i) => (ReadOnlyMemory<byte>)(byte[])
            [0x1e, 0x0f, .. id, (byte)i, (byte)count, .. piece]);
    }

    private static void WriteText(Utf8JsonWriter json, string text)
    {
        int end = text.IndexOf('\n');
        json.WriteString("short_message", end < 0 ? text : text[..end].TrimEnd('\r'));
        if (end >= 0) json.WriteString("full_message", text);
    }

    private static (string Name, string Value)[] Origin(WorkCall call) =>
    [
        ("team", call.Team), ("user", call.User), ("service", call.Service), ("worker", call.Worker),
        ("trigger", call.Trigger),
    ];

    private static JsonDocument Members(string text)
    {
        try
        {
            JsonDocument document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
            document.Dispose();
        }
        catch (JsonException)
        {
            // As told below.
        }
        throw new TriggerException(ErrorCode.Invalid, "the message is no JSON object", "json=true asks for one",
            "leave json out, and the message is sent as text");
    }

    private static string? MessageOf(JsonElement members) =>
        new[] { "short_message", "message", "msg" }
            .Select(name => members.TryGetProperty(name, out JsonElement value) ? JsonText.Of(value) : "")
            .FirstOrDefault(text => text.Length > 0);

    /// <summary>
    /// Fields are texts or numbers, and their names letters, digits, <c>_ - .</c>, but not <c>id</c>.
    /// </summary>
    private static void WriteFields(Utf8JsonWriter json, JsonElement members)
    {
        foreach (JsonProperty member in members.EnumerateObject())
        {
            if (member.Name is "id" or "_id" or "message" or "msg" or "short_message") continue;
            string name = "_" + string.Concat(member.Name.TrimStart('_').Select(
                letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' ? letter : '_'));
            if (member.Value.ValueKind == JsonValueKind.Number) json.WriteNumber(name, member.Value.GetDecimal());
            else if (member.Value.ValueKind != JsonValueKind.Null) json.WriteString(name, JsonText.Of(member.Value));
        }
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return packed.ToArray();
    }
}
