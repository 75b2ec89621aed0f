using System.Globalization;
using System.Text;
using System.Text.Unicode;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Spool;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Nodes;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// Takes messages from the file system to the broker. Asynchronous ones go into a spool on the disk and are sent from
/// there, whenever the broker is there; synchronous ones fail at once when it is not. From any thread.
/// </summary>
sealed partial class MountSink : ITriggerSink, ISpoolOwner, IDisposable
{
    /// <summary>
    /// Messages whose writer may read the answer, at the most; who writes more without reading hears no answer.
    /// </summary>
    private const int ListeningMax = Limits.RequestsPerSessionMax;

    /// <summary>Objects kept for later at the most.</summary>
    private const int PoolMax = Limits.RequestsPerSessionMax / 4;

    private readonly UserSession _session;
    private readonly TriggerTree _tree;
    private readonly Lock _gate = new();
    private readonly SpoolOptions _options;
    private readonly MessageSpool _spool;
    private readonly SpoolSender _sender;
    private readonly Syncer _syncer;

    /// <summary>Spools that earlier processes left, which are sent and not written to.</summary>
    private readonly List<SpoolSender> _left = [];

    /// <summary>Writers whose messages are in the spool and were not sent yet.</summary>
    private readonly Dictionary<ulong, IFired> _listening = [];

    /// <summary>Writers who wait until their message is on the disk, in their order.</summary>
    private readonly Queue<(ulong Sequence, IFired Message)> _unsafe = new();

    private readonly Stack<Firing> _free = new();
    private readonly Dictionary<IFired, RequestId> _synchronous = [];
    private readonly WaitingWriters _writers;
    private readonly SpoolTrouble _trouble;
    private readonly RecentRate _takenRate = new(static () => Environment.TickCount64);
    private readonly RecentRate _sentRate = new(static () => Environment.TickCount64);
    private readonly TreeChanges _changes;
    private Action? _roomMade;
    private int _answersDue;
    private bool _isEnding;

    /// <param name="spool">Closed with the sink.</param>
    public MountSink(
        UserSession session, TriggerTree tree, MountJournal journal, MessageSpool spool, SpoolOptions options)
    {
        (_session, _tree, _spool, _options, Journal) = (session, tree, spool, options, journal);
        _writers = new(_gate, GiveUpWriters);
        _trouble = new(journal, session);
        _changes = new(session, journal);
        GivenUp = new FailedStatements(session, journal);
        _sender = new(spool, options, session, _gate, this);
        _syncer = new(spool, _gate, options, Synced);
    }

    public MountJournal Journal { get; }

    public IFailedMessages? GivenUp { get; }

