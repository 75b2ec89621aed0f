using System.Diagnostics;
using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Transport.Loop;
using TriggerFs.Transport.Zmtp;

namespace TriggerFs.Transport.Tcp;

/// <summary>One connected socket that speaks ZMTP: reads, writes, and knows how it ended. Loop's thread only.</summary>
sealed class Channel : IZmtpEvents, IDisposable
{
    /// <summary>Bytes that are worth a call of the kernel of their own, whatever else is under way.</summary>
    private const int WaitingMax = 16 * 1024;

    /// <summary>How long a peer that is let go has to take what was sent to it.</summary>
    public static readonly TimeSpan FlushMax = TimeSpan.FromSeconds(1);

    // Made once and for all, so that nothing is allocated whichever is needed first.
    private static readonly Action<Channel> ReadsOnce = static channel => channel.ReadOnce();
    private static readonly Action<Channel> ReadsOn = static channel => channel.ReadOn();

    private readonly ChannelSet _set;
    private readonly IChannelOwner _owner;
    private readonly int _fd;
    private readonly OutputQueue _output;
    private readonly InputBuffer _input;
    private readonly ZmtpConnection _connection;
    private readonly Watch _watch;
    private LoopTimer? _deadline;
    private State _state;
    private LinkEnd _end;
    private string _why = "";
    private bool _isDirty;
    private bool _isBehind;
    private long _behindTicks;
    private bool _isUnread;
    private Share _share;
    private Pace _pace = Pace.Start;
    private bool _isPaused;
    private bool _isOutputBroken;
    private bool _wasHigh;
    private bool _isInPart;
    private bool _hasPartGrown;

    private enum State : byte
    {
        Open,

        /// <summary>What was sent is still to be flushed; nothing is heard any more.</summary>
        Leaving,

        /// <summary>
        /// The owner was told; the peer is given time to take the last bytes before the descriptor goes.
        /// </summary>
        Lingering,
        Closed,
    }

    /// <param name="set">What is shared on the loop.</param>
    /// <param name="fd">A connected, non-blocking socket, the channel's from now on.</param>
    /// <param name="mechanism">The channel's from now on.</param>
    /// <param name="owner">Who is told.</param>
    /// <param name="handshakeMax">Time until <see cref="IChannelOwner.Ready"/>.</param>
    public Channel(ChannelSet set, int fd, IMechanism mechanism, IChannelOwner owner, TimeSpan handshakeMax)
    {
        _set = set;
        _fd = fd;
        _owner = owner;
        _output = new(set.Pool);
        _input = new(set.Pool, set.Scratch);
        _connection = new(mechanism, _output, this);
        _watch = set.Loop.Watch(fd, Interest.Read, OnReady);
        _deadline = set.Loop.After(handshakeMax, () => End(LinkEnd.Dismissed, "the handshake took too long"));
        set.Add(this);
        _connection.Start();
        MarkDirty();
    }

    /// <summary>Bytes that the kernel has not taken yet.</summary>
    public long Unsent => _output.Length;

    /// <summary>Whether what is to be given to the kernel may wait for more, while others are heard.</summary>
    public bool MayWait => _output.Length < WaitingMax && _pace.MayWait(_set.Now);

    /// <summary>Whether somebody who has little under way waits for what is to be written, or it is the last.</summary>
    public bool IsHurried => _pace.IsHurried || _state == State.Leaving;

    public bool IsReady => _connection.IsReady;

    /// <summary>Whether the peer has shown that it speaks ZMTP.</summary>
    public bool IsGreeted => _connection.IsGreeted;

    /// <summary>Whether a long message of the peer is opened and not told yet.</summary>
    public bool IsMidway => _connection.IsMidway;

    /// <summary>The largest message that is taken from the peer.</summary>
    public int MessageMax
    {
        get => _connection.MessageMax;
        set => _connection.MessageMax = value;
    }

    /// <summary>Whether others wait for its words: it is heard a whole turn at once, but for long messages.</summary>
    public bool Answers { get; set; }

    /// <summary>
    /// Sends one message, for somebody who has so many under way (see <see cref="Pace"/>); written at the end of the
    /// turn, or of one soon. Ignored when the channel is over.
    /// </summary>
    public void Send(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, int underWay, long unsentMax = long.MaxValue)
    {
        if (_state != State.Open || _isOutputBroken || !IsReady) return;
        if (_output.Length + head.Length + body.Length > unsentMax)
        {
            Leave(LinkEnd.Dismissed, $"it does not read: {_output.Length} bytes wait for it", flush: false);
            return;
        }
        _connection.Send(head, body);
        _pace.Add(underWay);
        _wasHigh |= _output.Length > Limits.PeerQueueHigh;
        MarkDirty();
        if (_pace.IsHurried) _set.Hurry();
    }

