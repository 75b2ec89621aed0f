using TriggerFs.Core;
using TriggerFs.Fs.Nodes;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs;

/// <summary>
/// Tells the kernel what it must not believe any more. On a thread of its own: a notification waits for the lock of a
/// directory that a request may hold, so a handler that sent one would wait for itself.
/// </summary>
sealed class Notifier : ITreeWatcher, IDisposable
{
    /// <summary>
    /// When an expiry is repeated, in ms: a LOOKUP that the kernel was about to take our older answer to would have
    /// undone it. Nothing else can be undone: the kernel holds the directory's lock, or counts versions.
    /// </summary>
    private const int RepeatMs = 500;

    private readonly FileSystem _fs;
    private readonly Lock _gate = new();
    private readonly Queue<Notice> _queue = new();
    private readonly Queue<(long DueMs, Notice Notice)> _repeats = new();
    private readonly HashSet<NodeId> _attributes = [];
    private readonly AutoResetEvent _waiting = new(false);
    private readonly Thread _thread;
    private volatile bool _isOver;

    public Notifier(FileSystem fs)
    {
        _fs = fs;
        _thread = new(Run) { IsBackground = true, Name = "fuse notices" };
    }

    /// <summary>Starts once the kernel has said INIT; before that it has nothing in a cache.</summary>
    public void Start()
    {
        _fs.Tree.Watch(this);
        _thread.Start();
    }

    /// <summary>
    /// A directory's name is expired where the kernel can, instead of dropped: nobody's working directory is pulled
    /// away, and it follows when the directory is found under its new name.
    /// </summary>
    public void NameChanged(NodeId parent, byte[] name, bool wasDirectory)
    {
        bool isExpiry = wasDirectory && _fs.CanExpireNames;
        Add(new(NotifyCode.InvalEntry, parent, name, isExpiry ? NotifyInvalEntryOut.ExpireOnly : 0));
    }

    public void Removed(NodeId parent, byte[] name, TreeEntry entry) =>
        Add(new(NotifyCode.Delete, parent, name, Gone: entry));

    /// <summary>One notice for an entry is enough, however often it changes before the notice goes.</summary>
    public void AttributesChanged(NodeId node)
    {
        lock (_gate)
        {
            if (!_attributes.Add(node)) return;
        }
        Add(new(NotifyCode.InvalInode, node, []));
    }

    public void Dispose()
    {
        _isOver = true;
        _waiting.Set();
        // It may sit in the kernel until the mount is gone; it is a background thread, so nobody has to wait for it.
        if (_thread.IsAlive) _thread.Join(TimeSpan.FromSeconds(1));
    }

    private void Add(in Notice notice)
    {
        lock (_gate) _queue.Enqueue(notice);
        _waiting.Set();
    }

    private void Run()
    {
        byte[] buffer = new byte[512];
        while (!_isOver)
        {
            _waiting.WaitOne(UntilRepeat());
            while (!_isOver && TryTake(out Notice notice)) Send(notice, buffer);
        }
    }

    private TimeSpan UntilRepeat()
    {
        if (!_repeats.TryPeek(out (long DueMs, Notice Notice) next)) return Timeout.InfiniteTimeSpan;
        return TimeSpan.FromMilliseconds(Math.Max(0, next.DueMs - Environment.TickCount64));
    }

    private bool TryTake(out Notice notice)
    {
        if (_repeats.TryPeek(out (long DueMs, Notice Notice) next) && next.DueMs <= Environment.TickCount64)
        {
            notice = _repeats.Dequeue().Notice;
            return true;
        }
        lock (_gate)
        {
            if (!_queue.TryDequeue(out notice)) return false;
            if (notice.Code == NotifyCode.InvalInode) _attributes.Remove(notice.Node);
        }
        if (notice.Flags != 0) _repeats.Enqueue((Environment.TickCount64 + RepeatMs, notice));
        return true;
    }

    /// <summary>
    /// DELETE tells inotify, too, but waits for the file's lock, which a synchronous write holds until its answer
    /// comes: everybody else's notices would wait behind it.
    /// </summary>
    private void Send(in Notice notice, byte[] buffer)
    {
        var message = new ReplyWriter(buffer);
        NotifyCode code = notice.Code;
        bool mayDelete = notice.Gone is { Lookups: > 0, WaitingWrites: 0 };
        if (code == NotifyCode.Delete && !mayDelete) code = NotifyCode.InvalEntry;
        switch (code)
        {
            case NotifyCode.InvalInode: // Offset -1: attributes only; there are no bytes in any cache.
                message.Put(new NotifyInvalInodeOut { Ino = notice.Node.Value, Off = -1, Len = 0 });
                break;
            case NotifyCode.Delete:
                message.Put(new NotifyDeleteOut
                {
                    Parent = notice.Node.Value,
                    Child = notice.Gone!.Id.Value,
                    Namelen = (uint)notice.Name.Length,
                });
                PutName(notice.Name, ref message);
                break;
            default:
                message.Put(new NotifyInvalEntryOut
                {
                    Parent = notice.Node.Value,
                    Namelen = (uint)notice.Name.Length,
                    Flags = notice.Flags,
                });
                PutName(notice.Name, ref message);
                break;
        }
        // ENOENT is the normal answer for what the kernel does not have; ENOTDIR and ENOTEMPTY tell of a race that the
        // next notice or lookup settles.
        _fs.Replies.Send(message.FinishNotice(code));
    }

    private static void PutName(byte[] name, ref ReplyWriter message)
    {
        message.Put(name);
        message.Rest[0] = 0;
        message.Advance(1);
    }

    /// <param name="Node">The entry itself, or the directory of the name.</param>
    /// <param name="Flags">Of an INVAL_ENTRY.</param>
    /// <param name="Gone">The entry that a DELETE is about.</param>
    private readonly record struct Notice(
        NotifyCode Code, NodeId Node, byte[] Name, uint Flags = 0, TreeEntry? Gone = null);
}
