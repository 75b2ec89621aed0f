using System.Buffers.Binary;
using System.Security.Cryptography;
using TriggerFs.Transport.Crypto;

namespace TriggerFs.Transport.Zmtp;

/// <summary>
/// The server's side of CURVE (rfc.zeromq.org/spec/26). It proves that it has the secret of the permanent key S; any
/// client key is accepted, because who the peer is, is proved inside the protocol.
/// </summary>
sealed class CurveServer(KeyPair permanent, CookieKeys cookies) : IMechanism
{
    private const int HelloSize = 200;
    private const int CookieSize = 96;
    private const int VouchSize = 96;
    private const int InitiateHead = 9 + CookieSize + Nonce.ShortSize;
    private const int InitiateMin = InitiateHead + 32 + VouchSize + Box.Overhead;

    /// <summary>
    /// All that is kept of a client between WELCOME and INITIATE: the nonce of its cookie. The cookie itself holds C'
    /// and s'. Without the nonce, a recorded connection could be played again while the cookie key lives.
    /// </summary>
    private byte[]? _cookieNonce;
    private ulong _peerNonce;
    private CurveTraffic? _traffic;

    public ReadOnlySpan<byte> Name => "CURVE"u8;

    public bool IsServer => true;

    public int Overhead => CurveTraffic.Overhead;

    /// <summary>The client speaks first.</summary>
    public void Begin(OutputQueue output)
    {
    }

    public bool Hear(Span<byte> command, OutputQueue output)
    {
        Command heard = Command.Read(command);
        if (_cookieNonce is null && heard.Name.SequenceEqual("HELLO"u8))
        {
            HearHello(command, output);
            return false;
        }
        if (_cookieNonce is not null && heard.Name.SequenceEqual("INITIATE"u8))
        {
            HearInitiate(command, output);
            return true;
        }
        throw new ZmtpException($"it sent {Text.Shown(heard.Name)} out of turn");
    }

    public void Seal(bool isCommand, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, OutputQueue output) =>
        _traffic!.Seal(isCommand, head, body, output);

    public Span<byte> Open(scoped ref FrameFlags flags, Span<byte> body) => _traffic!.Open(ref flags, body);

    public bool HoldsNext(ReadOnlySpan<byte> body) => _traffic!.HoldsNext(body);

    public void Dispose() => _traffic?.Dispose();

    // hello = %d5 "HELLO" hello-version hello-padding hello-client hello-nonce hello-box. 200 octets; the layout is at
    // CurveClient.Begin. "The server SHALL validate all fields and SHALL reject and disconnect clients who send
    // malformed HELLO commands."
    private void HearHello(ReadOnlySpan<byte> hello, OutputQueue output)
    {
        if (hello.Length != HelloSize) throw new ZmtpException($"its HELLO has {hello.Length} octets", tellPeer: true);
        if (hello[6] != 1 || hello[7] != 0)
            throw new ZmtpException($"it speaks CURVE {hello[6]}.{hello[7]}", tellPeer: true);
        ReadOnlySpan<byte> client = hello.Slice(80, 32);
        Span<byte> nonce = stackalloc byte[Nonce.Size];
        Span<byte> signature = stackalloc byte[64];
        Nonce.Join(nonce, "CurveZMQHELLO---"u8, hello.Slice(112, Nonce.ShortSize));
        Box box = Box.FromKeys(permanent.Secret, client);
        try
        {
            if (!box.Open(nonce, hello[120..], signature) || signature.ContainsAnyExcept((byte)0))
                throw new ZmtpException("its HELLO was made for another server key", tellPeer: true);
            _peerNonce = BinaryPrimitives.ReadUInt64BigEndian(hello[112..]);
            SendWelcome(box, client, output);
        }
        finally
        {
            box.Wipe();
        }
    }

    // welcome = %d7 "WELCOME" welcome-nonce welcome-box; welcome-box = Box [S' + cookie](S->C'); cookie = cookie-nonce
    // cookie-box; cookie-nonce = 16OCTET (prefixed by "COOKIE--"); cookie-box = 80OCTET: Box [C' + s'](K). "The server
    // SHALL not keep this transient key pair."
    private void SendWelcome(Box toClient, ReadOnlySpan<byte> client, OutputQueue output)
    {
        Span<byte> nonce = stackalloc byte[Nonce.Size];
        Span<byte> plain = stackalloc byte[32 + CookieSize];
        Span<byte> inCookie = stackalloc byte[64];
        KeyPair transient = KeyPair.Generate();
        transient.Public.CopyTo(plain);
        client.CopyTo(inCookie);
        transient.Secret.CopyTo(inCookie[32..]);
        transient.Wipe();
        Nonce.MakeLong(nonce, "COOKIE--"u8, plain[32..]);
        cookies.Seal(nonce, inCookie, plain[(32 + Nonce.LongSize)..]);
        CryptographicOperations.ZeroMemory(inCookie);
        _cookieNonce = plain.Slice(32, Nonce.LongSize).ToArray();

        Span<byte> welcome = Command.PutName(FrameHeader.Append(output, FrameFlags.Command, 168), "WELCOME"u8);
        Nonce.MakeLong(nonce, "WELCOME-"u8, welcome);
        toClient.Seal(nonce, plain, welcome[Nonce.LongSize..]);
    }

