using System.Security.Cryptography;

namespace TriggerFs.Transport.Zmtp;

/// <summary>What a connection tells its owner, from within <see cref="ZmtpConnection.Take"/>.</summary>
interface IZmtpEvents
{
    /// <summary>The handshake is complete; messages may be sent.</summary>
    void Ready();

    /// <summary>A whole message came. The bytes are valid during the call only.</summary>
    void Message(ReadOnlySpan<byte> message);
}

/// <summary>
/// One ZMTP 3 connection without its socket: bytes in, bytes out (rfc.zeromq.org/spec/37). The peer's mistakes are
/// thrown as <see cref="ZmtpException"/>, after which nothing more may be given to it.
/// </summary>
/// <remarks>connection = greeting handshake traffic; traffic = *(command | message)</remarks>
sealed class ZmtpConnection(IMechanism mechanism, OutputQueue output, IZmtpEvents events) : IDisposable
{
    /// <summary>Bytes of a handshake command: INITIATE with the metadata of a talkative peer, and no more.</summary>
    public const int HandshakeFrameMax = 2048;

    private const int PingContextMax = 16;

    private Stage _stage;

    /// <summary>The message at the beginning of what was not taken is opened already.</summary>
    private Opened? _opened;

    private readonly record struct Opened(FrameFlags Flags, int Length);

    private enum Stage : byte
    {
        Greeting,
        Handshake,
        Traffic,
    }

    /// <summary>Whether the handshake is complete.</summary>
    public bool IsReady => _stage == Stage.Traffic;

    /// <summary>Whether the peer's greeting has come: it speaks ZMTP.</summary>
    public bool IsGreeted => _stage != Stage.Greeting;

    /// <summary>
    /// The largest message that is taken; a larger one is refused before anything is allocated for it.
    /// </summary>
    public int MessageMax { get; set; } = Core.Limits.StrangerMessageMax;

    /// <summary>While set, <see cref="Take"/> takes nothing more; set from within an event to stop after it.</summary>
    public bool Halted { get; set; }

    /// <summary>
    /// How much <see cref="Take"/> may still take, each message counting one and one more for each KiB; taken down by
    /// it, to 0 or below.
    /// </summary>
    public int Budget { get; set; } = int.MaxValue;

    /// <summary>
    /// A message of a larger cost is not taken now, and ends <see cref="Budget"/>: it is left until this was raised.
    /// </summary>
    public int CostMax { get; set; } = int.MaxValue;

    /// <summary>
    /// A message of a larger cost, when it uses up <see cref="Budget"/>, is opened in one take and told in the next,
    /// which takes short ones behind it as well: a half of its budget.
    /// </summary>
    public int StepMax { get; set; } = int.MaxValue;

    /// <summary>Whether a message was opened and not told yet.</summary>
    public bool IsMidway => _opened is not null;

    /// <summary>
    /// After <see cref="Take"/>: how many bytes the part that was not taken must have before it is worth trying again,
    /// when it was not <see cref="Budget"/> that ended it.
    /// </summary>
    public int Wanted { get; private set; } = Greeting.Size;

    /// <summary>Says our greeting.</summary>
    public void Start() => Greeting.Write(output.Append(Greeting.Size), mechanism.Name, mechanism.IsServer);

    /// <summary>Takes what is whole in the bytes, which it may change, and answers how many it took.</summary>
    public int Take(Span<byte> bytes)
    {
        int taken = 0;
        while (!Halted && Budget > 0)
        {
            Span<byte> rest = bytes[taken..];
            int length = _stage == Stage.Greeting ? TakeGreeting(rest) : TakeFrame(rest);
            if (length == 0) break;
            taken += length;
        }
        return taken;
    }

    /// <summary>
    /// Looks at the part that <see cref="Take"/> left: throws when the next message begins inside of the frame, whose
    /// length is then wrong.
    /// </summary>
    public void CheckPart(ReadOnlySpan<byte> part)
    {
        if (_stage != Stage.Traffic || !FrameHeader.TryRead(part, out FrameHeader header)) return;
        ReadOnlySpan<byte> body = part[header.Size..];
        if ((ulong)body.Length < header.BodyLength && mechanism.HoldsNext(body))
            throw new ZmtpException("a message began inside of another one: a length was changed on the way");
    }

