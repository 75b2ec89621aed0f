using System.Runtime.CompilerServices;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>A request whose reply comes later.</summary>
interface IPending
{
    /// <summary>
    /// Its caller was hit by a signal: what goes on for it is given up. Returns what it is answered, EINTR as a rule.
    /// </summary>
    Errno Interrupted(FileSystem fs, ref ReplyWriter reply);
}

/// <summary>
/// Requests whose replies come later, by their unique numbers. Who takes one out answers it, so that each is answered
/// exactly once. From any thread.
/// </summary>
sealed class PendingReplies
{
    /// <summary>Bytes of the reply to an interrupted request: a write may have been taken in part.</summary>
    private const int InterruptedMax = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, IPending> _byUnique = [];

    public int Count
    {
        get
        {
            lock (_gate) return _byUnique.Count;
        }
    }

    public void Add(ulong unique, IPending pending)
    {
        lock (_gate) _byUnique[unique] = pending;
    }

    /// <summary>True for the one caller that may answer it.</summary>
    public bool TryTake(ulong unique)
    {
        lock (_gate) return _byUnique.Remove(unique);
    }

    /// <summary>Takes a request out and answers it without a body. False when it was answered before.</summary>
    public bool TryAnswer(FileSystem fs, ulong unique, Errno errno)
    {
        if (!TryTake(unique)) return false;
        var reply = new ReplyWriter(stackalloc byte[Unsafe.SizeOf<OutHeader>()]);
        fs.Replies.Send(reply.Finish(unique, errno));
        return true;
    }

    /// <summary>Takes a request out and answers it with a struct. False when it was answered before.</summary>
    public bool TryAnswer<T>(FileSystem fs, ulong unique, in T body) where T : unmanaged
    {
        if (!TryTake(unique)) return false;
        var reply = new ReplyWriter(stackalloc byte[Unsafe.SizeOf<OutHeader>() + Unsafe.SizeOf<T>()]);
        reply.Put(in body);
        fs.Replies.Send(reply.Finish(unique, Errno.None));
        return true;
    }

    /// <summary>Gives up what a waiting request waits for and answers it; false when it is not here.</summary>
    public bool TryInterrupt(FileSystem fs, ulong unique)
    {
        IPending? pending;
        lock (_gate)
        {
            if (!_byUnique.Remove(unique, out pending)) return false;
        }
        var reply = new ReplyWriter(stackalloc byte[Unsafe.SizeOf<OutHeader>() + InterruptedMax]);
        Errno errno = pending.Interrupted(fs, ref reply);
        fs.Replies.Send(reply.Finish(unique, errno));
        return true;
    }
}
