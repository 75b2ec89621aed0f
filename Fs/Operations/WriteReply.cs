using System.Runtime.CompilerServices;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// The reply to one WRITE, which waits for each of the messages that the write became: until it is safe (asynchronous)
/// or answered (synchronous). Used again, but never after it was interrupted.
/// </summary>
sealed class WriteReply : IPending
{
    private readonly Lock _gate = new();

    /// <summary>Messages that the writer waits for, and that are abandoned when it is interrupted.</summary>
    private readonly List<Message> _messages = [];

    private ulong _unique;
    private OpenFile _file = null!;
    private bool _isSynchronous;
    private int _size;
    private int _underWay;
    private int _failedAt;
    private Errno _failure;
    private byte[] _kept = [];
    private bool _isInterrupted;

    /// <summary>The first failure so far.</summary>
    public Errno Failure
    {
        get
        {
            lock (_gate) return _failure;
        }
    }

    /// <summary>An interrupted one is still referred to by its messages.</summary>
    public bool MayBeUsedAgain => !_isInterrupted;

    /// <summary>The handler itself counts as one message, so that nothing is answered before it is through.</summary>
    public void Begin(ulong unique, OpenFile file, bool isSynchronous)
    {
        _unique = unique;
        _file = file;
        _isSynchronous = isSynchronous;
        _size = 0;
        _underWay = 1;
        _failedAt = int.MaxValue;
        _failure = Errno.None;
        _kept = [];
        _isInterrupted = false;
    }

    public void Add(Message message)
    {
        lock (_gate)
        {
            _underWay++;
            _messages.Add(message);
        }
    }

    /// <summary>
    /// The first message began with bytes that an earlier write had left, and whose fate may not be known yet: they
    /// are copied then, to be there again if it is not taken.
    /// </summary>
    public void Remember(ReadOnlySpan<byte> kept)
    {
        lock (_gate)
        {
            if (_messages.Count > 0) _kept = kept.ToArray();
        }
    }

    /// <summary>A message is as far as the writer waits for it.</summary>
    public void End(FileSystem fs, Message message, Errno errno)
    {
        lock (_gate)
        {
            _messages.Remove(message);
            if (errno != Errno.None)
            {
                if (_failure == Errno.None) _failure = errno;
                _failedAt = Math.Min(_failedAt, message.Start);
            }
            if (--_underWay > 0) return;
        }
        if (fs.Pending.TryTake(_unique)) AnswerLater(fs);
    }

    /// <summary>
    /// The handler is through, having taken <paramref name="size"/> bytes: replies at once when nothing is waited for.
    /// </summary>
    public Errno Settle(FileSystem fs, int size, ref ReplyWriter reply)
    {
        lock (_gate)
        {
            _size = size;
            if (--_underWay > 0)
            {
                _file.Entry.WriteBegins();
                fs.Pending.Add(_unique, this);
                return Errno.Later;
            }
        }
        Errno errno = Conclude(ref reply);
        fs.Outbox.Return(this);
        return errno;
    }

    /// <summary>
    /// Lines that were taken before the signal came count: the write is short then, instead of EINTR.
    /// </summary>
    Errno IPending.Interrupted(FileSystem fs, ref ReplyWriter reply)
    {
        Message[] abandoned;
        lock (_gate)
        {
            _isInterrupted = true;
            if (_failure == Errno.None) _failure = Errno.EINTR;
            abandoned = [.. _messages];
            foreach (Message message in abandoned)
            {
                _failedAt = Math.Min(_failedAt, message.Start);
                message.Abandon();
            }
        }
        foreach (Message message in abandoned) fs.Sink.Abandon(message);
        return ConcludeLater(ref reply);
    }

    private void AnswerLater(FileSystem fs)
    {
        var reply = new ReplyWriter(stackalloc byte[Unsafe.SizeOf<OutHeader>() + Unsafe.SizeOf<WriteOut>()]);
        Errno errno = ConcludeLater(ref reply);
        fs.Replies.Send(reply.Finish(_unique, errno));
        fs.Outbox.Return(this);
    }

    /// <summary>What was kept behind the last line is written again by who learns that it was not taken.</summary>
    private Errno ConcludeLater(ref ReplyWriter reply)
    {
        if (_failure != Errno.None && !_isSynchronous) _file.Rewind(_failedAt == 0 ? _kept : []);
        _file.Entry.WriteEnds();
        return Conclude(ref reply);
    }

    /// <summary>
    /// Where lines before the first that failed were taken, the write is short, as POSIX has it, and the writer learns
    /// of the failure when it tries the rest again. A synchronous failure counts for the whole write: what ran would
    /// run twice.
    /// </summary>
    private Errno Conclude(ref ReplyWriter reply)
    {
        int taken = _failure == Errno.None ? _size : _isSynchronous ? 0 : Math.Min(_failedAt, _size);
        if (_failure != Errno.None && taken == 0) return _failure;
        var answer = new WriteOut { Size = (uint)taken };
        reply.Put(in answer);
        return Errno.None;
    }
}
