using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Nodes;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// One message on its way to a worker and back: tells the writer, the reader of the same handle, and keeps the answer.
/// Used again after its end, unless its writer gave up (the sink may still name it in a cancellation then).
/// </summary>
sealed class Message(FileSystem fs) : IFired
{
    private readonly AnswerBuffer _kept = new(AnswerStore.AnswerMax, keepsEnd: true);
    private TreeEntry _entry = fs.Tree.Root;
    private AnswerQueue? _queue;
    private Answer? _answer;
    private WriteReply? _writer;
    private Unsettled? _unsettled;
    private bool _isTaken;
    private int _length;

    public bool IsSynchronous { get; private set; }

    /// <summary>Who waits for the answer was interrupted; set under the lock of that one.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>Bytes of the writer's write before those of this message.</summary>
    public int Start { get; private set; }

    public void Begin(OpenFile file, bool isSynchronous, int length, WriteReply? writer, int start)
    {
        _length = length;
        Start = start;
        _entry = file.Entry;
        _writer = writer;
        _unsettled = file.Unsettled;
        _unsettled?.Begin();
        _isTaken = false;
        IsSynchronous = isSynchronous;
        IsAbandoned = false;
        _queue = file.Answers;
        bool isWanted = isSynchronous && writer is null;
        _answer = _queue?.Expect(mayHold: isWanted || !isSynchronous, isWanted ? this : null);
        writer?.Add(this);
    }

    public void Taken()
    {
        _isTaken = true;
        if (!IsSynchronous) Release(Errno.None, isTold: true);
    }

    public bool Output(ReadOnlySpan<byte> bytes, bool isError, IOutputSource? source)
    {
        _kept.Append(bytes);
        fs.Followers.Append(_entry.Id, bytes);
        return _answer is not { } answer || _queue!.Append(answer, bytes, source);
    }

    public void Ended(ErrorCode? failure, int exitCode, RunId run)
    {
        Errno errno = failure is { } code ? Errnos.OfFire(code) : Errno.None;
        if (failure is null) fs.Answers.Keep(_entry.Id, _kept, exitCode, run);
        _kept.Clear();
        bool isRead = _answer is not null;
        if (isRead) _queue!.End(_answer!, errno);
        _answer = null;
        _queue = null;
        if (IsSynchronous && errno == Errno.None && exitCode != 0) errno = Errnos.ExitedWithFailure;
        Release(errno, isRead);
        fs.Outbox.Return(this);
    }

    /// <summary>Who waits was interrupted: whoever closes its file does not wait for this either.</summary>
    public void Abandon()
    {
        IsAbandoned = true;
        Interlocked.Exchange(ref _unsettled, null)?.End(fs, Errno.None);
    }

    /// <summary>
    /// The writer goes on, once. A failure that no write and no read tells is for fsync, close, or the log.
    /// </summary>
    private void Release(Errno errno, bool isTold)
    {
        WriteReply? writer = Interlocked.Exchange(ref _writer, null);
        writer?.End(fs, this, errno);
        isTold |= writer is not null || errno == Errno.None;
        if (!isTold && !_isTaken && !IsSynchronous) Log.NotSent(fs.Log, _length, _entry.Node.Name, errno);
        Interlocked.Exchange(ref _unsettled, null)?.End(fs, isTold ? Errno.None : errno);
    }
}
