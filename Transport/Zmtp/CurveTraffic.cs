using System.Buffers.Binary;
using TriggerFs.Transport.Crypto;

namespace TriggerFs.Transport.Zmtp;

/// <summary>
/// Messages of a CURVE connection whose handshake is complete (rfc.zeromq.org/spec/26, "The MESSAGE Command").
/// </summary>
/// <remarks>
/// message = %d7 "MESSAGE" message-nonce message-box; message-nonce = 8OCTET (short nonce, prefixed by
/// "CurveZMQMESSAGES" from the server or "CurveZMQMESSAGEC" from the client); message-box = Box [payload](S'->C') or
/// (C'->S'); payload = payload-flags payload-data. It travels without the COMMAND flag; the flags inside are bit 0 MORE
/// and, as libzmq does it for PING and PONG, bit 1 COMMAND.
/// </remarks>
sealed class CurveTraffic : IDisposable
{
    /// <summary>Name, nonce, tag and flags.</summary>
    public const int Overhead = HeaderSize + Box.Overhead + 1;

    private const int HeaderSize = 16;
    private const byte InnerMore = 1;
    private const byte InnerCommand = 2;

    private readonly MessageBox _sealing;
    private readonly MessageBox _opening;
    private ulong _nextNonce;
    private ulong _peerNonce;

    /// <param name="box">The box of the two transient keys; used here only.</param>
    /// <param name="isServer">Which side this is.</param>
    /// <param name="lastNonce">The last short nonce that the handshake used on this side.</param>
    /// <param name="peerNonce">The last one that the peer used.</param>
    public CurveTraffic(Box box, bool isServer, ulong lastNonce, ulong peerNonce)
    {
        _sealing = new(box, isServer ? "CurveZMQMESSAGES"u8 : "CurveZMQMESSAGEC"u8);
        _opening = new(box, isServer ? "CurveZMQMESSAGEC"u8 : "CurveZMQMESSAGES"u8);
        _nextNonce = lastNonce + 1;
        _peerNonce = peerNonce;
    }

    public void Seal(bool isCommand, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, OutputQueue output)
    {
        Span<byte> frame = FrameHeader.Append(output, FrameFlags.None, Overhead + head.Length + body.Length);
        "\u0007MESSAGE"u8.CopyTo(frame);
        BinaryPrimitives.WriteUInt64BigEndian(frame[8..], _nextNonce);
        ReadOnlySpan<byte> flags = [isCommand ? InnerCommand : (byte)0];
        _sealing.Seal(_nextNonce++, flags, head, body, frame[HeaderSize..]);
    }

    public Span<byte> Open(scoped ref FrameFlags flags, Span<byte> body)
    {
        if ((flags & FrameFlags.More) != 0 || body.Length < Overhead || !body.StartsWith("\u0007MESSAGE"u8))
            throw new ZmtpException("it sent something else than a MESSAGE of at least 33 octets");
        // "The server SHALL verify that a client connection does use correctly incrementing short nonces, and SHALL
        // disconnect clients that reuse a short nonce." The client does so, too.
        ulong nonce = BinaryPrimitives.ReadUInt64BigEndian(body[8..]);
        if (nonce <= _peerNonce)
            throw new ZmtpException("a nonce was used before: a message was sent twice or out of turn");
        _peerNonce = nonce;
        Span<byte> plain = body[(HeaderSize + Box.Overhead)..];
        if (!_opening.Open(nonce, body[HeaderSize..], plain))
            throw new ZmtpException("a message was not sealed with the key of the connection");
        byte inner = plain[0];
        if ((inner & ~(InnerMore | InnerCommand)) != 0) throw new ZmtpException("a MESSAGE has reserved flags set");
        flags = (inner & InnerCommand) != 0 ? FrameFlags.Command : FrameFlags.None;
        if ((inner & InnerMore) != 0) flags |= FrameFlags.More;
        return plain[1..];
    }

    /// <summary>
    /// Whether a MESSAGE with one of the peer's next nonces begins behind the beginning of this one. What is sealed
    /// looks like chance, of which 12 octets that must be just so come up once in 2^96 places.
    /// </summary>
    public bool HoldsNext(ReadOnlySpan<byte> body)
    {
        for (int from = HeaderSize; from < body.Length;)
        {
            int at = body[from..].IndexOf("\u0007MESSAGE"u8);
            from += at + HeaderSize;
            if (at < 0 || from > body.Length) return false;
            ulong ahead = BinaryPrimitives.ReadUInt64BigEndian(body[(from - 8)..]) - _peerNonce;
            if (ahead is > 0 and <= uint.MaxValue) return true;
        }
        return false;
    }

    /// <summary>Forgets the keys of the connection.</summary>
    public void Dispose()
    {
        _sealing.Wipe();
        _opening.Wipe();
    }
}
