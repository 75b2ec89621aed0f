using TriggerFs.Core.Messages;

namespace TriggerFs.Core.Wire;

/// <summary>The two bytes before every message: its kind and its version.</summary>
/// <remarks>u8 kind | u8 version | fields of the kind</remarks>
static class MessageCodec
{
    /// <summary>Bytes before the first field.</summary>
    public const int HeaderSize = 2;

    /// <summary>The version of the wire that this program speaks.</summary>
    public const byte Version = 1;

    /// <summary>The kind of a message; refuses an empty one, an unknown kind and another version.</summary>
    public static MessageKind KindOf(ReadOnlySpan<byte> message)
    {
        if (message.Length < HeaderSize)
            throw new WireException(
                "a message is too short", $"{message.Length} bytes; kind and version take {HeaderSize}");
        if (message[1] != Version)
            throw new WireException($"a message has version {message[1]}", $"this side speaks version {Version}");
        var kind = (MessageKind)message[0];
        if (kind is < MessageKind.Hello or > MessageKind.Last)
            throw new WireException($"a message has kind {message[0]}", "no such kind is known here");
        return kind;
    }

    /// <summary>The kind's name, for an error; never throws.</summary>
    public static string Describe(ReadOnlySpan<byte> message) =>
        message.IsEmpty ? "empty" : ((MessageKind)message[0]).ToString();
}
