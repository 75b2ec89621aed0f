using System.Runtime.CompilerServices;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// Calls of poll(2) that want to be woken, by the numbers that the kernel gave them. From any thread.
/// </summary>
sealed class PollWaiters
{
    private readonly Lock _gate = new();
    private readonly List<ulong> _polls = [];

    public void Add(ulong poll)
    {
        lock (_gate)
        {
            if (!_polls.Contains(poll)) _polls.Add(poll);
        }
    }

    /// <summary>Something changed: each asks again, and is added again if it still has to wait.</summary>
    public void Wake(FileSystem fs)
    {
        ulong[] polls;
        lock (_gate)
        {
            if (_polls.Count == 0) return;
            polls = [.. _polls];
            _polls.Clear();
        }
        Span<byte> buffer = stackalloc byte[Unsafe.SizeOf<OutHeader>() + Unsafe.SizeOf<NotifyPollWakeupOut>()];
        foreach (ulong poll in polls)
        {
            var notice = new ReplyWriter(buffer);
            notice.Put(new NotifyPollWakeupOut { Kh = poll });
            fs.Replies.Send(notice.FinishNotice(NotifyCode.Poll));
        }
    }
}
