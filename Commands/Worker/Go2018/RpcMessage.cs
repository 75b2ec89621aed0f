using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.Go2018;

/// <summary>
/// What a plugin of 2018 is called with, as Go's net/rpc/jsonrpc writes it: one object a line, with the same message
/// for Init and for Kill.
/// </summary>
sealed class RpcMessage
{
    private readonly byte[] _head;

    private RpcMessage(byte[] head) => _head = head;

    /// <summary>The message of a call, all but the address of its socket.</summary>
    public static RpcMessage Of(in PluginCall call)
    {
        if (!Utf8.IsValid(call.Run.Payload))
            throw new TriggerException(ErrorCode.Invalid, "the message is not text",
                "a plugin of 2018 is called in JSON, which has no bytes but UTF-8");
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("plugin"u8, call.Run.Plugin);
            json.WriteNumber("timeout"u8, call.TimeoutMs * 1_000_000L);
            json.WriteStartObject("args"u8);
            foreach ((string key, string value) in call.Args) json.WriteString(key, value);
            json.WriteEndObject();
            json.WriteStartArray("command"u8);
            json.WriteStringValue(call.Run.Payload);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return new(buffer.WrittenSpan[..^1].ToArray()); // Open, for the socket.
    }

    /// <summary>The line that calls a method of the plugin.</summary>
    /// <param name="method"><c>Plugin.Init</c> or <c>Plugin.Kill</c>.</param>
    /// <param name="socket">Where it is to connect to.</param>
    /// <param name="id">By which its answer is known.</param>
    public byte[] Call(string method, string socket, int id) =>
    [
        .. Encoding.UTF8.GetBytes($"{{\"method\":\"{method}\",\"params\":["), .. _head,
        .. Encoding.UTF8.GetBytes($",\"socket\":\"{socket}\"}}],\"id\":{id}}}\n"),
    ];
}
