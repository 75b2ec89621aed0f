namespace TriggerFs.Transport.Zmtp;

/// <summary>
/// A security mechanism of ZMTP: how two peers come to trust a connection, and how messages travel on it.
/// </summary>
interface IMechanism : IDisposable
{
    /// <summary>The name in the greeting.</summary>
    ReadOnlySpan<byte> Name { get; }

    bool IsServer { get; }

    /// <summary>The peer's greeting has come: says what this side has to say first.</summary>
    void Begin(OutputQueue output);

    /// <summary>
    /// Takes the body of one handshake command (and may destroy it). True when the handshake is complete; throws
    /// <see cref="ZmtpException"/> when the peer is not believed.
    /// </summary>
    bool Hear(Span<byte> command, OutputQueue output);

    /// <summary>Bytes by which the body of a frame is longer than the message in it.</summary>
    int Overhead { get; }

    /// <summary>Appends one frame with a message, or a command, made of two pieces.</summary>
    void Seal(bool isCommand, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, OutputQueue output);

    /// <summary>
    /// The message or command in a frame's body, opened where it lies, at its end; <paramref name="flags"/> become its
    /// own.
    /// </summary>
    Span<byte> Open(scoped ref FrameFlags flags, Span<byte> body);

    /// <summary>Whether the next message begins inside of a body that is not whole yet, which is impossible.</summary>
    bool HoldsNext(ReadOnlySpan<byte> body);
}
