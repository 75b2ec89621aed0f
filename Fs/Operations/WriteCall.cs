using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// One WRITE while it is handled: how its messages are sent, and who hears what became of them. That is the writer, who
/// waits; or, where the answer is wanted and O_NONBLOCK forbids to wait, whoever reads, polls, syncs or closes.
/// </summary>
readonly struct WriteCall
{
    private readonly FileSystem _fs;
    private readonly WriterWaits _waits;
    private readonly Unsettled _unsettled;

    /// <summary>Null when the writer does not wait for the answer that it wants.</summary>
    private readonly WriteReply? _reply;

    public WriteCall(FileSystem fs, OpenFile file, TreeNode rules, bool mayWait, ulong unique)
    {
        _fs = fs;
        File = file;
        Limit = rules.Limit;
        bool isSynchronous = rules.Synchronous;
        _unsettled = file.ExpectAnswers(fs);
        _waits = isSynchronous ? WriterWaits.ForAnswer : mayWait ? WriterWaits.ForRoom : WriterWaits.ForNothing;
        _reply = isSynchronous && !mayWait ? null : fs.Outbox.BeginWrite(unique, file, isSynchronous);
    }

    public OpenFile File { get; }

    /// <summary>Bytes of one message.</summary>
    public long Limit { get; }

    /// <summary>The first failure so far.</summary>
    public Errno Failure => _reply?.Failure ?? _unsettled.Failure;

    public static Errno Taken(int size, ref ReplyWriter reply)
    {
        var answer = new WriteOut { Size = (uint)size };
        reply.Put(in answer);
        return Errno.None;
    }

    /// <summary>Sends a message. Returns why it failed, as far as that is known at once.</summary>
    /// <param name="start">Bytes of the write before those of the message.</param>
    /// <param name="kept">Bytes at the message's beginning that are of an earlier write.</param>
    public Errno Send(ReadOnlySpan<byte> message, int start, int kept = 0)
    {
        _fs.Outbox.Send(File, _waits, message, _reply, start);
        if (kept > 0) _reply?.Remember(message[..kept]);
        return Failure;
    }

    /// <summary>Nothing was sent.</summary>
    public Errno Refuse(Errno why)
    {
        if (_reply is not null) _fs.Outbox.Return(_reply);
        return why;
    }

    /// <summary>All is sent: replies now, or when what the writer waits for is there.</summary>
    /// <param name="size">Bytes that were taken.</param>
    public Errno Settle(int size, ref ReplyWriter reply)
    {
        if (_reply is not null) return _reply.Settle(_fs, size, ref reply);
        Errno failure = _unsettled.TakeFailure();
        return failure == Errno.None ? Taken(size, ref reply) : failure;
    }
}
