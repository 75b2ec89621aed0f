using System.Buffers.Binary;
using System.Security.Cryptography;
using TriggerFs.Transport.Crypto;

namespace TriggerFs.Transport.Zmtp;

/// <summary>
/// The client's side of CURVE (rfc.zeromq.org/spec/26): it pins the server's permanent key S. Its own permanent key C
/// is new for each connection: who the peer is, is proved inside the protocol.
/// </summary>
sealed class CurveClient : IMechanism
{
    private const int HelloSize = 200;
    private const int WelcomeSize = 168;
    private const int CookieSize = 96;
    private const int VouchSize = 96;
    private const int InitiateHead = 9 + CookieSize + Nonce.ShortSize;

    private readonly byte[] _serverKey;
    private readonly KeyPair _permanent = KeyPair.Generate();
    private readonly KeyPair _transient = KeyPair.Generate();
    private readonly Box _toServer;
    private Box? _session;
    private CurveTraffic? _traffic;

    /// <param name="serverKey">The server's permanent public key S, 32 bytes.</param>
    public CurveClient(byte[] serverKey)
    {
        _serverKey = serverKey;
        _toServer = Box.FromKeys(_transient.Secret, serverKey);
    }

    public ReadOnlySpan<byte> Name => "CURVE"u8;

    public bool IsServer => false;

    public int Overhead => CurveTraffic.Overhead;

    // hello = %d5 "HELLO" hello-version hello-padding hello-client hello-nonce hello-box; hello-version = %x1 %x0;
    // hello-padding = 72%x00; hello-client = 32OCTET (client public transient key C'); hello-nonce = 8OCTET (prefixed
    // by "CurveZMQHELLO---"); hello-box = 80OCTET (signature, Box [64 * %x0](C'->S)). 200 octets.
    public void Begin(OutputQueue output)
    {
        Span<byte> nonce = stackalloc byte[Nonce.Size];
        Span<byte> hello = FrameHeader.Append(output, FrameFlags.Command, HelloSize);
        hello.Clear();
        Command.PutName(hello, "HELLO"u8)[0] = 1;
        _transient.Public.CopyTo(hello[80..]);
        Nonce.MakeShort(nonce, "CurveZMQHELLO---"u8, 1, hello[112..]);
        _toServer.Seal(nonce, stackalloc byte[64], hello[120..]);
    }

    public bool Hear(Span<byte> command, OutputQueue output)
    {
        Command heard = Command.Read(command);
        if (heard.Name.SequenceEqual("ERROR"u8))
            throw new ZmtpException($"the broker refused: {Command.ReadError(heard.Rest)}");
        if (_session is null && heard.Name.SequenceEqual("WELCOME"u8))
        {
            HearWelcome(command, output);
            return false;
        }
        if (_session is null || !heard.Name.SequenceEqual("READY"u8))
            throw new ZmtpException($"it sent {Text.Shown(heard.Name)} out of turn");
        HearReady(heard.Rest);
        return true;
    }

    public void Seal(bool isCommand, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, OutputQueue output) =>
        _traffic!.Seal(isCommand, head, body, output);

    public Span<byte> Open(scoped ref FrameFlags flags, Span<byte> body) => _traffic!.Open(ref flags, body);

    public bool HoldsNext(ReadOnlySpan<byte> body) => _traffic!.HoldsNext(body);

    public void Dispose()
    {
        _permanent.Wipe();
        _transient.Wipe();
        _toServer.Wipe();
        _session?.Wipe();
        _traffic?.Dispose();
    }

    // welcome = %d7 "WELCOME" welcome-nonce welcome-box; welcome-nonce = 16OCTET (prefixed by "WELCOME-");
    // welcome-box = 144OCTET: Box [S' + cookie](S->C'). 168 octets.
    private void HearWelcome(Span<byte> welcome, OutputQueue output)
    {
        if (welcome.Length != WelcomeSize) throw new ZmtpException($"its WELCOME has {welcome.Length} octets");
        Span<byte> nonce = stackalloc byte[Nonce.Size];
        Span<byte> plain = stackalloc byte[32 + CookieSize];
        Nonce.Join(nonce, "WELCOME-"u8, welcome.Slice(8, Nonce.LongSize));
        if (!_toServer.Open(nonce, welcome[24..], plain))
            throw new ZmtpException("its WELCOME was not made with the pinned key");
        Span<byte> serverTransient = plain[..32];
        _session = Box.FromKeys(_transient.Secret, serverTransient);
        SendInitiate(serverTransient, cookie: plain[32..], output);
    }

    // initiate = %d8 "INITIATE" initiate-cookie initiate-nonce initiate-box; initiate-cookie = cookie (96 octets);
    // initiate-nonce = 8OCTET (prefixed by "CurveZMQINITIATE"); initiate-box = Box [C + vouch + metadata](C'->S');
    // vouch = vouch-nonce vouch-box; vouch-nonce = 16OCTET (prefixed by "VOUCH---"); vouch-box = Box [C',S](C->S').
    private void SendInitiate(ReadOnlySpan<byte> serverTransient, ReadOnlySpan<byte> cookie, OutputQueue output)
    {
        Span<byte> nonce = stackalloc byte[Nonce.Size];
        Span<byte> plain = stackalloc byte[32 + VouchSize + Metadata.SizeMax];
        Span<byte> vouched = stackalloc byte[64];
        _permanent.Public.CopyTo(plain);
        _transient.Public.CopyTo(vouched);
        _serverKey.CopyTo(vouched[32..]);
        Nonce.MakeLong(nonce, "VOUCH---"u8, plain[32..]);
        Box vouch = Box.FromKeys(_permanent.Secret, serverTransient);
        vouch.Seal(nonce, vouched, plain.Slice(32 + Nonce.LongSize, 80));
        vouch.Wipe();
        int length = 32 + VouchSize;
        length += Metadata.Write(plain[length..], isRouter: false);

        Span<byte> initiate = FrameHeader.Append(output, FrameFlags.Command, InitiateHead + length + Box.Overhead);
        cookie.CopyTo(Command.PutName(initiate, "INITIATE"u8));
        Nonce.MakeShort(nonce, "CurveZMQINITIATE"u8, 2, initiate[(9 + CookieSize)..]);
        _session!.Seal(nonce, plain[..length], initiate[InitiateHead..]);
    }

    // ready = %d5 "READY" ready-nonce ready-box; ready-nonce = 8OCTET (prefixed by "CurveZMQREADY---");
    // ready-box = 16*OCTET: Box [metadata](S'->C').
    private void HearReady(Span<byte> ready)
    {
        if (ready.Length < Nonce.ShortSize + Box.Overhead) throw new ZmtpException("its READY is cut short");
        Span<byte> nonce = stackalloc byte[Nonce.Size];
        Nonce.Join(nonce, "CurveZMQREADY---"u8, ready[..Nonce.ShortSize]);
        Span<byte> boxed = ready[Nonce.ShortSize..];
        Span<byte> metadata = boxed[Box.Overhead..];
        if (!_session!.Open(nonce, boxed, metadata))
            throw new ZmtpException("its READY was not made with the transient key");
        Metadata.Check(metadata, isRouter: false);
        ulong peerNonce = BinaryPrimitives.ReadUInt64BigEndian(ready);
        _traffic = new(_session, isServer: false, lastNonce: 2, peerNonce);
        ForgetHandshake();
    }

    private void ForgetHandshake()
    {
        _permanent.Wipe();
        _transient.Wipe();
        _toServer.Wipe();
        _session!.Wipe();
    }
}
