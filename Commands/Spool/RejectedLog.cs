using System.Text.Json;
using TriggerFs.Core;

namespace TriggerFs.Commands.Spool;

/// <summary>
/// Messages that could never be sent, each a line of JSON in the spool's folder, with why and what was written: nothing
/// vanishes. Two files of <see cref="BytesMax"/> at the most; the older one goes.
/// </summary>
sealed class RejectedLog(string folder)
{
    public const long BytesMax = 16 * 1024 * 1024;

    private readonly string _path = Path.Combine(folder, "rejected.jsonl");

    public void Append(in SpooledMessage message, ReadOnlySpan<byte> payload, TriggerException why)
    {
        try
        {
            if (File.Exists(_path) && new FileInfo(_path).Length > BytesMax)
                File.Move(_path, _path + ".1", overwrite: true);
            using FileStream file = new(_path, new FileStreamOptions
            {
                Mode = FileMode.Append,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            Write(file, message, payload, why);
            file.WriteByte((byte)'\n');
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // The disk is full, say: the journal has the line all the same.
        }
    }

    private static void Write(
        FileStream file, in SpooledMessage message, ReadOnlySpan<byte> payload, TriggerException why)
    {
        using var json = new Utf8JsonWriter(file);
        json.WriteStartObject();
        json.WriteString("written", Rfc3339.Milliseconds(message.WrittenUnixMs));
        json.WriteNumber("trigger", message.Trigger.Value);
        json.WriteString("what", why.Message);
        if (why.Why is { Length: > 0 } reason) json.WriteString("why", reason);
        json.WriteBase64String("payload", payload);
        json.WriteEndObject();
    }
}
