using TriggerFs.Commands.Spool;
using TriggerFs.Core;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;

namespace TriggerFs.Commands.Mount;

/// <summary>What became of the messages, in numbers.</summary>
sealed partial class MountSink
{
    /// <summary>Messages that were taken and can never be delivered; they are in the spool's rejected log.</summary>
    public long Rejected => Sum(static sender => sender.Rejected);

    /// <summary>Messages that the broker has taken.</summary>
    public long Sent => Sum(static sender => sender.Sent);

    /// <summary>Messages that are with the broker and not on its disk.</summary>
    public long UnderWay => Sum(static sender => sender.UnderWay);

    /// <summary>Messages in the spools.</summary>
    public long Waiting => Sum(static sender => sender.Spool.Depth);

    /// <summary>Messages in the spools, and answers that are waited for.</summary>
    public long Outstanding
    {
        get
        {
            lock (_gate) return Waiting + _answersDue;
        }
    }

    /// <summary>How the spool is that is written to.</summary>
    public SpoolStatus Spool
    {
        get
        {
            lock (_gate) return _spool.Status;
        }
    }

    /// <summary>
    /// Since when and why what was written cannot be brought to the disk; null when it is there, or need not be.
    /// </summary>
    public (DateTimeOffset Since, string Why)? NotSynced => _trouble.NotSynced;

    /// <summary>What the spool is opened with.</summary>
    public SpoolOptions SpoolRules => _options;

    /// <summary>Messages that are taken, and that the broker takes, in a second.</summary>
    public (double Taken, double Sent) Rates
    {
        get
        {
            lock (_gate) return (_takenRate.PerSecond, _sentRate.PerSecond);
        }
    }

    /// <summary>Messages that were given up because their trigger wants the oldest to make room.</summary>
    public long Dropped { get; private set; }

    /// <summary>Of a trigger that wants so, the oldest messages make room; under the lock.</summary>
    private void MakeRoom(NodeId trigger, int bytes)
    {
        if (_tree.Find(trigger.Value)?.Node.Delivery.OnFull != OnFull.DropOldest) return;
        long before = Dropped;
        _spool.DropOldest(trigger, bytes, sequence =>
        {
            Dropped++;
            if (_listening.Remove(sequence, out IFired? writer)) writer.Ended(ErrorCode.Cancelled, 0);
        });
        if (Dropped > before) _trouble.TellDropped(Dropped);
    }

    private long Sum(Func<SpoolSender, long> of)
    {
        lock (_gate)
        {
            long sum = of(_sender);
            foreach (SpoolSender left in _left) sum += of(left);
            return sum;
        }
    }
}
