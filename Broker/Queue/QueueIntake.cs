using TriggerFs.Broker.Jobs;
using TriggerFs.Broker.Sessions;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Queue;

/// <summary>
/// Takes asynchronous messages: judged, put on the disk, and only then told as stored. While one group is being stored
/// the next one comes together, so that many messages share one wait for the disk. Of what comes at once half goes out
/// first: while the disk has it the other half is judged, and while that is on the disk the senders of the first have
/// their answer and send more. Neither waits for the other then.
/// </summary>
sealed class QueueIntake(
    Surroundings around, Peers peers, Requests requests, QueueRoom room, SenderRates rates)
{
    /// <summary>How long a disk that refused is left alone, in ms.</summary>
    private const long RetryMs = 1000;

    /// <summary>
    /// Behind so many messages a payload of so many bytes stays long: it is kept where the garbage collector, which
    /// moves what stays twice, does not move it.
    /// </summary>
    private const int ManyMessages = 1000;
    private const int PayloadMoved = 512;

    private readonly Dictionary<(TeamId, UserId, ulong Spool), SpoolBook> _books = [];

    /// <summary>Changes that are to be stored next, and those that are being stored.</summary>
    private List<Change> _next = [];
    private List<Change> _storing = [];
    private List<QueueEntry> _taken = [];
    private List<QueueEntry> _storingEntries = [];
    private List<(UserSession Session, RequestId Request, SpoolBook Book, ulong Sequence)> _repeats = [];
    private readonly HashSet<SpoolBook> _touched = [];
    private readonly Dictionary<UserSession, List<RequestId>> _told = [];
    private long _ticket;
    private bool _isStoring;
    private bool _hearsOfTurn;
    private int _countBeforeTurn;

    /// <summary>Changes in the last group, and half of those in the last two.</summary>
    private int _lastCount;
    private int _half;

    /// <summary>Why the disk refused the last group, until it is tried again.</summary>
    private TriggerException? _trouble;
    private long _blockedUntilMs;

    /// <summary>Hears of messages that are on the disk, in their order.</summary>
    public Action<QueueEntry> Accepted { get; set; } = static _ => { };

    /// <summary>Messages and changes that are not on the disk yet.</summary>
    public int Count => _next.Count + _storing.Count;

    /// <summary>What was stored when the broker started.</summary>
    public void Load(IEnumerable<SpoolMark> marks)
    {
        foreach (SpoolMark mark in marks) _books[(mark.Team, mark.User, mark.Spool)] = new(mark);
    }

    public void Hear(UserSession session, in Fire fire)
    {
        ulong spool = (ulong)(fire.Message.Value >> 64), sequence = (ulong)fire.Message.Value;
        if (spool == 0 || sequence == 0)
        {
            peers.Refuse(session.Peer!, fire.Id, NoMark());
            return;
        }
        SpoolBook book = BookOf(session, spool);
        if (!book.ComesOver(session.Peer!.Id))
        {
            peers.Dismiss(session.Peer, "its spool comes over a newer connection");
            return;
        }
        if (book.IsRepeat(sequence))
        {
            _repeats.Add((session, fire.Id, book, sequence));
            if (!_isStoring) TellRepeats();
            return;
        }
        if (book.IsOutOfTurn(sequence))
        {
            peers.Refuse(session.Peer!, fire.Id, OutOfTurn());
            return;
        }
        Fire message = fire;
        // A trigger without a service or plugin yet is no fault of who writes: the message waits for it.
        TriggerException? flaw = fire.Trigger == default
            ? requests.Address(session, ref message) : requests.Judge(session, fire);
        if (flaw is { Code: not ErrorCode.Invalid } never)
        {
            book.PassOver(sequence);
            peers.Refuse(session.Peer!, fire.Id, never);
            return;
        }
        if (NotNow(session, fire) is { } notNow)
        {
            book.Hold(sequence);
            peers.Refuse(session.Peer!, fire.Id, notNow);
            return;
        }
        Take(session, message, book, sequence);
    }

    /// <summary>Stores something that nobody waits for, all of it with the next group.</summary>
    public void Note(params ReadOnlySpan<Change> changes)
    {
        _next.AddRange(changes);
        StoreNext();
    }

    /// <summary>
    /// A statement has stored something about a message. What was noted of the same one before, that it is a dead
    /// letter or has another attempt, may not be on the disk yet, and would undo it there: it is stored once more,
    /// behind that.
    /// </summary>
    public void Repeat(Change change)
    {
        if (Count > 0) Note(change);
    }

    /// <summary>Tries the disk again that refused.</summary>
    public void Tick() => StoreNext(isWhole: true);

    /// <summary>
    /// A turn is over, and what came together is there when nothing more came in it: it goes out, however little it is.
    /// </summary>
    public void TurnedOver()
    {
        _hearsOfTurn = false;
        StoreNext(isWhole: _next.Count == _countBeforeTurn);
    }

    /// <summary>A group is on the disk, or why not.</summary>
    public void Kept(long ticket, TriggerException? problem)
    {
        if (!_isStoring || ticket != _ticket) return;
        if (problem is null) Stored();
        else NotStored(problem);
        _storing.Clear();
        _storingEntries.Clear();
        _isStoring = false; // Not before: what comes of this group must not begin the next one in its lists.
        StoreNext();
    }

    private void Take(UserSession session, in Fire fire, SpoolBook book, ulong sequence)
    {
        if (Posted.ServiceOf(fire.Trigger) is null) around.Roster.Hits.Add(fire.Trigger, around.Now.UnixMs);
        book.Take(sequence);
        var entry = new QueueEntry(new(
            around.Roster.NextId(), session.Team.Id, session.User.Id, fire.Trigger, fire.Message, fire.Hops,
            fire.WrittenUnixMs, around.Clock.UnixMs(around.Now), Copy(fire.Payload))
        {
            Parent = fire.Parent,
        })
        {
            Audience = session,
            Request = fire.Id.Value,
        };
        if (fire.Parent != default)
            Log.Chained(around.Log, fire.Parent.Value, fire.Trigger.Value, entry.Message.Id, fire.Hops);
        room.Add(entry);
        _taken.Add(entry);
        _touched.Add(book);
        _next.Add(new Change.PutMessage(entry.Message));
        StoreNext();
    }

    private byte[] Copy(ReadOnlySpan<byte> payload)
    {
        if (room.Messages < ManyMessages || payload.Length < PayloadMoved) return payload.ToArray();
        byte[] copy = GC.AllocateUninitializedArray<byte>(payload.Length, pinned: true);
        payload.CopyTo(copy);
        return copy;
    }

    /// <param name="isWhole">Nothing more comes at once.</param>
    private void StoreNext(bool isWhole = false)
    {
        if (_isStoring || _next.Count == 0 || around.NowMs < _blockedUntilMs) return;
        if (!isWhole && _next.Count < _half)
        {
            if (_hearsOfTurn) return;
            around.Effects.AfterTurn();
            _hearsOfTurn = true;
            _countBeforeTurn = _next.Count;
            return;
        }
        _isStoring = true;
        (_half, _lastCount) = ((_lastCount + _next.Count) / 2, _next.Count);
        foreach (SpoolBook book in _touched) _next.Add(new Change.PutSpool(book.MarkAt(around.Now.UnixMs)));
        _touched.Clear();
        (_storing, _next) = (_next, _storing);
        (_storingEntries, _taken) = (_taken, _storingEntries);
        around.Effects.Keep(++_ticket, _storing);
    }

    private void Stored()
    {
        if (_trouble is not null) Log.QueueStoredAgain(around.Log);
        _trouble = null;
        foreach (Change change in _storing)
            if (change is Change.PutSpool put) BookOf(put.Mark).Stored(put.Mark);
        foreach (QueueEntry entry in _storingEntries)
        {
            entry.Stage = EntryStage.Waiting;
            if (entry.Audience is { Peer: not null } session) Tell(session, new(entry.Request));
            else entry.Audience = null;
        }
        TellRepeats();
        Flush();
        foreach (QueueEntry entry in _storingEntries) Accepted(entry);
    }

    /// <summary>
    /// Nothing of the group is on the disk, and what came behind it must not be before it: all goes back to its sender.
    /// What is done is tried again with the next group; until then it may be done twice, after a restart.
    /// </summary>
    private void NotStored(TriggerException problem)
    {
        if (_trouble is null) Log.QueueNotStored(around.Log, problem.Message, problem.Why ?? "");
        _trouble = problem;
        _blockedUntilMs = around.NowMs + RetryMs;
        QueueEntry[] refused = [.. _storingEntries, .. _taken];
        foreach (QueueEntry entry in refused)
        {
            entry.Stage = EntryStage.Over;
            room.Remove(entry);
            QueuedMessage message = entry.Message;
            BookOf(new(message.Team, message.User, (ulong)(message.Message.Value >> 64), 0, 0))
                .GoBack((ulong)message.Message.Value, entry.Audience?.Peer?.Id);
            if (entry.Audience is { Peer: { } peer }) peers.Refuse(peer, new(entry.Request), problem);
        }
        _taken.Clear();
        _touched.Clear();
        // From the end: what was noted last of a message is how it is now.
        var told = refused.Select(static entry => entry.Message.Id).ToHashSet();
        _next = [.. _storing.Concat(_next).Reverse().Where(change => IsOurs(change, told)).Reverse()];
        foreach ((UserSession session, RequestId request, SpoolBook book, ulong sequence) in _repeats)
        {
            if (session.Peer is not { } peer) continue;
            if (sequence > book.Mark.Taken) book.GoBack(sequence, peer.Id);
            peers.Refuse(peer, request, problem);
        }
        _repeats.Clear();
    }

    /// <summary>What has happened already, and is to be written down when the disk takes it.</summary>
    /// <param name="told">Messages that were not taken after all, or of which there is something newer.</param>
    private static bool IsOurs(Change change, HashSet<long> told) =>
        change is Change.DropMessage or Change.PutDeadLetter or Change.DropDeadLetter
        || (change is Change.PutMessage put && told.Add(put.Message.Id));

    /// <summary>Repeats of what is on the disk are stored, too; others wait for the next group.</summary>
    private void TellRepeats()
    {
        for (int i = _repeats.Count - 1; i >= 0; i--)
        {
            (UserSession session, RequestId request, SpoolBook book, ulong sequence) = _repeats[i];
            if (sequence > book.Mark.Taken) continue;
            _repeats.RemoveAt(i);
            if (session.Peer is not { } peer) continue;
            new Stored([request]).Write(around.Wire);
            peers.Send(peer);
            peers.Refuse(peer, request, TakenBefore());
        }
    }

    private void Tell(UserSession session, RequestId request)
    {
        if (!_told.TryGetValue(session, out List<RequestId>? requests)) _told[session] = requests = [];
        requests.Add(request);
        if (requests.Count == Core.Messages.Stored.Max) Send(session, requests);
    }

    private void Flush()
    {
        foreach ((UserSession session, List<RequestId> requests) in _told) Send(session, requests);
        _told.Clear();
    }

    private void Send(UserSession session, List<RequestId> requests)
    {
        if (session.Peer is { } peer && requests.Count > 0)
        {
            new Stored(requests).Write(around.Wire);
            peers.Send(peer);
        }
        requests.Clear();
    }

    /// <summary>Why a message that may be taken is not taken now, but comes again.</summary>
    private TriggerException? NotNow(UserSession session, in Fire fire) => around.IsDraining ? Drain.Refusal()
        : DiskRefusal() ?? room.Refusal(session.Team.Id, fire.Payload.Length + QueueEntry.Cost) ?? rates.Judge(session);

    private TriggerException? DiskRefusal() => around.NowMs < _blockedUntilMs ? _trouble : null;

    private SpoolBook BookOf(UserSession session, ulong spool) =>
        BookOf(new(session.Team.Id, session.User.Id, spool, 0, around.Now.UnixMs));

    private SpoolBook BookOf(SpoolMark mark)
    {
        (TeamId, UserId, ulong) key = (mark.Team, mark.User, mark.Spool);
        if (!_books.TryGetValue(key, out SpoolBook? book)) _books[key] = book = new(mark with { Taken = 0 });
        return book;
    }

    private static TriggerException NoMark() => new(ErrorCode.Invalid, "the message has no mark",
        "an asynchronous message carries the number of its spool and its sequence there, neither of them 0");

    private static TriggerException OutOfTurn() => new(ErrorCode.Busy, "a message before this one was not taken",
        "messages of a spool are taken in their order", "send again, from the first that was refused");

    private static TriggerException TakenBefore() => new(ErrorCode.Exists, "the message was taken before",
        "it came a second time, and is carried out once; its answer is told to whoever sent it first");
}
