using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker.Lines;

/// <summary>
/// The line that gives a run to a program, as it is specified in Commands/Worker/PLUGINS.md. It is made before the run
/// has its number.
/// </summary>
sealed class RunLine
{
    /// <summary>Room for <c>{"id":NUMBER,</c> before the rest.</summary>
    private const int NumberMax = 32;

    private const int KeepMax = 256 * 1024;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [ThreadStatic]
    private static Utf8JsonWriter? t_writer;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_buffer;

    private readonly byte[] _bytes;

    private RunLine(byte[] bytes) => _bytes = bytes;

    /// <summary>The line of a call.</summary>
    public static RunLine Of(in PluginCall call, string plugin, string worker)
    {
        ArrayBufferWriter<byte> buffer = t_buffer ??= new(1024);
        buffer.ResetWrittenCount();
        Utf8JsonWriter json = t_writer ??= new(buffer, Options);
        json.Reset(buffer);
        json.WriteStartObject();
        json.WriteStartObject("run"u8);
        Run run = call.Run;
        json.WriteString("plugin"u8, plugin);
        json.WriteString("run"u8, run.Id.Value.ToString(CultureInfo.InvariantCulture));
        json.WriteString("team"u8, run.Team);
        json.WriteString("user"u8, run.User);
        json.WriteString("service"u8, run.Service);
        json.WriteString("worker"u8, worker);
        json.WriteString("trigger"u8, run.Trigger);
        json.WriteNumber("timeout"u8, call.TimeoutMs / 1000.0);
        json.WriteNumber("attempt"u8, run.Attempt);
        json.WriteNumber("hops"u8, run.Hops);
        if (run.Message != MessageId.None) json.WriteString("message_id"u8, run.Message.Value.ToString("x32"));
        if (ChildEnvironment.WrittenAt(run) is { } written) json.WriteString("written"u8, written);
        if (run.Parent != default)
            json.WriteString("parent"u8, run.Parent.Value.ToString(CultureInfo.InvariantCulture));
        json.WriteStartObject("args"u8);
        foreach ((string key, string value) in call.Args) json.WriteString(key, value);
        json.WriteEndObject();
        if (Utf8.IsValid(run.Payload)) json.WriteString("message"u8, run.Payload);
        else json.WriteBase64String("message64"u8, run.Payload);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        // Without the brace that opens it, which comes with the number.
        byte[] line = new byte[NumberMax + buffer.WrittenCount];
        buffer.WrittenSpan[1..].CopyTo(line.AsSpan(NumberMax));
        line[^1] = (byte)'\n';
        if (buffer.Capacity > KeepMax) (t_buffer, t_writer) = (null, null);
        return new(line);
    }

    /// <summary>The whole line with a number.</summary>
    public ReadOnlySpan<byte> With(ulong id)
    {
        Span<byte> number = stackalloc byte[NumberMax];
        Utf8.TryWrite(number, $"{{\"id\":{id},", out int length);
        number[..length].CopyTo(_bytes.AsSpan(NumberMax - length));
        return _bytes.AsSpan(NumberMax - length);
    }

    /// <summary>The line that asks for the end of a run; returns its length.</summary>
    public static int Cancel(ulong id, Span<byte> line)
    {
        Utf8.TryWrite(line, $"{{\"id\":{id},\"cancel\":true}}\n", out int length);
        return length;
    }
}
