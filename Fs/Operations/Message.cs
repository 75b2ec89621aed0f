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

    public bool IsSynchronous { get; private set; }

    /// <summary>The writer was interrupted; set under the writer's lock.</summary>
    public bool IsAbandoned { get; set; }

    public void Begin(OpenFile? file, TreeEntry entry, bool isSynchronous, WriteReply? writer)
    {
        _entry = entry;
        _writer = writer;
        IsSynchronous = isSynchronous;
        IsAbandoned = false;
        _queue = file?.Answers;
        _answer = _queue?.Expect();
        if (isSynchronous) entry.SynchronousWriteBegins();
        writer?.Add(this);
    }

    public void Taken()
    {
        if (!IsSynchronous) Release(Errno.None);
    }

    public void Output(ReadOnlySpan<byte> bytes, bool isError)
    {
        _kept.Append(bytes);
        if (_answer is { } answer) _queue!.Append(fs, answer, bytes);
    }

    public void Ended(ErrorCode? failure, int exitCode)
    {
        Errno errno = failure is { } code ? Errnos.OfFire(code) : Errno.None;
        if (failure is null) fs.Answers.Keep(_entry.Id, _kept);
        _kept.Clear();
        if (_answer is { } answer) _queue!.End(fs, answer, errno);
        _answer = null;
        _queue = null;
        bool isSynchronous = IsSynchronous;
        if (isSynchronous) _entry.SynchronousWriteEnds();
        if (isSynchronous && errno == Errno.None && exitCode != 0) errno = Errnos.ExitedWithFailure;
        Release(errno);
        fs.Outbox.Return(this);
    }

    /// <summary>The writer goes on, once.</summary>
    private void Release(Errno errno)
    {
        WriteReply? writer = Interlocked.Exchange(ref _writer, null);
        writer?.End(fs, this, errno);
    }
}
