using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TriggerFs.Core;

namespace TriggerFs.Broker.Audit;

/// <summary>
/// An entry as a line of the file: one JSON object whose last member, <c>hash</c>, is the SHA-256 of all bytes of the
/// line before the comma in front of it. The hash of the line before, <c>prev</c>, is among them: so the lines are a
/// chain, and none of them can be changed, removed or moved without a trace in those behind it.
/// </summary>
static class AuditLine
{
    /// <summary>Hexadecimal digits of a hash.</summary>
    public const int HashLength = 2 * SHA256.HashSizeInBytes;

    /// <summary>The <c>prev</c> of line 1.</summary>
    public static readonly string NoHash = new('0', HashLength);

    private const string HashMember = ",\"hash\":\"";

    /// <summary>Appends the line with its newline; returns its hash.</summary>
    public static string Write(IBufferWriter<byte> output, AuditEntry entry)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(entry, AuditJson.Line.AuditEntry);
        ReadOnlySpan<byte> body = json.AsSpan(0, json.Length - 1); // The closing brace comes behind the hash.
        string hash = Hash(body);
        output.Write(body);
        output.Write(Encoding.ASCII.GetBytes($"{HashMember}{hash}\"}}\n"));
        return hash;
    }

    /// <summary>Reads a line without its newline; refuses one whose hash is not its own.</summary>
    public static AuditEntry Read(ReadOnlySpan<byte> line, out string hash)
    {
        int tail = HashMember.Length + HashLength + 2;
        if (line.Length <= tail || !Ascii.Equals(line[^tail..^(HashLength + 2)], HashMember) || !line.EndsWith("\"}"u8))
            throw Bad("it is not a line of the audit", "it does not end with a hash");
        ReadOnlySpan<byte> body = line[..^tail];
        hash = Encoding.ASCII.GetString(line.Slice(line.Length - HashLength - 2, HashLength));
        if (Hash(body) != hash) throw Bad("it was changed", "its hash is not that of its text");
        return Parse([.. body, (byte)'}']);
    }

    /// <summary>Reads a line as <see cref="Read"/> does; null when it cannot be read.</summary>
    public static AuditEntry? TryRead(ReadOnlySpan<byte> line, out string hash)
    {
        try
        {
            return Read(line, out hash);
        }
        catch (TriggerException)
        {
            hash = "";
            return null;
        }
    }

    private static AuditEntry Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, AuditJson.Line.AuditEntry)
                ?? throw Bad("it is not a line of the audit", "it is null");
        }
        catch (JsonException problem)
        {
            throw Bad("it is not a line of the audit", problem.Message);
        }
    }

    private static string Hash(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));

    private static TriggerException Bad(string what, string why) => new(ErrorCode.Storage, what, why);
}
