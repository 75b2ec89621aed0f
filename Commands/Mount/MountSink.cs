using System.Globalization;
using System.Text;
using System.Text.Unicode;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Nodes;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// Takes messages from the file system to the broker. Asynchronous ones wait in memory, in order and bounded, while the
/// broker is away or busy; synchronous ones fail at once then. What is lost is reported and counted. From any thread.
/// </summary>
sealed class MountSink : ITriggerSink, IDisposable
{
    /// <summary>Bytes that may wait: minutes of a busy log, and little enough for a Raspberry Pi.</summary>
    public const long QueueMaxBytes = 16 * 1024 * 1024;

    /// <summary>
    /// Messages with the broker at once: well below what it takes from one session, and enough to fill a line.
    /// </summary>
    private const int UnderWayMax = Limits.RequestsPerSessionMax / 4;

    /// <summary>Bytes with the broker at once.</summary>
    private const long UnderWayMaxBytes = Limits.PeerQueueHigh;

    /// <summary>How long a program waits for the broker to change the tree.</summary>
    private static readonly TimeSpan ChangeMax = TimeSpan.FromSeconds(15);

    /// <summary>Bytes that each message costs besides its own, so that small ones are bounded, too.</summary>
    private const int MessageCost = 512;

    private readonly UserSession _session;
    private readonly TriggerTree _tree;
    private readonly Lock _gate = new();
    private readonly Queue<Firing> _waiting = new();

    /// <summary>Sent on a link that broke meanwhile; these go before those that wait.</summary>
    private readonly Queue<Firing> _again = new();

    private readonly Stack<Firing> _free = new();
    private readonly Dictionary<IFired, RequestId> _synchronous = [];
    private readonly WaitingWriters _writers;
    private Action? _roomMade;
    private readonly UInt128 _idBase = MakeIdBase();
    private ulong _lastId;
    private long _waitingBytes;
    private long _underWayBytes;
    private int _underWay;
    private long _lost;
    private long _sent;

    public MountSink(UserSession session, TriggerTree tree, MountJournal journal)
    {
        _session = session;
        _tree = tree;
        Journal = journal;
        _writers = new(_gate, GiveUpWriters);
        session.Joined += _ => SendWaiting();
    }

    public MountJournal Journal { get; }

    /// <summary>Asynchronous messages that were taken and then could not be delivered.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Messages that the broker was given, whatever became of them.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Messages that are with the broker.</summary>
    public int UnderWay
    {
        get
        {
            lock (_gate) return _underWay;
        }
    }

    /// <summary>Messages that wait or are with the broker.</summary>
    public int Outstanding
    {
        get
        {
            lock (_gate) return _waiting.Count + _again.Count + _underWay;
        }
    }