    /// <summary>Appends one message made of two pieces to the output.</summary>
    public void Send(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body) =>
        mechanism.Seal(isCommand: false, head, body, output);

    /// <summary>Tells a peer that is not ready yet why it is refused.</summary>
    public void Refuse(string reason)
    {
        if (_stage == Stage.Handshake) Command.AppendError(output, reason);
    }

    /// <summary>Forgets the keys.</summary>
    public void Dispose() => mechanism.Dispose();

    private int TakeGreeting(ReadOnlySpan<byte> bytes)
    {
        if (!Greeting.Check(bytes[..Math.Min(bytes.Length, Greeting.Size)], mechanism.Name)) return 0;
        _stage = Stage.Handshake;
        mechanism.Begin(output);
        return Greeting.Size;
    }

    private int TakeFrame(Span<byte> bytes)
    {
        bool known = FrameHeader.TryRead(bytes, out FrameHeader header);
        Wanted = header.Size;
        if (!known) return 0;
        int bodyMax = _stage == Stage.Traffic ? MessageMax + mechanism.Overhead : HandshakeFrameMax;
        if (header.BodyLength > (ulong)bodyMax)
            throw new ZmtpException($"a frame of {header.BodyLength} bytes is over the limit of {bodyMax}");
        int length = header.Size + (int)header.BodyLength;
        Wanted = length;
        if (bytes.Length < length) return 0;
        Span<byte> body = bytes[header.Size..length];
        if (_stage == Stage.Traffic) return HearTraffic(header.Flags, body) ? length : 0;
        HearHandshake(header.Flags, body);
        return length;
    }

    private void HearHandshake(FrameFlags flags, Span<byte> body)
    {
        if ((flags & FrameFlags.Command) == 0)
            throw new ZmtpException("a message came before the end of the handshake");
        try
        {
            if (!mechanism.Hear(body, output)) return;
        }
        catch (CryptographicException problem)
        {
            throw new ZmtpException($"it sent a key that is none: {problem.Message}");
        }
        _stage = Stage.Traffic;
        events.Ready();
    }

    /// <summary>
    /// Opens a message and tells it, which of a long one are two takes: others are heard in between. False when it is
    /// not done yet.
    /// </summary>
    private bool HearTraffic(FrameFlags flags, Span<byte> body)
    {
        int cost = 1 + (body.Length >> 10);
        if (_opened is { } opened)
        {
            _opened = null;
            Budget /= 2;
            CostMax = Math.Min(CostMax, Budget);
            Tell(opened.Flags, body[^opened.Length..]);
            return true;
        }
        if (cost > CostMax)
        {
            Budget = 0;
            return false;
        }
        Budget -= cost;
        Span<byte> plain = mechanism.Open(ref flags, body);
        if (Budget <= 0 && cost > StepMax)
        {
            _opened = new(flags, plain.Length);
            return false;
        }
        Tell(flags, plain);
        return true;
    }

    private void Tell(FrameFlags flags, Span<byte> plain)
    {
        if ((flags & FrameFlags.Command) != 0) HearCommand(plain);
        else if ((flags & FrameFlags.More) == 0) events.Message(plain);
        else throw new ZmtpException("a message of several frames came; here a message is one frame, sent by a DEALER");
    }

    // ping = command-size %d4 "PING" ping-ttl ping-context; ping-ttl = 2OCTET; ping-context = 0*16OCTET. "When a peer
    // receives a PING command it SHALL respond with a PONG command that echoes the ping-context, which [...] MUST not
    // exceed 16 octets". pong = command-size %d4 "PONG" ping-context. Other commands are of patterns that we do not
    // use.
    private void HearCommand(Span<byte> body)
    {
        Command command = Command.Read(body);
        if (command.Name.SequenceEqual("ERROR"u8))
            throw new ZmtpException($"the peer reported an error: {Command.ReadError(command.Rest)}");
        if (!command.Name.SequenceEqual("PING"u8)) return;
        if (command.Rest.Length is < 2 or > 2 + PingContextMax)
            throw new ZmtpException($"a PING has {command.Rest.Length} octets of data");
        mechanism.Seal(isCommand: true, "\u0004PONG"u8, command.Rest[2..], output);
    }
}
