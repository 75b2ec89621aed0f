using System.Buffers;
using System.Text.Json;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.Go2018;

/// <summary>One answer of a plugin of 2018.</summary>
/// <param name="Id">Which call it answers.</param>
/// <param name="ExitCode">The plugin's exit code.</param>
/// <param name="Output">Lines that come behind all others.</param>
/// <param name="Error">Why the call failed; null when it did not.</param>
sealed record RpcAnswer(int Id, int ExitCode, IReadOnlyList<string> Output, string? Error);

/// <summary>
/// Reads answers out of what a plugin prints, wherever one ends: Go's encoder ends each with a newline, and its decoder
/// does not need one.
/// </summary>
sealed class RpcAnswers
{
    private const int RoomMin = 16 * 1024;

    private byte[] _bytes = new byte[RoomMin];
    private int _length;

    /// <summary>Space to read more into.</summary>
    public Span<byte> Room()
    {
        if (_bytes.Length - _length < RoomMin) Array.Resize(ref _bytes, _bytes.Length * 2);
        return _bytes.AsSpan(_length);
    }

    /// <summary>The first bytes of the last room, which are not to be kept.</summary>
    public ReadOnlySpan<byte> Given(int length) => _bytes.AsSpan(_length, length);

    /// <summary>The first bytes of the last room were printed.</summary>
    public void Write(int length) => _length += length;

    /// <summary>What was printed and is no whole answer yet, for people.</summary>
    public string Shown =>
        NameRule.Shown(System.Text.Encoding.UTF8.GetString(_bytes, 0, Math.Min(_length, 80)).Trim());

    /// <summary>The next answer; null when it is not whole yet.</summary>
    /// <exception cref="JsonException">It is no answer.</exception>
    public RpcAnswer? TryTake()
    {
        ReadOnlySpan<byte> rest = _bytes.AsSpan(0, _length).TrimStart(" \t\r\n"u8);
        if (rest.IsEmpty) return null;
        var json = new Utf8JsonReader(rest, isFinalBlock: false, default);
        if (!json.Read()) return TooLong() ? throw new JsonException() : null;
        if (json.TokenType != JsonTokenType.StartObject) throw new JsonException();
        Utf8JsonReader whole = json;
        if (!whole.TrySkip()) return TooLong() ? throw new JsonException() : null;
        int used = (int)whole.BytesConsumed;
        RpcAnswer answer = Read(rest[..used]);
        rest = rest[used..];
        rest.CopyTo(_bytes);
        _length = rest.Length;
        return answer;
    }

    private bool TooLong() => _length > Limits.PluginAnswerMax;

    private static RpcAnswer Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes.ToArray());
            JsonElement answer = document.RootElement;
            string? error = Find(answer, "error") is { ValueKind: not JsonValueKind.Null } problem
                ? problem.ToString() : null;
            int id = Find(answer, "id") is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : -1;
            if (Find(answer, "result") is not { ValueKind: JsonValueKind.Object } result)
                return error is null ? throw new JsonException() : new(id, 1, [], error);
            int exitCode = Find(result, "exitcode") is { ValueKind: JsonValueKind.Number } code ? code.GetInt32() : 0;
            string[] output = Find(result, "output") is { ValueKind: JsonValueKind.Array } lines
                ? [.. lines.EnumerateArray().Select(line => line.GetString() ?? "")] : [];
            return new(id, exitCode, output, error);
        }
        catch (Exception problem) when (problem is InvalidOperationException or FormatException)
        {
            throw new JsonException(problem.Message);
        }
    }

    /// <summary>A member by its name, in capitals or not, as Go reads and writes them.</summary>
    private static JsonElement? Find(JsonElement answer, string name)
    {
        foreach (JsonProperty member in answer.EnumerateObject())
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return member.Value;
        return null;
    }
}
