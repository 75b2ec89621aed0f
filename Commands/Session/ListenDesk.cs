using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;

namespace TriggerFs.Commands.Session;

/// <summary>
/// The streams that a session listens to. After a link that broke each goes on where it was; answers come on the loop's
/// thread, as those of requests do.
/// </summary>
sealed class ListenDesk(SessionLine line)
{
    private static ReadOnlySpan<byte> GapText =>
        "something may be missing here: the stream went on without us, or has begun anew\n"u8;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Listening> _all = [];

    public void Listen(RequestId id, ListenOrder order, IAnswers answers)
    {
        var listening = new Listening(id, order, answers);
        lock (_gate) _all.Add(id.Value, listening);
        if (!Ask(listening, isAgain: false)) line.Post(() => Fail(id.Value, SessionLine.Unreachable()));
    }

    /// <summary>Ends the listening at once, whatever the broker says. False for a number that is none of one.</summary>
    public bool Cancel(RequestId id)
    {
        if (!Fail(id.Value, new(ErrorCode.Cancelled, "the listening was ended"))) return false;
        WireWriter head = SessionLine.Writer;
        new Cancel(id.Value, ErrorCode.Cancelled).Write(head);
        line.Send(head);
        return true;
    }

    /// <summary>Counts bytes as read; false for a number that is none of a listening.</summary>
    public bool Consumed(RequestId id, int bytes)
    {
        var credit = new Credit { Id = id.Value };
        lock (_gate)
        {
            if (!_all.TryGetValue(id.Value, out Listening? listening)) return false;
            listening.Unread -= bytes;
            listening.Uncredited += bytes;
            if (listening.Uncredited < Limits.ListenerWindow / 4) return true;
            listening.Uncredited = 0;
            credit.Offset = listening.Next - (ulong)listening.Unread;
        }
        WireWriter head = SessionLine.Writer;
        credit.Write(head);
        line.Send(head);
        return true;
    }

    /// <summary>Output of a stream; false when its number is that of a request.</summary>
    public bool Hear(in Output output)
    {
        Listening? listening;
        bool isGap;
        lock (_gate)
        {
            if (!_all.TryGetValue(output.Id, out listening)) return false;
            isGap = listening.Next != 0 && output.Offset != listening.Next;
            listening.Next = output.Offset + (ulong)output.Bytes.Length;
            listening.Unread += output.Bytes.Length + (isGap ? GapText.Length : 0);
        }
        if (isGap) Tell(listening, Gap(output));
        if (!output.Bytes.IsEmpty) Tell(listening, output); // An empty one says where it begins.
        return true;
    }

    public bool Hear(in Finished finished)
    {
        Listening? listening;
        lock (_gate)
            if (!_all.Remove(finished.Id, out listening)) return false;
        listening.Answers.Finished(finished);
        return true;
    }

    public bool Fail(ulong id, TriggerException problem)
    {
        Listening? listening;
        lock (_gate)
            if (!_all.Remove(id, out listening)) return false;
        listening.Answers.Failed(problem);
        return true;
    }

    public void FailAll(TriggerException problem)
    {
        ulong[] ids;
        lock (_gate) ids = [.. _all.Keys];
        foreach (ulong id in ids) Fail(id, problem);
    }

    /// <summary>The link is back: what was listened to goes on, or begins anew.</summary>
    public void Resume()
    {
        Listening[] all;
        lock (_gate) all = [.. _all.Values];
        foreach (Listening listening in all)
            if (listening.IsAsked) Ask(listening, isAgain: true);
    }

    private void Tell(Listening listening, in Output output)
    {
        listening.Answers.Output(output);
        if (listening.Answers.ConsumesAtOnce) Consumed(listening.Id, output.Bytes.Length);
    }

    private bool Ask(Listening listening, bool isAgain)
    {
        ListenOrder order = listening.Order;
        ulong from;
        lock (_gate) from = listening.Next;
        var listen = new Listen
        {
            Id = listening.Id,
            Flags = isAgain ? Core.Messages.Listen.Wait : (byte)0,
            Last = order.Last,
            AgeMs = (ulong)order.Age.TotalMilliseconds,
            From = from,
            Service = Encoding.UTF8.GetBytes(order.Service),
            Plugin = Encoding.UTF8.GetBytes(order.Plugin),
            ArgsBytes = order.Args,
        };
        listening.IsAsked = true;
        WireWriter head = SessionLine.Writer;
        listen.Write(head);
        return line.Send(head);
    }

    /// <summary>What a reader is told where something is missing. It has no place of its own in the stream.</summary>
    private static Output Gap(in Output output) => new()
    {
        Id = output.Id,
        Offset = output.Offset,
        Flags = Output.IsNotice,
        Bytes = GapText,
    };

    private sealed class Listening(RequestId id, ListenOrder order, IAnswers answers)
    {
        public RequestId Id => id;

        public ListenOrder Order => order;

        public IAnswers Answers => answers;

        /// <summary>The broker was asked at least once.</summary>
        public bool IsAsked { get; set; }

        /// <summary>The offset behind the last byte that came; 0 before.</summary>
        public ulong Next { get; set; }

        /// <summary>Bytes that came and were not read.</summary>
        public long Unread { get; set; }

        /// <summary>Bytes that were read since the broker was told.</summary>
        public long Uncredited { get; set; }
    }
}
