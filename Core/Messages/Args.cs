using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// The named arguments of a request (<c>-args key=value</c>), kept as bytes until a plugin needs them.
/// </summary>
/// <remarks>u32 length of what follows | u16 count | count × (name key | text value)</remarks>
static class Args
{
    /// <summary>Bytes of all arguments of one request together.</summary>
    public const int BytesMax = 128 * 1024;

    /// <summary>
    /// Takes the arguments out of a message, still as bytes; their layout is checked by <see cref="Decode"/>.
    /// </summary>
    public static ReadOnlySpan<byte> Take(scoped ref WireReader wire) => wire.Bytes(BytesMax);

    /// <summary>Puts arguments that are bytes already; empty means none.</summary>
    public static void Put(WireWriter wire, ReadOnlySpan<byte> args) => wire.Bytes(args);

    /// <summary>The bytes of some arguments, none for an empty list.</summary>
    public static byte[] Encode(IReadOnlyCollection<KeyValuePair<string, string>> args)
    {
        if (args.Count == 0) return [];
        var wire = new WireWriter();
        wire.Begin(MessageKind.Request);
        wire.Count(args.Count, Limits.ArgsMax);
        foreach ((string key, string value) in args)
        {
            wire.Name(key);
            wire.Text(value);
        }
        if (wire.Written.Length - MessageCodec.HeaderSize > BytesMax)
            throw new TriggerException(ErrorCode.TooLarge, $"the arguments are over the limit of {BytesMax} bytes",
                fix: "send large values as the command, on standard input");
        return wire.Written[MessageCodec.HeaderSize..].ToArray();
    }

    /// <summary>The arguments in their order; refuses what does not follow the layout.</summary>
    public static List<KeyValuePair<string, string>> Decode(ReadOnlySpan<byte> args)
    {
        if (args.IsEmpty) return [];
        byte[] message = new byte[MessageCodec.HeaderSize + args.Length];
        message[0] = (byte)MessageKind.Request;
        message[1] = MessageCodec.Version;
        args.CopyTo(message.AsSpan(MessageCodec.HeaderSize));
        var wire = new WireReader(message);
        int count = wire.Count(Limits.ArgsMax, sizeMin: 3);
        var list = new List<KeyValuePair<string, string>>(count);
        for (int i = 0; i < count; i++) list.Add(new(wire.NameText(), wire.Text()));
        return list;
    }
}
