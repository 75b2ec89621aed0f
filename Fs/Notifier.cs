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
    private readonly FileSystem _fs;
    private readonly Lock _gate = new();
    private readonly Queue<Notice> _queue = new();
    private readonly HashSet<NodeId> _attributes = [];
    private readonly SemaphoreSlim _waiting = new(0);
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

    public void NameChanged(NodeId parent, byte[] name) => Add(new(NotifyCode.InvalEntry, parent, name, default));

    /// <summary>
    /// DELETE tells inotify, too, but waits for the file's lock, which a synchronous write holds until its answer
    /// comes: everybody else's notices would wait behind it.
    /// </summary>
    public void Removed(NodeId parent, byte[] name, TreeEntry entry)
    {
        bool mayDelete = entry.Lookups > 0 && entry.SynchronousWrites == 0;
        Add(new(mayDelete ? NotifyCode.Delete : NotifyCode.InvalEntry, parent, name, entry.Id));
    }

    /// <summary>One notice for an entry is enough, however often it changes before the notice goes.</summary>
    public void AttributesChanged(NodeId node)
    {
        lock (_gate)
        {
            if (!_attributes.Add(node)) return;
        }
        Add(new(NotifyCode.InvalInode, node, [], default));
    }

    public void Dispose()
    {
        _isOver = true;
        _waiting.Release();
        // It may sit in the kernel until the mount is gone; it is a background thread, so nobody has to wait for it.
        if (_thread.IsAlive) _thread.Join(TimeSpan.FromSeconds(1));
    }

    private void Add(Notice notice)
    {
        lock (_gate) _queue.Enqueue(notice);
        _waiting.Release();
    }

    private void Run()
    {
        byte[] buffer = new byte[512];
        while (true)
        {
            _waiting.Wait();
            if (_isOver) return;
            Notice notice;
            lock (_gate)
            {
                if (!_queue.TryDequeue(out notice)) continue;
                if (notice.Code == NotifyCode.InvalInode) _attributes.Remove(notice.Node);
            }
            Send(notice, buffer);
        }
    }

    private void Send(in Notice notice, byte[] buffer)
    {
        var message = new ReplyWriter(buffer);
        switch (notice.Code)
        {
            case NotifyCode.InvalInode: // Offset -1: attributes only; there are no bytes in any cache.
                message.Put(new NotifyInvalInodeOut { Ino = notice.Node.Value, Off = -1, Len = 0 });
                break;
            case NotifyCode.Delete:
                message.Put(new NotifyDeleteOut
                {
                    Parent = notice.Node.Value,
                    Child = notice.Child.Value,
                    Namelen = (uint)notice.Name.Length,
                });
                PutName(notice.Name, ref message);
                break;
            default:
                message.Put(new NotifyInvalEntryOut
                {
                    Parent = notice.Node.Value,
                    Namelen = (uint)notice.Name.Length,
                    Flags = _fs.CanExpireNames ? NotifyInvalEntryOut.ExpireOnly : 0,
                });
                PutName(notice.Name, ref message);
                break;
        }
        // ENOENT is the normal answer for what the kernel does not have; ENOTDIR and ENOTEMPTY tell of a race that the
        // next notice or lookup settles.
        _fs.Replies.Send(message.FinishNotice(notice.Code));
    }

    private static void PutName(byte[] name, ref ReplyWriter message)
    {
        message.Put(name);
        message.Rest[0] = 0;
        message.Advance(1);
    }

    private readonly record struct Notice(NotifyCode Code, NodeId Node, byte[] Name, NodeId Child);
}
