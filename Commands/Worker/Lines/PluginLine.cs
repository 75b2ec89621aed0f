using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace TriggerFs.Commands.Worker.Lines;

/// <summary>
/// One line of a program, taken apart; used again for the next. What a program of a newer version says beyond that is
/// skipped.
/// </summary>
sealed class PluginLine
{
    private readonly ArrayBufferWriter<byte> _out = new();
    private readonly ArrayBufferWriter<byte> _error = new();

    /// <summary>Which run it is about; 0 for none.</summary>
    public ulong Id { get; private set; }

    public ReadOnlySpan<byte> Out => _out.WrittenSpan;

    public ReadOnlySpan<byte> Error => _error.WrittenSpan;

    /// <summary>The exit code, when it ends the run.</summary>
    public int? Exit { get; private set; }

    /// <summary>How far the run has come, when it says so.</summary>
    public (double Done, double Total)? Status { get; private set; }

    /// <summary>Reads a line; false when it does not follow the contract.</summary>
    public bool Read(ReadOnlySpan<byte> line)
    {
        Id = 0;
        Exit = null;
        Status = null;
        _out.ResetWrittenCount();
        _error.ResetWrittenCount();
        try
        {
            var json = new Utf8JsonReader(line);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return false;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
                if (!ReadProperty(ref json)) return false;
            return json.TokenType == JsonTokenType.EndObject && !json.Read();
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    private bool ReadProperty(ref Utf8JsonReader json)
    {
        if (json.ValueTextEquals("id"u8)) return ReadId(ref json);
        if (json.ValueTextEquals("out"u8)) return ReadText(ref json, _out);
        if (json.ValueTextEquals("err"u8)) return ReadText(ref json, _error);
        if (json.ValueTextEquals("out64"u8)) return ReadBytes(ref json, _out);
        if (json.ValueTextEquals("err64"u8)) return ReadBytes(ref json, _error);
        if (json.ValueTextEquals("exit"u8)) return ReadExit(ref json);
        if (json.ValueTextEquals("status"u8)) return ReadStatus(ref json);
        return json.Read() && json.TrySkip();
    }

    private bool ReadId(ref Utf8JsonReader json)
    {
        if (!json.Read() || !json.TryGetUInt64(out ulong id)) return false;
        Id = id;
        return true;
    }

    private bool ReadExit(ref Utf8JsonReader json)
    {
        if (!json.Read() || !json.TryGetInt32(out int exit)) return false;
        Exit = exit;
        return true;
    }

    /// <summary>Bytes as they stand between the quotes: no UTF-8 is no mistake here.</summary>
    private static bool ReadText(ref Utf8JsonReader json, ArrayBufferWriter<byte> to)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.String) return json.TokenType == JsonTokenType.Null;
        if (!json.ValueIsEscaped) to.Write(json.ValueSpan);
        else to.Advance(json.CopyString(to.GetSpan(json.ValueSpan.Length)));
        return true;
    }

    private static bool ReadBytes(ref Utf8JsonReader json, ArrayBufferWriter<byte> to)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.String) return json.TokenType == JsonTokenType.Null;
        if (json.ValueIsEscaped)
        {
            to.Write(json.GetBytesFromBase64()); // A solidus may be escaped.
            return true;
        }
        Span<byte> room = to.GetSpan(Base64.GetMaxDecodedFromUtf8Length(json.ValueSpan.Length) + 1);
        if (Base64.DecodeFromUtf8(json.ValueSpan, room, out _, out int length) != OperationStatus.Done) return false;
        to.Advance(length);
        return true;
    }

    private bool ReadStatus(ref Utf8JsonReader json)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return false;
        double done = 0, total = 0;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isDone = json.ValueTextEquals("done"u8), isTotal = json.ValueTextEquals("total"u8);
            if (!json.Read()) return false;
            if (isDone && !json.TryGetDouble(out done)) return false;
            if (isTotal && !json.TryGetDouble(out total)) return false;
            if (!isDone && !isTotal && !json.TrySkip()) return false;
        }
        Status = (done, total);
        return json.TokenType == JsonTokenType.EndObject;
    }
}
