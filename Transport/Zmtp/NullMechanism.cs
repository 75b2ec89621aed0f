namespace TriggerFs.Transport.Zmtp;

/// <summary>The NULL mechanism: no proof and no secrecy (rfc.zeromq.org/spec/37). For tests.</summary>
/// <remarks>null = ready *message | error; ready = command-size %d5 "READY" metadata</remarks>
sealed class NullMechanism(bool isServer) : IMechanism
{
    public ReadOnlySpan<byte> Name => "NULL"u8;

    public bool IsServer => isServer;

    public int Overhead => 0;

    public void Begin(OutputQueue output)
    {
        Span<byte> metadata = stackalloc byte[Metadata.SizeMax];
        int length = Metadata.Write(metadata, isServer);
        Span<byte> body = FrameHeader.Append(output, FrameFlags.Command, 6 + length);
        metadata[..length].CopyTo(Command.PutName(body, "READY"u8));
    }

    public bool Hear(Span<byte> command, OutputQueue output)
    {
        Command heard = Command.Read(command);
        if (heard.Name.SequenceEqual("ERROR"u8))
            throw new ZmtpException($"the peer refused: {Command.ReadError(heard.Rest)}");
        if (!heard.Name.SequenceEqual("READY"u8))
            throw new ZmtpException($"it sent {Text.Shown(heard.Name)} instead of READY", tellPeer: true);
        Metadata.Check(heard.Rest, isServer);
        return true;
    }

    public void Seal(bool isCommand, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, OutputQueue output)
    {
        FrameFlags flags = isCommand ? FrameFlags.Command : FrameFlags.None;
        Span<byte> frame = FrameHeader.Append(output, flags, head.Length + body.Length);
        head.CopyTo(frame);
        body.CopyTo(frame[head.Length..]);
    }

    public Span<byte> Open(scoped ref FrameFlags flags, Span<byte> body) => body;

    /// <summary>Nothing tells a message from what is in another one.</summary>
    public bool HoldsNext(ReadOnlySpan<byte> body) => false;

    public void Dispose()
    {
    }
}
