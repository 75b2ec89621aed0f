using System.Buffers;
using System.Text;
using System.Text.Json;

namespace TriggerFs.Commands;

/// <summary>JSON that is printed.</summary>
static class WrittenJson
{
    /// <summary>What an action writes, as text.</summary>
    public static string Text(Action<Utf8JsonWriter> write, JsonWriterOptions form = default)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, form)) write(json);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
