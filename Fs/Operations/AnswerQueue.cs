using System.Buffers;
using TriggerFs.Core;

namespace TriggerFs.Fs.Operations;

/// <summary>The answer to one message, as far as it has come and was not read. Guarded by its queue's lock.</summary>
sealed class Answer(int max)
{
    public AnswerBuffer Buffer { get; } = new(max, keepsEnd: false);

    public bool HasEnded { get; set; }

    /// <summary>What the reader gets behind the last byte; None is the end of the file.</summary>
    public Errno Errno { get; set; }
}

/// <summary>
/// The answers to what one handle wrote, in the order in which it wrote. A read takes what there is, waits while the
/// answer under way has nothing new, and sees the end of the file behind the last one.
/// </summary>
sealed class AnswerQueue
{
    /// <summary>Unread bytes of one handle: as much as one message may have. More is an error to the reader.</summary>
    private const int UnreadMax = Limits.PayloadMax;

    /// <summary>Answers that nobody reads, at which the oldest is dropped: a program that only writes.</summary>
    private const int AnswersMax = 256;

    private readonly Lock _gate = new();
    private readonly LinkedList<Answer> _answers = new();
    private readonly List<WaitingRead> _readers = [];
    private readonly PollWaiters _polls = new();
    private int _unread;
    private bool _isClosed;

    /// <summary>A message was written: its answer will be read behind those before it.</summary>
    public Answer Expect()
    {
        lock (_gate)
        {
            while (_answers.Count >= AnswersMax && _answers.First!.Value.HasEnded) DropFirst();
            var answer = new Answer(UnreadMax - Math.Min(_unread, UnreadMax));
            if (!_isClosed) _answers.AddLast(answer);
            return answer;
        }
    }

    public void Append(FileSystem fs, Answer answer, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_isClosed) return;
            int before = answer.Buffer.Bytes.Length;
            answer.Buffer.Append(bytes);
            _unread += answer.Buffer.Bytes.Length - before;
            Serve(fs);
        }
    }

    public void End(FileSystem fs, Answer answer, Errno errno)
    {
        lock (_gate)
        {
            answer.HasEnded = true;
            answer.Errno = answer.Buffer.Missing > 0 ? Errno.EMSGSIZE : errno;
            if (!_isClosed) Serve(fs);
        }
    }

    /// <summary>The handle is gone: nothing is kept any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            while (_answers.Count > 0) DropFirst();
        }
    }

    /// <summary>A READ: what there is, or EAGAIN, or a reply later.</summary>
    public Errno Read(FileSystem fs, ulong unique, int size, bool mayWait, ref ReplyWriter reply)
    {
        lock (_gate)
        {
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

    public void Forget(WaitingRead reader)
    {
        lock (_gate) _readers.Remove(reader);
    }

    private static bool HasNews(Answer answer) => !answer.Buffer.Bytes.IsEmpty || answer.HasEnded;

    /// <summary>A read would return at once: with bytes, with an error, or at the end of the file.</summary>
    private bool IsReady()
    {
        SkipRead();
        return _answers.First is not { } first || HasNews(first.Value);
    }

    /// <summary>Answers that were read to their end, and ended well, make way for those behind them.</summary>
    private void SkipRead()
    {
        while (_answers.First is { Value: { HasEnded: true, Errno: Errno.None } answer } && answer.Buffer.Bytes.IsEmpty)
            DropFirst();
    }

    private bool TryTake(ref ReplyWriter reply, int size, out Errno errno)
    {
        errno = Errno.None;
        if (!IsReady()) return false;
        if (_answers.First is not { } first) return true;
        Answer answer = first.Value;
        if (answer.Buffer.Bytes.IsEmpty)
        {
            errno = answer.Errno;
            DropFirst();
            return true;
        }
        ReadOnlySpan<byte> bytes = answer.Buffer.Bytes;
        bytes = bytes[..Math.Min(Math.Min(bytes.Length, size), Math.Min(reply.Left, Handlers.ReadMax))];
        reply.Put(bytes);
        answer.Buffer.Consume(bytes.Length);
        _unread -= bytes.Length;
        return true;
    }

    private void DropFirst()
    {
        Answer answer = _answers.First!.Value;
        _answers.RemoveFirst();
        _unread -= answer.Buffer.Bytes.Length;
        answer.Buffer.Clear();
    }

    /// <summary>Readers and polls that waited get what has come.</summary>
    private void Serve(FileSystem fs)
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
        queue.Forget(this);
        return Errno.EINTR;
    }
}
