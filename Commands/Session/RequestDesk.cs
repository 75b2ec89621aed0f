using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;

namespace TriggerFs.Commands.Session;

/// <summary>
/// The requests of a session: sent from any thread, answered on the loop's. Callbacks run outside the lock. A small
/// request and its Finished allocate nothing once the pool is warm.
/// </summary>
sealed class RequestDesk(SessionLine line)
{
    /// <summary>
    /// Bytes of output that one worker may send unread: its window, and what it may send twice after a break.
    /// </summary>
    private const ulong UnreadMax = 2 * Limits.OutputWindow;

    private readonly Lock _gate = new();
    private readonly PendingRequests _pending = new();

    // A number that no other process can have used in a session that a JWT takes up again.
    private ulong _lastId = (ulong)Random.Shared.NextInt64(1L << 32, 1L << 56);

    /// <summary>Requests that have not ended.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _pending.Count;
        }
    }

    /// <summary>A number that this session has not used.</summary>
    public RequestId NextId() => new(Interlocked.Increment(ref _lastId));

    public RequestId Ask(
        ReadOnlySpan<byte> service,
        ReadOnlySpan<byte> plugin,
        ReadOnlySpan<byte> args,
        ReadOnlySpan<byte> payload,
        TimeSpan timeout,
        byte flags,
        IAnswers answers,
        Origin origin = default,
        RolloutRules? rollout = null)
    {
        CheckPayload(payload, Limits.PayloadMax);
        var request = new Request
        {
            Id = NextId(),
            Flags = flags,
            Hops = origin.Hops,
            Parent = origin.Parent,
            TimeoutMs = Milliseconds(timeout),
            Service = service,
            Plugin = plugin,
            ArgsBytes = args,
            Payload = payload,
        };
        WireWriter head = SessionLine.Writer;
        if (rollout is null) request.WriteHead(head);
        else new Rollout { Rules = rollout, Request = request }.WriteHead(head);
        Send(request.Id, head, payload, timeout, answers, only: rollout?.Only);
        return request.Id;
    }

    public RequestId Fire(
        NodeId trigger,
        ReadOnlySpan<byte> payload,
        byte flags,
        MessageId message,
        long writtenUnixMs,
        IAnswers answers,
        byte hops,
        RunId parent)
    {
        CheckPayload(payload, Limits.TriggerLimitMax);
        var fire = new Fire
        {
            Id = NextId(),
            Flags = flags,
            Hops = hops,
            Parent = parent,
            Trigger = trigger,
            Message = message,
            WrittenUnixMs = writtenUnixMs,
            Payload = payload,
        };
        WireWriter head = SessionLine.Writer;
        fire.WriteHead(head);
        Send(fire.Id, head, payload, TimeSpan.Zero, answers, (flags & Core.Messages.Fire.Asynchronous) != 0);
        return fire.Id;
    }

    /// <summary>Asks the broker to end a request; its answer still comes. One that has ended is left alone.</summary>
    public void Cancel(RequestId id)
    {
        lock (_gate)
        {
            if (!_pending.TryGet(id.Value, out PendingRequest? request)) return;
            request.CancelWanted = true; // Said again after a reconnect: this one may be lost with the link.
        }
        SendCancel(id);
    }

    /// <summary>Counts output as read; the broker is told once a quarter of the window has come together.</summary>
    public void Consumed(RequestId id, ReadOnlySpan<byte> worker, int bytes)
    {
        var credit = new Credit { Id = id.Value, Worker = worker };
        lock (_gate)
        {
            if (!_pending.TryGet(id.Value, out PendingRequest? request)) return;
            if (request.Find(worker) is not { } run || !run.Consume(bytes)) return;
            credit.Offset = run.Credited;
        }
        WireWriter head = SessionLine.Writer;
        credit.Write(head);
        line.Send(head);
    }

    public void Hear(Dispatched dispatched) => Find(dispatched.Id.Value)?.Dispatched(dispatched);

    /// <summary>The broker answers for these messages from here on.</summary>
    public void Hear(Stored stored)
    {
        foreach (RequestId id in stored.Requests)
        {
            IAnswers answers;
            lock (_gate)
            {
                if (!_pending.TryGet(id.Value, out PendingRequest? request) || request.IsStored) continue;
                request.IsStored = true;
                answers = request.Answers;
            }
            answers.Stored();
        }
    }

    public void Hear(in Output output)
    {
        IAnswers? answers;
        ReadOnlySpan<byte> fresh;
        bool isTooMuch;
        lock (_gate)
        {
            if (!_pending.TryGet(output.Id, out PendingRequest? request)) return;
            answers = request.Answers;
            RunProgress run = request.FindOrAdd(output.Worker);
            if (!run.TryAdvance(output.Offset, output.Bytes, out fresh)) answers = null;
            isTooMuch = run.Received - run.Consumed > UnreadMax;
        }
        if (answers is null || isTooMuch)
        {
            Fail(output.Id, isTooMuch ? TooMuch() : OutputLost(output.Worker), cancel: true);
            return;
        }
        if (fresh.IsEmpty) return;
        Output news = output;
        news.Offset += (ulong)(output.Bytes.Length - fresh.Length);
        news.Bytes = fresh;
        answers.Output(news);
        if (answers.ConsumesAtOnce) Consumed(new(output.Id), output.Worker, fresh.Length);
    }

    public void Hear(in Finished finished)
    {
        bool isLast = (finished.Flags & Finished.Last) != 0;
        IAnswers? answers;
        ReadOnlySpan<byte> fresh = finished.Tail;
        lock (_gate)
        {
            if (!_pending.TryGet(finished.Id, out PendingRequest? request)) return;
            answers = request.Answers;
            ulong tailOffset = finished.Offset - Math.Min(finished.Offset, (ulong)finished.Tail.Length);
            RunProgress? run = isLast ? request.Find(finished.Worker) : request.FindOrAdd(finished.Worker);
            if (run is { Finished: true } && !isLast) return; // Heard before the link broke, and again after.
            bool isWhole = run?.TryAdvance(tailOffset, finished.Tail, out fresh) ?? tailOffset == 0;

            // A run that did not end by itself may leave output behind that nobody will send any more.
            if (!isWhole && finished.Outcome == Outcome.Done) answers = null;
            else if (isLast) _pending.Remove(finished.Id);
            if (run is not null) run.Finished = true;
        }
        if (answers is null)
        {
            Fail(finished.Id, OutputLost(finished.Worker), cancel: !isLast);
            return;
        }
        Finished news = finished;
        news.Tail = fresh;
        answers.Finished(news);
    }

    /// <summary>Ends a request as failed. On the loop's thread; one that has ended is left alone.</summary>
    public bool Fail(ulong id, TriggerException problem, bool cancel = false)
    {
        IAnswers? answers;
        lock (_gate) answers = _pending.Remove(id);
        if (answers is null) return false;
        if (cancel) SendCancel(new(id));
        answers.Failed(problem);
        return true;
    }

    /// <summary>Ends all requests as failed.</summary>
    public void FailAll(TriggerException problem) => FailWhere(static _ => true, problem);

    /// <summary>Ends the requests that nobody can be working on any more.</summary>
    public void FailLate(long nowMs, TriggerException problem) =>
        FailWhere(request => nowMs >= request.DeadlineMs, problem);

    /// <summary>
    /// The link broke: what the broker has not stored is its sender's to send again, and answers to the rest are lost.
    /// </summary>
    public void FailAsynchronous()
    {
        FailWhere(static request => request is { IsAsynchronous: true, IsStored: false }, SessionLine.Unreachable());
        FailWhere(static request => request.IsAsynchronous, AnswerUnseen());
    }

    /// <summary>
    /// The session was taken up again: says how far each request had come, so that the broker goes on with it.
    /// </summary>
    public void Reclaim()
    {
        List<PendingRequest> requests;
        lock (_gate) requests = _pending.Where(static _ => true);
        foreach (PendingRequest request in requests)
        {
            Reclaim reclaim;
            bool isCancelled;
            lock (_gate)
            {
                reclaim = request.Reclaim();
                isCancelled = request.CancelWanted;
            }
            WireWriter head = SessionLine.Writer;
            reclaim.Write(head);
            if (!line.Send(head)) return;
            if (isCancelled) SendCancel(reclaim.Id);
        }
    }

    private void Send(
        RequestId id,
        WireWriter head,
        ReadOnlySpan<byte> payload,
        TimeSpan timeout,
        IAnswers answers,
        bool isAsynchronous = false,
        IReadOnlyList<string>? only = null)
    {
        if (timeout <= TimeSpan.Zero || timeout > Limits.TimeoutMax) timeout = Limits.TimeoutMax;
        long deadlineMs = Environment.TickCount64 + (long)(timeout + Limits.ReclaimGrace).TotalMilliseconds;
        lock (_gate) _pending.Add(id, answers, deadlineMs, isAsynchronous, only);
        if (!line.Send(head, payload)) FailSoon(id);
    }

    /// <summary>A method of its own: its closure must not be allocated for requests that are sent.</summary>
    private void FailSoon(RequestId id) => line.Post(() => Fail(id.Value, SessionLine.Unreachable()));

    private void SendCancel(RequestId id)
    {
        WireWriter head = SessionLine.Writer;
        new Cancel(id.Value, ErrorCode.Cancelled).Write(head);
        line.Send(head);
    }

    private IAnswers? Find(ulong id)
    {
        lock (_gate) return _pending.TryGet(id, out PendingRequest? request) ? request.Answers : null;
    }

    private void FailWhere(Predicate<PendingRequest> matches, TriggerException problem)
    {
        List<PendingRequest> requests;
        lock (_gate)
        {
            if (_pending.Count == 0) return;
            requests = _pending.Where(matches);
        }
        foreach (ulong id in requests.ConvertAll(static request => request.Id.Value)) Fail(id, problem);
    }

    private static uint Milliseconds(TimeSpan timeout)
    {
        if (timeout < TimeSpan.Zero || timeout > Limits.TimeoutMax)
            throw new TriggerException(ErrorCode.Invalid, $"a timeout of {timeout} cannot be asked for",
                $"0 to {Limits.TimeoutMax.TotalHours:0}h is allowed");
        return timeout == TimeSpan.Zero ? 0 : Math.Max(1, (uint)timeout.TotalMilliseconds);
    }

    private static void CheckPayload(ReadOnlySpan<byte> payload, int max)
    {
        if (payload.Length > max)
            throw new TriggerException(ErrorCode.TooLarge, $"a message of {payload.Length} bytes is too large",
                $"at most {max} bytes are allowed", "send it in parts, or send where it can be fetched");
    }

    private static TriggerException AnswerUnseen() => new(
        ErrorCode.BrokerLost,
        "the connection was lost before the answer came",
        "the broker has the message and sees to it; its answer is not told again");

    private static TriggerException TooMuch() => new(
        ErrorCode.Protocol,
        "the broker sent more output than it was asked for",
        fix: "use a broker of the same version");

    private static TriggerException OutputLost(ReadOnlySpan<byte> worker) => new(
        ErrorCode.BrokerLost,
        $"output of worker '{NameRule.Shown(Encoding.UTF8.GetString(worker))}' was lost on its way",
        "bytes are missing between two pieces of it",
        "look on the worker whether the command did what it should before you send it again");
}
