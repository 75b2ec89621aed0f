using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;

namespace TriggerFs.Commands.Session;

/// <summary>The statements of a session that wait for their answers.</summary>
sealed class StatementDesk(SessionLine line)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, PendingStatement> _pending = [];

    public Task<StatementAnswer> SendAsync(Manage statement, CancellationToken stop) =>
        SendAsync(statement.Id, statement.Write, stop);

    /// <summary>Statements that are done together are answered as one.</summary>
    public Task<StatementAnswer> SendAsync(Commit commit, CancellationToken stop) =>
        SendAsync(commit.Id, commit.Write, stop);

    private async Task<StatementAnswer> SendAsync(RequestId id, Action<WireWriter> write, CancellationToken stop)
    {
        var waiting = new PendingStatement();
        lock (_gate) _pending.Add(id.Value, waiting);
        try
        {
            WireWriter head = SessionLine.Writer;
            write(head);
            if (head.Written.Length > Limits.MessageMax)
                throw new TriggerException(ErrorCode.TooLarge, "the statements are too large for one message",
                    $"they have {head.Written.Length} bytes; {Limits.MessageMax} are allowed", "do them in parts");
            if (!line.Send(head)) throw SessionLine.Unreachable();
            return await waiting.Answer.WaitAsync(stop);
        }
        finally
        {
            lock (_gate) _pending.Remove(id.Value);
        }
    }

    /// <summary>
    /// Sends a statement whose answer goes on until it is stopped: the broker is told, and its last page waited for.
    /// </summary>
    /// <param name="pageCame">Called on the loop's thread.</param>
    public async Task FollowAsync(Manage statement, Action<Listing> pageCame, CancellationToken stop)
    {
        var waiting = new PendingStatement(pageCame);
        lock (_gate) _pending.Add(statement.Id.Value, waiting);
        try
        {
            WireWriter head = SessionLine.Writer;
            statement.Write(head);
            if (!line.Send(head)) throw SessionLine.Unreachable();
            await using CancellationTokenRegistration cancel = stop.Register(() => SendCancel(statement.Id));
            await waiting.Answer;
        }
        finally
        {
            lock (_gate) _pending.Remove(statement.Id.Value);
        }
    }

    public void Hear(Listing page) => Find(page.Id)?.Take(page);

    public void Hear(Done done) => Find(done.Id)?.Take(done);

    public void Hear(Refused refused) => Find(refused.Id)?.Fail(refused.ToException());

    /// <summary>The link broke: whether a statement was done is not known, and it is not sent twice.</summary>
    public void FailAll(string why)
    {
        List<PendingStatement> waiting;
        lock (_gate) waiting = [.. _pending.Values];
        var problem = new TriggerException(ErrorCode.BrokerLost, "the broker went away before it answered", why,
            "look with 'show' whether the statement was done, then type it again if it was not");
        foreach (PendingStatement statement in waiting) statement.Fail(problem);
    }

    private void SendCancel(RequestId id)
    {
        WireWriter head = SessionLine.Writer;
        new Cancel(id.Value, ErrorCode.Cancelled).Write(head);
        line.Send(head);
    }

    private PendingStatement? Find(RequestId id)
    {
        lock (_gate) return _pending.GetValueOrDefault(id.Value);
    }
}
