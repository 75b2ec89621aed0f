namespace TriggerFs.Transport.Zmtp;

/// <summary>The body of a command frame (rfc.zeromq.org/spec/37, "Commands").</summary>
/// <remarks>command-body = command-name command-data; command-name = short-size 1*255command-name-char</remarks>
readonly ref struct Command
{
    private const int ReasonMax = 255;

    public readonly ReadOnlySpan<byte> Name;
    public readonly Span<byte> Rest;

    private Command(ReadOnlySpan<byte> name, Span<byte> rest)
    {
        Name = name;
        Rest = rest;
    }

    public static Command Read(Span<byte> body)
    {
        if (body.IsEmpty || body[0] == 0 || body.Length < 1 + body[0])
            throw new ZmtpException("a command frame has no name");
        return new(body.Slice(1, body[0]), body[(1 + body[0])..]);
    }

    /// <summary>Puts the name and answers the room behind it.</summary>
    public static Span<byte> PutName(Span<byte> body, ReadOnlySpan<byte> name)
    {
        body[0] = (byte)name.Length;
        name.CopyTo(body[1..]);
        return body[(1 + name.Length)..];
    }

    /// <summary>error = command-size %d5 "ERROR" error-reason; error-reason = short-size 0*255VCHAR</summary>
    public static void AppendError(OutputQueue output, string reason)
    {
        int length = Math.Min(reason.Length, ReasonMax);
        Span<byte> rest = PutName(FrameHeader.Append(output, FrameFlags.Command, 1 + 5 + 1 + length), "ERROR"u8);
        rest[0] = (byte)length;
        for (int i = 0; i < length; i++) rest[1 + i] = char.IsAscii(reason[i]) ? (byte)reason[i] : (byte)'?';
    }

    /// <summary>The reason of an ERROR command, fit to be shown.</summary>
    public static string ReadError(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty || rest.Length < 1 + rest[0]) return "no reason given";
        return Text.Shown(rest.Slice(1, rest[0]));
    }
}