    /// <summary>Closes the channel once all is flushed, or after a second, hearing no more. Ended follows.</summary>
    public void Dismiss(string why) => Leave(LinkEnd.Dismissed, why, flush: true);

    /// <summary>Stops or resumes hearing the peer.</summary>
    public void SetReading(bool reading)
    {
        if (_state != State.Open || _isPaused == !reading) return;
        _isPaused = !reading;
        _connection.Halted = _isPaused;
        if (_isPaused) _watch.Interest &= ~Interest.Read;
        else _set.AddResumed(this);
    }

    public void Dispose()
    {
        if (_state == State.Closed) return;
        _state = State.Closed;
        _connection.Halted = true;
        _deadline?.Dispose();
        _watch.Dispose();
        Native.Close(_fd);
        _input.Drop();
        _output.Clear();
        _connection.Dispose();
        _set.Remove(this);
    }

    void IZmtpEvents.Ready()
    {
        _deadline?.Dispose();
        Guard(static owner => owner.Ready());
    }

    void IZmtpEvents.Message(ReadOnlySpan<byte> message)
    {
        try
        {
            _owner.Received(message);
        }
        catch (Exception fault)
        {
            _set.Fault(fault);
        }
    }

    /// <summary>Goes on with what was read before the pause, then reads again.</summary>
    internal void GoOn()
    {
        if (_state != State.Open || _isPaused) return;
        _watch.Interest |= Interest.Read;
        if (!_isBehind) HearOn();
    }

    /// <summary>Hears one turn of what was read and of what has come since; answers how much.</summary>
    internal int HearOn()
    {
        _isBehind = false;
        if (_state != State.Open || _isPaused) return 0;
        return Hear(_set.TurnMax, ReadsOn);
    }

    /// <summary>See <see cref="PartWatch"/>; false when it need not look again.</summary>
    internal bool LookAtPart()
    {
        _isInPart = _state == State.Open && _input.Kept > 0;
        if (!_isInPart) return false;
        Hear(_set.Quantum, static channel => channel._connection.CheckPart(channel._input.Part));
        if (_hasPartGrown && _state == State.Open) Guard(static owner => owner.Arriving());
        _hasPartGrown = false;
        return true;
    }

    /// <summary>Writes what waits, as much as the kernel takes.</summary>
    internal unsafe void Flush()
    {
        const int vectorsMax = 64;
        _isDirty = false;
        _pace.Written(_set.Now);
        if (_state is State.Lingering or State.Closed) return;
        Native.IoVector* vectors = stackalloc Native.IoVector[vectorsMax];
        bool isFull = false;
        while (_output.Length > 0 && !isFull)
        {
            var header = new Native.MessageHeader { Vectors = vectors };
            header.VectorCount = _output.Gather(vectors, vectorsMax, out long bytes);
            nint sent = Native.SendMessage(_fd, &header, Native.MSG_NOSIGNAL);
            if (sent >= 0) _output.Advance(sent);
            else if (Native.Errno is not (Native.EINTR or Native.EAGAIN)) BreakOutput();
            isFull = sent < bytes;
        }
        Flushed();
    }

    private void Flushed()
    {
        _watch.Interest = _output.Length > 0 ? _watch.Interest | Interest.Write : _watch.Interest & ~Interest.Write;
        if (_state == State.Leaving && _output.Length == 0) Linger();
        if (!_wasHigh || _output.Length >= Limits.PeerQueueHigh / 2) return;
        _wasHigh = false;
        if (_state == State.Open) Guard(static owner => owner.Drained());
    }

    /// <summary>
    /// The peer takes nothing more. Whether its kernel closed the connection or it broke is told by reading on: what
    /// the peer had sent before is still there.
    /// </summary>
    private void BreakOutput()
    {
        _isOutputBroken = true;
        _output.Clear();
    }

    private void OnReady(Ready ready)
    {
        if ((ready & Ready.Write) != 0) MarkDirty();
        if ((ready & (Ready.Read | Ready.HangUp | Ready.Error)) == 0) return;
        if (_state is State.Leaving or State.Lingering) ReadAway();
        else if ((_watch.Interest & Interest.Read) != 0) Read();
        else if ((ready & (Ready.HangUp | Ready.Error)) != 0)
        {
            BreakOutput();
            MarkDirty();
        }
    }

    private void Read()
    {
        if (_connection.IsReady) ReadShare();
        else if (_set.HasTimeForHandshakes) ShakeHands();
    }

