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

    /// <summary>How long memory of a busy time is kept for the next one.</summary>
    private static readonly TimeSpan TrimEvery = TimeSpan.FromSeconds(5);

    private readonly Action<Exception> _faulted;
    private readonly LoopTimer _trims;
    private readonly HashSet<Channel> _channels = [];
    private List<Channel> _dirty = [];
    private List<Channel> _held = [];
    private List<Channel> _working = [];
    private List<Channel> _resumed = [];
    private List<Channel> _resuming = [];
    private long _handshakeTicks;

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

    /// <summary>When this turn ended, in ticks of the stop watch.</summary>
    public long Now { get; private set; }

    public void SpendOnHandshake(long ticks) => _handshakeTicks += ticks;

    public void Add(Channel channel) => _channels.Add(channel);

    public void Remove(Channel channel) => _channels.Remove(channel);

    /// <summary>The channel has something to write, or to do, at the end of this turn. At most once a turn.</summary>
    public void AddDirty(Channel channel) => _dirty.Add(channel);

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
        // What was made for those who say little does not wait for the turns of those who flood.
        if (!Backlog.IsEmpty) Write(isAll: false);
        Write(isAll: Backlog.Hear() == 0);
        if (!Backlog.IsEmpty || _dirty.Count > 0) Loop.GoOn();
    }

    private void Write(bool isAll)
    {
        // Going on can make others dirty, and writing can let others go on; nothing is read anew, so this comes to an
        // end.
        while (_resumed.Count + _dirty.Count > 0)
        {
            (_resumed, _resuming) = (_resuming, _resumed);
            foreach (Channel channel in _resuming) channel.GoOn();
            _resuming.Clear();
            (_dirty, _working) = (_working, _dirty);
            foreach (Channel channel in _working)
            {
                if (isAll || !channel.MayWait) channel.Flush();
                else _held.Add(channel);
            }
            _working.Clear();
        }
        (_dirty, _held) = (_held, _dirty);
    }
}
