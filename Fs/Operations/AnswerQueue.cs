using System.Buffers;
using TriggerFs.Core;
using TriggerFs.Core.Ports;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// The answers to what one handle wrote, in the order in which it wrote. A read takes what there is, waits while the
/// answer under way has nothing new, and sees the end of the file behind the last one. A slow reader slows the plugin
/// down, as a pipe would; who never reads does not.
/// </summary>
sealed class AnswerQueue(FileSystem fs)
{
    /// <summary>Unread bytes of one handle, above which the plugins are held back.</summary>
    public const int HoldAbove = 256 * 1024;

    /// <summary>Unread bytes of one handle that nobody reads. More is an error, to who reads it all the same.</summary>
    public const int UnreadMax = Limits.PayloadMax;

    /// <summary>
    /// How long plugins are held back for a program that has not begun to read, in ms; it may never do.
    /// </summary>
    public const int HoldMaxMs = 2000;

    /// <summary>Answers that nobody reads, at which the oldest is dropped: a program that only writes.</summary>
    private const int AnswersMax = 256;

    private readonly Lock _gate = new();
    private readonly LinkedList<Answer> _answers = new();
    private readonly List<WaitingRead> _readers = [];
    private readonly PollWaiters _polls = new();
    private Timer? _patience;
    private int _unread;
    private bool _hasReader;
    private bool _isPatient = true;
    private bool _isClosed;

    /// <summary>A message was written: its answer will be read behind those before it.</summary>
    /// <param name="mayHold">False when its writer waits for the end, and cannot read before.</param>
    /// <param name="wanted">The message, where nobody but the reader waits for its answer and wants it now.</param>
    public Answer Expect(bool mayHold, Message? wanted)
    {
        lock (_gate)
        {
            while (_answers.Count >= AnswersMax && _answers.First!.Value.HasEnded) DropFirst();
            var answer = new Answer(mayHold, wanted);
            if (!_isClosed) _answers.AddLast(answer);
            return answer;
        }
    }

    /// <summary>False when the bytes wait for the reader.</summary>
    public bool Append(Answer answer, ReadOnlySpan<byte> bytes, IOutputSource? source)
    {
        lock (_gate)
        {
            if (_isClosed) return true;
            bool holds = source is not null && answer.MayHold && (_hasReader || _isPatient);
            int room = holds ? bytes.Length : Math.Clamp(UnreadMax - _unread, 0, bytes.Length);
            if (!fs.Unread.TryTake(room)) room = 0;
            answer.Append(bytes[..room], missing: bytes.Length - room);
            _unread += room;
            holds &= room > 0 && _unread > HoldAbove;
            if (holds) answer.Hold(bytes.Length, source!);
            if (holds && !_hasReader) WaitForReader();
            Serve();
            return !holds;
        }
    }

    public void End(Answer answer, Errno errno)
    {
        lock (_gate)
        {
            answer.End(errno);
            if (!_isClosed) Serve();
        }
    }

    /// <summary>The handle is gone: nothing is kept any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _patience?.Dispose();
            while (_answers.Count > 0) DropFirst();
        }
    }

    /// <summary>A READ: what there is, or EAGAIN, or a reply later.</summary>
    public Errno Read(ulong unique, int size, bool mayWait, ref ReplyWriter reply)
    {
        lock (_gate)
        {
            _hasReader = true;
            if (TryTake(ref reply, size, out Errno errno)) return errno;
            if (!mayWait) return Errno.EAGAIN;
            var reader = new WaitingRead(this, unique, size);
            _readers.Add(reader);
            fs.Pending.Add(unique, reader);
            return Errno.Later;
        }
    }

    /// <summary>Whether a read would return at once; if not, the poll is woken when it would.</summary>
    public bool IsReadable(ulong poll, bool wake)
    {
        lock (_gate)
        {
            bool isReadable = IsReady();
            if (!isReadable && wake) _polls.Add(poll);
            return isReadable;
        }
    }

    /// <summary>
    /// A signal hit a reader. What a synchronous trigger does for it is given up, as for a writer; an asynchronous one
    /// goes on, as its message was taken for good. Returns the message that was given up.
    /// </summary>
    public Message? Interrupt(WaitingRead reader)
    {
        lock (_gate)
        {
            _readers.Remove(reader);
            if (_readers.Count > 0 || _answers.First?.Value.Wanted is not { } wanted) return null;
            wanted.Abandon(); // Within the lock: at its end it is not used for another message then.
            return wanted;
        }
    }

    /// <summary>A read would return at once: with bytes, with an error, or at the end of the file.</summary>
    private bool IsReady()
    {
        SkipRead();
        return _answers.First is not { } first || first.Value.HasNews;
    }

    /// <summary>Answers that were read to their end, and ended well, make way for those behind them.</summary>
    private void SkipRead()
    {
        while (_answers.First is { Value: { HasEnded: true, Errno: Errno.None } answer } && answer.Bytes.IsEmpty)
            DropFirst();
    }

    private bool TryTake(ref ReplyWriter reply, int size, out Errno errno)
    {
        errno = Errno.None;
        if (!IsReady()) return false;
        if (_answers.First is not { } first) return true;
        Answer answer = first.Value;
        if (answer.Bytes.IsEmpty)
        {
            errno = answer.Errno;
            DropFirst();
            return true;
        }
        ReadOnlySpan<byte> bytes = answer.Bytes;
        bytes = bytes[..Math.Min(Math.Min(bytes.Length, size), Math.Min(reply.Left, Handlers.ReadMax))];
        reply.Put(bytes);
        Forget(answer, bytes.Length);
        return true;
    }

    private void DropFirst()
    {
        Answer answer = _answers.First!.Value;
        _answers.RemoveFirst();
        Forget(answer, answer.Bytes.Length);
        answer.Clear();
    }

    private void Forget(Answer answer, int bytes)
    {
        answer.Consume(bytes);
        _unread -= bytes;
        fs.Unread.Return(bytes);
    }

    private void WaitForReader() =>
        _patience ??= new(static self => ((AnswerQueue)self!).LosePatience(), this, HoldMaxMs, Timeout.Infinite);

    /// <summary>Nobody began to read: the plugins go on, and what is too much is not kept.</summary>
    private void LosePatience()
    {
        lock (_gate)
        {
            _isPatient = false;
            if (_hasReader) return;
            foreach (Answer answer in _answers) answer.LetGo();
        }
    }

    /// <summary>Readers and polls that waited get what has come.</summary>
    private void Serve()
    {
        byte[]? buffer = null;
        while (_readers.Count > 0 && IsReady())
        {
            WaitingRead reader = _readers[0];
            _readers.RemoveAt(0);
            if (!fs.Pending.TryTake(reader.Unique)) continue; // Interrupted: the bytes stay for the next.
            buffer ??= ArrayPool<byte>.Shared.Rent(Handlers.ReplyMax);
            var reply = new ReplyWriter(buffer);
            TryTake(ref reply, reader.Size, out Errno errno);
            fs.Replies.Send(reply.Finish(reader.Unique, errno));
        }
        if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
        if (IsReady()) _polls.Wake(fs);
    }
}

/// <summary>A READ that waits for its answer.</summary>
sealed class WaitingRead(AnswerQueue queue, ulong unique, int size) : IPending
{
    public ulong Unique => unique;

    public int Size => size;

    Errno IPending.Interrupted(FileSystem fs, ref ReplyWriter reply)
    {
        if (queue.Interrupt(this) is { } abandoned) fs.Sink.Abandon(abandoned);
        return Errno.EINTR;
    }
}