    private void ShakeHands()
    {
        long begin = Stopwatch.GetTimestamp();
        Hear(_set.Quantum, ReadsOnce);
        _set.SpendOnHandshake(Stopwatch.GetTimestamp() - begin);
        if (_output.Length > 0) MarkDirty();
    }

    private void ReadShare()
    {
        _isUnread = true;
        if (_isBehind) return;
        _set.WriteHurried();
        bool hasFlooded = _set.IsShared && _set.IsRecent(_behindTicks);
        int left = Answers ? _set.Quantum : hasFlooded ? 0 : _set.Backlog.LeftOf(_share);
        if (left > 0) _set.Backlog.Heard(ref _share, Hear(left, ReadsOnce, isTurn: false));
        else FallBehind();
    }

    /// <summary>Hears the rest of what was read, and reads what has come since.</summary>
    private void ReadOn()
    {
        _input.Retry(_connection);
        if (_isUnread && _state == State.Open && !_isPaused && _connection.Budget > 0) ReadOnce();
    }

    private void ReadOnce()
    {
        _isUnread = false;
        nint got = _input.ReadOnce(_fd, _connection);
        if (got > 0)
        {
            if (_input.Kept > 0) NotePart();
            if (_output.Length > 0) MarkDirty(); // An answer to a PING, if nothing else.
            return;
        }
        if (got == 0) End(LinkEnd.Closed, "the peer closed the connection");
        else if (got is not (-Native.EAGAIN or -Native.EINTR)) End(LinkEnd.Broken, TcpSocket.Describe((int)-got));
    }

    private void NotePart()
    {
        _hasPartGrown = true;
        if (_isInPart) return;
        _isInPart = true;
        _set.Parts.Add(this);
    }

    /// <summary>
    /// Closing with unread bytes would make the kernel reset the connection and take our last words away.
    /// </summary>
    private unsafe void ReadAway()
    {
        nint got = Native.Receive(_fd, _set.Scratch.Pointer, _set.Scratch.Bytes.Length, 0);
        if (got > 0 || (got < 0 && Native.Errno is Native.EAGAIN or Native.EINTR)) return;
        if (_state == State.Leaving) End(_end, _why);
        Dispose();
    }

    private int Hear(int budget, Action<Channel> take, bool isTurn = true)
    {
        int longest = _set.Backlog.LongestOf(isTurn);
        _connection.Budget = budget;
        (_connection.StepMax, _connection.CostMax) = (longest, isTurn ? int.MaxValue : longest);
        try
        {
            take(this);
            if (_connection.Budget <= 0 && _input.Kept > 0) FallBehind();
        }
        catch (ZmtpException problem)
        {
            if (problem.TellPeer) _connection.Refuse(problem.Message);
            Leave(LinkEnd.Dismissed, problem.Message, flush: problem.TellPeer);
        }
        catch (Exception fault)
        {
            // A bug of ours: where in the stream we are is not known any more, so this connection ends, and no other.
            _set.Fault(fault);
            Leave(LinkEnd.Dismissed, "an internal error, see the log", flush: false);
        }
        return budget - _connection.Budget;
    }

    private void FallBehind()
    {
        if (_isBehind) return;
        _isBehind = true;
        _behindTicks = _set.Now;
        _set.Backlog.Add(this);
    }

    private void Leave(LinkEnd end, string why, bool flush)
    {
        if (_state != State.Open) return;
        _state = State.Leaving;
        _end = end;
        _why = why;
        _connection.Halted = true;
        if (!flush || _isOutputBroken) _output.Clear();
        _watch.Interest |= Interest.Read;
        _deadline?.Dispose();
        _deadline = _set.Loop.After(FlushMax, () =>
        {
            if (_state == State.Leaving) End(_end, _why);
            Dispose();
        });
        MarkDirty();
    }

    private void Linger()
    {
        _state = State.Lingering;
        _connection.Dispose();
        Native.Shutdown(_fd, Native.SHUT_WR);
        LinkEnd end = _end;
        string why = _why;
        Guard(owner => owner.Ended(end, why));
    }

    private void End(LinkEnd end, string why)
    {
        if (_state is State.Lingering or State.Closed) return;
        Dispose();
        Guard(owner => owner.Ended(end, why));
    }

    private void Guard(Action<IChannelOwner> tell)
    {
        try
        {
            tell(_owner);
        }
        catch (Exception fault)
        {
            _set.Fault(fault);
        }
    }

    private void MarkDirty()
    {
        if (_isDirty || _state is State.Lingering or State.Closed) return;
        _isDirty = true;
        _set.AddDirty(this);
    }
}
