using System.Diagnostics;
using TriggerFs.Transport.Loop;
using TriggerFs.Transport.Zmtp;

namespace TriggerFs.Transport.Tcp;

/// <summary>
/// What the channels of one loop share: memory, and the work that is left for the end of a turn. Everything that a turn
/// made is written then, so that batches form under load by themselves and a lone message leaves at once.
/// </summary>
sealed class ChannelSet
{
    /// <summary>Bytes read of one connection at a time.</summary>
    private const int ReadMax = 64 * 1024;

    /// <summary>
    /// Time of one turn for handshakes, which cost half a millisecond each: a flood of them slows whoever is connected
    /// by this much and no more. What is left over is still ready in the next turn.
    /// </summary>
    private static readonly long HandshakeTicksMax = Stopwatch.Frequency / 1000;

    /// <summary>A millisecond: how long what was seen last is taken to be so still.</summary>
    private static readonly long MomentTicks = Stopwatch.Frequency / 1000;

    /// <summary>
    /// How long what is for somebody who has little under way waits for whoever else is ready to be heard: as long as
    /// some calls of the kernel take.
    /// </summary>
    private static readonly long HurryTicks = Stopwatch.Frequency * 20 / 1_000_000;

    /// <summary>
    /// Channels that are written to in one go when nobody of them has little under way: what comes meanwhile goes with
    /// the others, in fewer calls of the kernel.
    /// </summary>
    private const int OthersMax = 4;

    /// <summary>Turns in which every channel that waits is written to, however many these are.</summary>
    private const int TurnsMax = 16;

    /// <summary>How long memory of a busy time is kept for the next one.</summary>
    private static readonly TimeSpan TrimEvery = TimeSpan.FromSeconds(5);

    private readonly Action<Exception> _faulted;
    private readonly LoopTimer _trims;
    private readonly HashSet<Channel> _channels = [];
    private List<Channel> _dirty = [];
    private List<Channel> _held = [];
    private List<Channel> _working = [];
    private readonly List<Channel> _waiting = [];
    private List<Channel> _resumed = [];
    private List<Channel> _resuming = [];
    private long _handshakeTicks;
    private long _hurriedSince;
    private long _lastHurried;

    /// <param name="loop">The loop that all channels run on.</param>
    /// <param name="faulted">Told of exceptions that owners throw.</param>
    /// <param name="quantum">How long a turn of one connection is, see <see cref="Quantum"/>.</param>
    public ChannelSet(EventLoop loop, Action<Exception> faulted, int quantum)
    {
        Loop = loop;
        Quantum = quantum;
        Backlog = new(quantum);
        _faulted = faulted;
        Scratch = Pool.Rent(ReadMax);
        loop.TurnEnded += EndTurn;
        _trims = loop.Every(TrimEvery, Pool.Trim);
        Parts = new(loop);
    }

    public EventLoop Loop { get; }

    public ChunkPool Pool { get; } = new();

    /// <summary>
    /// How much is heard of one that floods before others have their turn: messages, each KiB counting as one more.
    /// </summary>
    public int Quantum { get; }

    /// <summary>How much is heard of one that floods in this turn.</summary>
    public int TurnMax => IsShared ? Quantum / 2 : Quantum;

    /// <summary>Those who have more to say.</summary>
    public Backlog Backlog { get; }

    /// <summary>Where every channel reads into first.</summary>
    public Chunk Scratch { get; }

    /// <summary>The channels that are in the middle of a message.</summary>
    public PartWatch Parts { get; }

    /// <summary>Channels whose descriptor is still open.</summary>
    public int Count => _channels.Count;

    /// <summary>Whether this turn has time for one more step of a handshake.</summary>
    public bool HasTimeForHandshakes => _handshakeTicks < HandshakeTicksMax;

    /// <summary>When the last turn ended, in ticks of the stop watch.</summary>
    public long Now { get; private set; }

    /// <summary>
    /// Whether there was somebody a moment ago who has little under way: turns are short then, whoever else has much.
    /// </summary>
    public bool IsShared => IsRecent(_lastHurried);

    /// <summary>Whether it was a moment ago.</summary>
    public bool IsRecent(long ticks) => Now - ticks < MomentTicks;

    public void SpendOnHandshake(long ticks) => _handshakeTicks += ticks;

    public void Add(Channel channel) => _channels.Add(channel);

    public void Remove(Channel channel) => _channels.Remove(channel);

    /// <summary>The channel has something to write, or to do, at the end of this turn. At most once a turn.</summary>
    public void AddDirty(Channel channel) => _dirty.Add(channel);

    /// <summary>Something is to be written for somebody who has little under way.</summary>
    public void Hurry()
    {
        if (_hurriedSince == 0) _lastHurried = _hurriedSince = Stopwatch.GetTimestamp();
    }

    /// <summary>Writes what has waited long enough for others to be heard.</summary>
    public void WriteHurried()
    {
        bool isDue = _hurriedSince > 0 && Stopwatch.GetTimestamp() - _hurriedSince > HurryTicks;
        if (isDue) Write(isAll: false, othersMax: 0);
    }

    /// <summary>The channel may go on with what it has read already.</summary>
    public void AddResumed(Channel channel) => _resumed.Add(channel);

    public void Fault(Exception fault) => _faulted(fault);

    /// <summary>Closes every channel at once, without telling owners.</summary>
    public void Close()
    {
        foreach (Channel channel in _channels.ToArray()) channel.Dispose();
        Loop.TurnEnded -= EndTurn;
        _trims.Dispose();
        Parts.Dispose();
    }

    private void EndTurn()
    {
        _handshakeTicks = 0;
        Now = Stopwatch.GetTimestamp();
        bool isShared = IsShared;
        int othersMax = Math.Max(isShared ? 1 : OthersMax, _dirty.Count / TurnsMax);
        // What was made for those who say little does not wait for the turns of those who flood.
        if (!Backlog.IsEmpty) Write(isAll: false, othersMax);
        Write(isAll: Backlog.Hear(isShared) == 0, othersMax);
        if (!Backlog.IsEmpty || _dirty.Count > 0) Loop.GoOn();
    }

    /// <param name="isAll">Whether what may wait is written, too.</param>
    /// <param name="othersMax">Channels that are written to at most, besides those that are in a hurry.</param>
    private void Write(bool isAll, int othersMax)
    {
        _hurriedSince = 0;
        // Going on can make others dirty, and writing can let others go on; nothing is read anew, so this comes to an
        // end.
        while (_resumed.Count + _dirty.Count > 0)
        {
            (_resumed, _resuming) = (_resuming, _resumed);
            foreach (Channel channel in _resuming) channel.GoOn();
            _resuming.Clear();
            (_dirty, _working) = (_working, _dirty);
            foreach (Channel channel in _working)
                if (channel.IsHurried) channel.Flush();
                else _waiting.Add(channel);
            _working.Clear();
            foreach (Channel channel in _waiting)
            {
                if (othersMax > 0 && (isAll || !channel.MayWait))
                {
                    othersMax--;
                    channel.Flush();
                }
                else _held.Add(channel);
            }
            _waiting.Clear();
        }
        (_dirty, _held) = (_held, _dirty);
    }
}