    // initiate = %d8 "INITIATE" initiate-cookie initiate-nonce initiate-box; the layout is at CurveClient.SendInitiate.
    private void HearInitiate(Span<byte> initiate, OutputQueue output)
    {
        if (initiate.Length < InitiateMin)
            throw new ZmtpException($"its INITIATE has only {initiate.Length} octets", tellPeer: true);
        Span<byte> keys = stackalloc byte[64];
        OpenCookie(initiate.Slice(9, CookieSize), keys);
        Box session = Box.FromKeys(keys[32..], keys[..32]);
        try
        {
            Span<byte> plain = OpenInitiate(session, initiate[(9 + CookieSize)..]);
            CheckVouch(plain[..(32 + VouchSize)], transient: keys);
            Metadata.Check(plain[(32 + VouchSize)..], isRouter: true);
            SendReady(session, output);
            _traffic = new(session, isServer: true, lastNonce: 1, _peerNonce);
        }
        finally
        {
            session.Wipe();
            CryptographicOperations.ZeroMemory(keys);
        }
    }

    private void OpenCookie(ReadOnlySpan<byte> cookie, Span<byte> keys)
    {
        Span<byte> nonce = stackalloc byte[Nonce.Size];
        Nonce.Join(nonce, "COOKIE--"u8, cookie[..Nonce.LongSize]);
        if (!cookie[..Nonce.LongSize].SequenceEqual(_cookieNonce)
            || !cookies.Open(nonce, cookie[Nonce.LongSize..], keys))
            throw new ZmtpException("its INITIATE has not the cookie of its WELCOME, or came too late");
    }

    private Span<byte> OpenInitiate(Box session, Span<byte> nonceAndBox)
    {
        Span<byte> nonce = stackalloc byte[Nonce.Size];
        Nonce.Join(nonce, "CurveZMQINITIATE"u8, nonceAndBox[..Nonce.ShortSize]);
        ulong number = BinaryPrimitives.ReadUInt64BigEndian(nonceAndBox);
        if (number <= _peerNonce) throw new ZmtpException("a nonce was used before");
        _peerNonce = number;
        Span<byte> boxed = nonceAndBox[Nonce.ShortSize..];
        Span<byte> plain = boxed[Box.Overhead..];
        if (!session.Open(nonce, boxed, plain))
            throw new ZmtpException("its INITIATE was not made with the transient keys");
        return plain;
    }

    // vouch-box = 80OCTET: Box [C',S](C->S'): whoever has C's secret meant this connection and this server.
    private void CheckVouch(ReadOnlySpan<byte> clientAndVouch, ReadOnlySpan<byte> transient)
    {
        Span<byte> nonce = stackalloc byte[Nonce.Size];
        Span<byte> vouched = stackalloc byte[64];
        Nonce.Join(nonce, "VOUCH---"u8, clientAndVouch.Slice(32, Nonce.LongSize));
        Box vouch = Box.FromKeys(transient[32..], clientAndVouch[..32]);
        bool opened = vouch.Open(nonce, clientAndVouch[(32 + Nonce.LongSize)..], vouched);
        vouch.Wipe();
        if (!opened || !vouched[..32].SequenceEqual(transient[..32]) || !vouched[32..].SequenceEqual(permanent.Public))
            throw new ZmtpException("its vouch is for another connection");
    }

    // ready = %d5 "READY" ready-nonce ready-box; ready-nonce = 8OCTET (prefixed by "CurveZMQREADY---");
    // ready-box = 16*OCTET: Box [metadata](S'->C').
    private static void SendReady(Box session, OutputQueue output)
    {
        Span<byte> nonce = stackalloc byte[Nonce.Size];
        Span<byte> metadata = stackalloc byte[Metadata.SizeMax];
        int length = Metadata.Write(metadata, isRouter: true);
        int size = 6 + Nonce.ShortSize + Box.Overhead + length;
        Span<byte> ready = Command.PutName(FrameHeader.Append(output, FrameFlags.Command, size), "READY"u8);
        Nonce.MakeShort(nonce, "CurveZMQREADY---"u8, 1, ready);
        session.Seal(nonce, metadata[..length], ready[Nonce.ShortSize..]);
    }
}