    /// <summary>Sends what an earlier process left, too; the spool is closed with the sink.</summary>
    public void Drain(MessageSpool left, SpoolOptions options)
    {
        lock (_gate) _left.Add(new(left, options, _session, _gate, this));
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

    public void Change(TreeChange change, IReplyTo reply) => _changes.Ask(change, reply);

    public void Dispose()
    {
        _writers.Dispose();
        _syncer.Dispose();
        foreach (SpoolSender sender in (SpoolSender[])[_sender, .. _left])
        {
            sender.Dispose();
            sender.Spool.Dispose();
        }
    }

    /// <summary>The broker answers for a message from here on.</summary>
    public void Stored(Firing firing)
    {
        lock (_gate)
        {
            _answersDue++;
            _sentRate.Add();
            firing.Sender!.Stored(firing.Spooled, firing.Length);
        }
    }

    /// <summary>A request has its answer. On the loop's thread.</summary>
    public void Ended(Firing firing, ErrorCode? failure, int exitCode)
    {
        lock (_gate)
        {
            if (firing.IsSynchronous) _synchronous.Remove(firing.Message);
            else _answersDue--;
        }
        firing.Message.Ended(failure, exitCode, firing.LastRun);
        Return(firing);
    }

    /// <summary>
    /// A request failed as a whole. One that the broker did not take stays in the spool and is sent again; of one that
    /// it has taken the answer is not seen, and nothing else is lost.
    /// </summary>
    public void Failed(Firing firing, TriggerException problem)
    {
        if (!firing.IsSynchronous && !firing.IsStored)
        {
            lock (_gate)
            {
                // Another spool may have the same sequence.
                if (firing.Sender == _sender) _listening.TryAdd(firing.Spooled.Sequence, firing.Message);
                firing.Sender!.NotTaken(firing.Spooled, firing.Length, problem);
            }
            Return(firing);
            return;
        }
        // Taken before: what it became was told then.
        if (firing.IsSynchronous) Report(firing.Path, $"failed: {Words(problem)}");
        else if (problem.Code != ErrorCode.Exists) Report(firing.Path, $"no answer is seen here: {Words(problem)}");
        Ended(firing, problem.Code, 0);
    }

    /// <summary>
    /// The mount ends: what waits stays in the spool, for the next mount; nobody here hears its answer.
    /// </summary>
    public void GiveUpWaiting()
    {
        List<Firing> writers = [];
        List<IFired> listeners;
        long waiting;
        lock (_gate)
        {
            _isEnding = true;
            while (_writers.Count > 0) writers.Add(_writers.Take());
            listeners = [.. _listening.Values];
            _listening.Clear();
            waiting = Waiting;
        }
        foreach (Firing firing in writers) Refuse(firing, ErrorCode.BrokerUnreachable);
        foreach (IFired listener in listeners) listener.Ended(ErrorCode.BrokerUnreachable, 0);
        if (waiting == 0) return;
        Journal.Say(string.Create(CultureInfo.InvariantCulture,
            $"W: {waiting} messages wait in {_options.Folder}; the next mount of this user sends them"));
    }

    IAnswers ISpoolOwner.Begin(SpoolSender sender, in SpooledMessage message, int length)
    {
        IFired? writer = null;
        if (sender == _sender) _listening.Remove(message.Sequence, out writer);
        Firing firing = Take();
        firing.Begin(sender, message, length, writer ?? NoWriter.Instance);
        return firing;
    }

    void ISpoolOwner.Rejected(SpoolSender sender, in SpooledMessage message, int length, TriggerException why)
    {
        Span<byte> path = stackalloc byte[Limits.PathMax + 1];
        (int pathLength, _) = Describe(message.Trigger, path);
        Report(path[..pathLength], string.Create(CultureInfo.InvariantCulture,
            $"REJECTED: a message of {length} bytes: {Words(why)} ({Rejected} so far, kept in the spool)"));
        if (sender == _sender && _listening.Remove(message.Sequence, out IFired? writer)) writer.Ended(why.Code, 0);
    }

    void ISpoolOwner.Moved()
    {
        _writers.Hope();
        LetWritersIn()?.Invoke();
    }

    /// <summary>The trigger's path as UTF-8 and its plugin, for the journal.</summary>
    public (int PathLength, string Plugin) Describe(NodeId trigger, Span<byte> path)
    {
        int length = _tree.WritePath(trigger, path);
        if (length == 0) // Removed meanwhile.
            Utf8.TryWrite(path, CultureInfo.InvariantCulture, $"trigger {trigger.Value}", out length);
        return (length, _tree.Find(trigger.Value)?.Node.Plugin ?? "");
    }

    private void FireNow(NodeId trigger, ReadOnlySpan<byte> payload, IFired message)
    {
        if (!_session.IsUp)
        {
            message.Ended(ErrorCode.BrokerUnreachable, 0);
            return;
        }
        lock (_gate)
        {
            Firing firing = Take();
            firing.Begin(trigger, default, message);
            // Under the lock, so that an answer finds its request known.
            _synchronous.Add(message, _session.Fire(trigger, payload, 0, MessageId.None, TimeSpan.Zero, firing));
        }
    }

    private void FireSoon(NodeId trigger, bool mayWait, ReadOnlySpan<byte> payload, IFired message)
    {
        ErrorCode failure = mayWait ? ErrorCode.Storage : ErrorCode.Busy; // ENOSPC as of a full disk, or EAGAIN.
        lock (_gate)
        {
            if (!_spool.HasRoomFor(payload.Length)) MakeRoom(trigger, payload.Length);
            // Nobody overtakes writers that wait for room.
            if (_writers.Count == 0 && _spool.HasRoomFor(payload.Length))
            {
                if (TryAccept(trigger, payload, message)) return;
                failure = ErrorCode.Storage;
            }
            else if (mayWait && _writers.HasRoomFor(payload.Length))
            {
                Firing firing = Take();
                firing.Begin(trigger, payload, message);
                _writers.Add(firing);
                return;
            }
        }
        message.Ended(failure, 0);
    }

    private bool IsRoomy => _writers.Count == 0 && _spool.HasRoomFor(Limits.PayloadMax);

    /// <summary>Puts a message into the spool; false when the disk refuses.</summary>
    private bool TryAccept(NodeId trigger, ReadOnlySpan<byte> payload, IFired message)
    {
        ulong? taken;
        try
        {
            taken = _spool.Append(trigger, SpoolClock.NowUnixMs, payload);
        }
        catch (IOException problem)
        {
            _trouble.Tell(problem.Message);
            return false;
        }
        if (taken is not { } sequence) return false;
        _syncer.Appended();
        _takenRate.Add();
        if (_options.Sync == SyncRule.Always) _unsafe.Enqueue((sequence, message));
        else message.Taken();
        if (_listening.Count < ListeningMax && !_isEnding) _listening.Add(sequence, message);
        else if (_options.Sync != SyncRule.Always) message.Ended(ErrorCode.Busy, 0);
        _sender.Send();
        return true;
    }

    /// <summary>What was appended is on the disk, or cannot be brought there.</summary>
    private void Synced(ulong sequence, IOException? problem)
    {
        lock (_gate)
        {
            while (_unsafe.TryPeek(out (ulong Sequence, IFired Message) first) && first.Sequence <= sequence)
            {
                _unsafe.Dequeue();
                Safe(first.Sequence, first.Message, problem is null);
            }
            _sender.SafeUpTo(sequence);
        }
        _trouble.TellSynced(problem, _options.Sync);
    }

    /// <summary>
    /// A message that the disk refused is sent all the same, but its writer is not told that it is safe.
    /// </summary>
    private void Safe(ulong sequence, IFired message, bool isSafe)
    {
        if (isSafe) message.Taken();
        bool isListening = _listening.ContainsKey(sequence);
        if (isSafe && isListening) return;
        _listening.Remove(sequence);
        message.Ended(isSafe ? ErrorCode.Busy : ErrorCode.Storage, 0);
    }

    /// <summary>Writers that waited for room go on, in their order; under the lock.</summary>
    private Action? LetWritersIn()
    {
        while (_writers.Next is { } next && _spool.HasRoomFor(next.Length))
        {
            Firing firing = _writers.Take();
            if (TryAccept(firing.Trigger, firing.Payload, firing.Message)) Return(firing);
            else Refuse(firing, ErrorCode.Storage);
        }
        return IsRoomy ? Interlocked.Exchange(ref _roomMade, null) : null;
    }

    private void GiveUpWriters(List<Firing> overdue)
    {
        _trouble.TellFull(Spool, _options);
        foreach (Firing firing in overdue) Refuse(firing, ErrorCode.Storage);
    }

    /// <summary>It goes nowhere: who waits for it is told.</summary>
    private void Refuse(Firing firing, ErrorCode why)
    {
        firing.Message.Ended(why, 0);
        Return(firing);
    }

    private Firing Take()
    {
        lock (_gate) return _free.TryPop(out Firing? firing) ? firing : new(this, _session);
    }

    private void Return(Firing firing)
    {
        firing.End();
        lock (_gate)
        {
            if (_free.Count < PoolMax) _free.Push(firing);
        }
    }

    private void Report(ReadOnlySpan<byte> path, string line) =>
        Journal.Answer(path, "", [], Encoding.UTF8.GetBytes(line), mayDrop: false);

    private static string Words(TriggerException problem) =>
        problem.Why is { Length: > 0 } why ? $"{problem.Message}: {why}" : problem.Message;
}