    /// <summary>Messages that wait for the broker.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _waiting.Count + _again.Count;
        }
    }

    public void Fire(NodeId trigger, WriterWaits waits, ReadOnlySpan<byte> payload, IFired message)
    {
        if (waits == WriterWaits.ForAnswer) FireNow(trigger, payload, message);
        else FireSoon(trigger, mayWait: waits == WriterWaits.ForRoom, payload, message);
    }

    public void Abandon(IFired message)
    {
        RequestId request = default;
        Firing? waiting;
        lock (_gate)
        {
            bool isKnown =
                _writers.TryRemove(message, out waiting) || _synchronous.TryGetValue(message, out request);
            if (!isKnown) return;
        }
        if (waiting is not null) Refuse(waiting, ErrorCode.Cancelled);
        else _session.Cancel(request);
    }

    /// <summary>There is room when a write of any size that the kernel hands over would be taken now.</summary>
    public bool HasRoom(Action made)
    {
        lock (_gate)
        {
            if (IsRoomy) return true;
            _roomMade = made;
            return false;
        }
    }

    public void Change(TreeChange change, IReplyTo reply) => _ = ChangeAsync(change, reply);

    public void Dispose() => _writers.Dispose();

    /// <summary>A request has its answer. On the loop's thread.</summary>
    public void Ended(Firing firing, ErrorCode? failure, int exitCode)
    {
        lock (_gate)
        {
            _underWay--;
            _underWayBytes -= Cost(firing.Length);
            if (firing.IsSynchronous) _synchronous.Remove(firing.Message);
        }
        firing.Message.Ended(failure, exitCode, firing.LastRun);
        Return(firing);
        SendWaiting();
    }

    /// <summary>
    /// A request failed as a whole. One that was never sent waits for the link again; what else was asynchronous is
    /// lost.
    /// </summary>
    public void Failed(Firing firing, TriggerException problem)
    {
        if (!firing.IsSynchronous && problem.Code == ErrorCode.BrokerUnreachable)
        {
            lock (_gate)
            {
                _sent--;
                _underWay--;
                _underWayBytes -= Cost(firing.Length);
                _waitingBytes += Cost(firing.Length);
                _again.Enqueue(firing);
            }
            SendWaiting();
            return;
        }
        Report(firing, problem);
        Ended(firing, problem.Code, 0);
    }

    /// <summary>The mount ends: what still waits is lost, and says so.</summary>
    public void GiveUpWaiting()
    {
        var gone = new TriggerException(ErrorCode.BrokerUnreachable, "the mount ended before the broker was back");
        List<Firing> writers = [], taken = [];
        lock (_gate)
        {
            while (_writers.Count > 0) writers.Add(_writers.Take());
            while (_again.TryDequeue(out Firing? firing) || _waiting.TryDequeue(out firing)) taken.Add(firing);
            _waitingBytes = 0;
        }
        foreach (Firing firing in taken) Report(firing, gone);
        foreach (Firing firing in taken.Concat(writers)) Refuse(firing, gone.Code);
    }

    /// <summary>The trigger's path as UTF-8 and its plugin, for the journal.</summary>
    public (int PathLength, string Plugin) Describe(NodeId trigger, Span<byte> path)
    {
        int length = _tree.WritePath(trigger, path);
        if (length == 0) // Removed meanwhile.
            Utf8.TryWrite(path, CultureInfo.InvariantCulture, $"trigger {trigger.Value}", out length);
        return (length, _tree.Find(trigger.Value)?.Node.Plugin ?? "");
    }

    private static long Cost(int length) => length + MessageCost;

    private static UInt128 MakeIdBase()
    {
        Span<byte> random = stackalloc byte[16];
        System.Security.Cryptography.RandomNumberGenerator.Fill(random);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(random);
    }

    private void FireNow(NodeId trigger, ReadOnlySpan<byte> payload, IFired message)
    {
        if (!_session.IsUp)
        {
            message.Ended(ErrorCode.BrokerUnreachable, 0);
            return;
        }
        Firing firing = Take(trigger, isSynchronous: true, payload, message);
        lock (_gate) Send(firing);
    }

    private void FireSoon(NodeId trigger, bool mayWait, ReadOnlySpan<byte> payload, IFired message)
    {
        lock (_gate)
        {
            // Nobody overtakes writers that wait for room.
            if (_writers.Count == 0 && HasRoomFor(payload.Length))
            {
                Accept(Take(trigger, isSynchronous: false, payload, message));
                return;
            }
            if (mayWait && _writers.HasRoomFor(payload.Length))
            {
                _writers.Add(Take(trigger, isSynchronous: false, payload, message));
                return;
            }
        }
        message.Ended(mayWait ? ErrorCode.Storage : ErrorCode.Busy, 0); // ENOSPC as of a full disk, or EAGAIN.
    }

    private bool IsRoomy => _writers.Count == 0 && HasRoomFor(Limits.PayloadMax);

    /// <summary>One that is larger than the whole queue has it for itself.</summary>
    private bool HasRoomFor(int bytes) => _waitingBytes == 0 || _waitingBytes + Cost(bytes) <= QueueMaxBytes;

    private void Accept(Firing firing)
    {
        firing.Message.Taken(); // Before it is sent: its answer may come at once, on another thread.
        if (MaySend() && _waiting.Count == 0 && _again.Count == 0) Send(firing);
        else Wait(firing);
    }

    private void Wait(Firing firing)
    {
        _waitingBytes += Cost(firing.Length);
        _waiting.Enqueue(firing);
    }

    /// <summary>Writers that waited for room go on, in their order; under the lock.</summary>
    private Action? LetWritersIn()
    {
        while (_writers.Next is { } next && HasRoomFor(next.Length)) Accept(_writers.Take());
        return IsRoomy ? Interlocked.Exchange(ref _roomMade, null) : null;
    }

    private void GiveUpWriters(List<Firing> overdue)
    {
        foreach (Firing firing in overdue) Refuse(firing, ErrorCode.Storage);
    }

    /// <summary>It goes nowhere: who waits for it is told.</summary>
    private void Refuse(Firing firing, ErrorCode why)
    {
        firing.Message.Ended(why, 0);
        Return(firing);
    }

    private bool MaySend() => _session.IsUp && _underWay < UnderWayMax && _underWayBytes < UnderWayMaxBytes;

    private void SendWaiting()
    {
        Action? roomMade;
        lock (_gate)
        {
            while (MaySend() && (_again.TryDequeue(out Firing? firing) || _waiting.TryDequeue(out firing)))
            {
                _waitingBytes -= Cost(firing.Length);
                _writers.Hope();
                Send(firing);
            }
            roomMade = LetWritersIn();
        }
        roomMade?.Invoke();
    }

    /// <summary>Under the lock, so that the order is kept and an answer finds its request known.</summary>
    private void Send(Firing firing)
    {
        _sent++;
        _underWay++;
        _underWayBytes += Cost(firing.Length);
        byte flags = firing.IsSynchronous ? (byte)0 : Core.Messages.Fire.Asynchronous;
        RequestId id = _session.Fire(firing.Trigger, firing.Payload, flags, firing.Id, firing.WrittenUnixMs, firing);
        if (firing.IsSynchronous) _synchronous.Add(firing.Message, id);
    }

    private Firing Take(NodeId trigger, bool isSynchronous, ReadOnlySpan<byte> payload, IFired message)
    {
        Firing? firing;
        lock (_gate)
        {
            if (!_free.TryPop(out firing)) firing = new(this, _session);
        }
        var id = new MessageId(_idBase ^ Interlocked.Increment(ref _lastId));
        firing.Begin(trigger, id, isSynchronous, payload, message);
        return firing;
    }

    private void Return(Firing firing)
    {
        firing.End();
        lock (_gate)
        {
            if (_free.Count < UnderWayMax) _free.Push(firing);
        }
    }

    private void Report(Firing firing, TriggerException problem)
    {
        string why = problem.Why is { Length: > 0 } text ? $"{problem.Message}: {text}" : problem.Message;
        string line = firing.IsSynchronous ? $"failed: {why}"
            : problem.Code == ErrorCode.Cancelled ? $"no answer was seen: {why}"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"LOST: a message of {firing.Length} bytes: {why} ({Interlocked.Increment(ref _lost)} lost so far)");
        Journal.Answer(firing.Path, "", [], Encoding.UTF8.GetBytes(line), mayDrop: false);
    }

    private async Task ChangeAsync(TreeChange change, IReplyTo reply)
    {
        try
        {
            (Verb verb, string name, string property, string[] values) = TreeStatement.Of(change);
            using var tooLong = new CancellationTokenSource(ChangeMax);
            await _session.ManageAsync(verb, ObjectKind.Node, name, property, values, tooLong.Token);
            reply.Answer(null);
        }
        catch (TriggerException problem)
        {
            Journal.Say($"{change.GetType().Name} refused: {problem.Message}"
                + (problem.Why is { Length: > 0 } why ? $": {why}" : ""));
            reply.Answer(problem.Code);
        }
        catch (OperationCanceledException)
        {
            Journal.Say($"{change.GetType().Name} was not answered by the broker in time; it may happen yet");
            reply.Answer(ErrorCode.TimedOut);
        }
    }
}
