using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// The reply to one WRITE, which waits for each of the messages that the write became: until it is safe
/// (asynchronous) or answered (synchronous). Used again, but never after it was interrupted.
/// </summary>
sealed class WriteReply : IPending
{
    private readonly Lock _gate = new();

    /// <summary>Messages under way: only of a synchronous write, which can be interrupted.</summary>
    private readonly List<Message> _messages = [];

    private ulong _unique;
    private uint _size;
    private int _underWay;
    private Errno _failure;
    private bool _isInterrupted;

    /// <summary>The first failure so far.</summary>
    public Errno Failure
    {
        get
        {
            lock (_gate) return _failure;
        }
    }

    /// <summary>The handler itself counts as one message, so that nothing is answered before it is through.</summary>
    public void Begin(ulong unique)
    {
        _unique = unique;
        _size = 0;
        _underWay = 1;
        _failure = Errno.None;
        _isInterrupted = false;
    }

    public void Add(Message message)
    {
        lock (_gate)
        {
            _underWay++;
            if (message.IsSynchronous) _messages.Add(message);
        }
    }

    /// <summary>A message is as far as the writer waits for it.</summary>
    public void End(FileSystem fs, Message message, Errno errno)
    {
        lock (_gate)
        {
            _messages.Remove(message);
            if (_failure == Errno.None) _failure = errno;
            if (--_underWay > 0) return;
        }
        bool isAnswered = _failure == Errno.None
            ? fs.Pending.TryAnswer(fs, _unique, new WriteOut { Size = _size })
            : fs.Pending.TryAnswer(fs, _unique, _failure);
        if (isAnswered) fs.Outbox.Return(this);
    }

    /// <summary>
    /// The handler is through, having taken <paramref name="size"/> bytes: replies at once when nothing is waited for.
    /// </summary>
    public Errno Settle(FileSystem fs, int size, ref ReplyWriter reply)
    {
        lock (_gate)
        {
            _size = (uint)size;
            if (--_underWay > 0)
            {
                fs.Pending.Add(_unique, this);
                return Errno.Later;
            }
        }
        Errno failure = _failure;
        fs.Outbox.Return(this);
        if (failure != Errno.None) return failure;
        var answer = new WriteOut { Size = (uint)size };
        reply.Put(in answer);
        return Errno.None;
    }

    /// <summary>
    /// Partly taken: those bytes count, and the writer learns of the failure when it tries the rest again.
    /// </summary>
    public void Forgive()
    {
        lock (_gate) _failure = Errno.None;
    }

    void IPending.Interrupted(FileSystem fs)
    {
        Message[] abandoned;
        lock (_gate)
        {
            _isInterrupted = true;
            abandoned = [.. _messages];
            foreach (Message message in abandoned) message.IsAbandoned = true;
        }
        foreach (Message message in abandoned) fs.Sink.Abandon(message);
    }

    /// <summary>An interrupted one is still referred to by its messages.</summary>
    public bool MayBeUsedAgain => !_isInterrupted;
}
