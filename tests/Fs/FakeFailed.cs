using TriggerFs.Core;
using TriggerFs.Core.Ports;

namespace TriggerFs.Tests.Fs;

/// <summary>Messages that were given up, in a broker's place.</summary>
sealed class FakeFailed : IFailedMessages
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, (byte[] Request, string Reason, byte[] Output)> _messages = [];

    public List<(long Id, NodeId Trigger, byte[] Payload)> Sent { get; } = [];

    /// <summary>How often all were asked for.</summary>
    public int Asked { get; private set; }

    /// <summary>Why nothing is answered; null when all is.</summary>
    public ErrorCode? Trouble { get; set; }

    /// <summary>Why nothing is changed; null when all is.</summary>
    public ErrorCode? Refusal { get; set; }

    /// <summary>Where answers go that are held back; null when they come at once.</summary>
    public Queue<Action>? Held { get; set; }

    public long[] Ids
    {
        get
        {
            lock (_gate) return [.. _messages.Keys];
        }
    }

    public void Put(long id, byte[] request, string reason, byte[] output)
    {
        lock (_gate) _messages[id] = (request, reason, output);
    }

    public void List(Action<ErrorCode?, FailedMessage[]> then)
    {
        lock (_gate)
        {
            Asked++;
            FailedMessage[] all = [.. _messages.Select(pair => new FailedMessage(
                pair.Key, pair.Value.Request.Length, pair.Value.Output.Length, pair.Value.Reason, 1_600_000_000_000))];
            Answer(() => then(Trouble, Trouble is null ? all : []));
        }
    }

    public void Read(long id, FailedPart part, Action<ErrorCode?, byte[]> then)
    {
        lock (_gate)
        {
            bool isThere = _messages.TryGetValue(id, out var message);
            ErrorCode? failure = Trouble ?? (isThere ? null : ErrorCode.NotFound);
            Answer(() => then(failure, failure is not null ? []
                : part == FailedPart.Output ? message.Output : message.Request));
        }
    }

    public void Drop(long id, Action<ErrorCode?> then) => Change(id, then, _ => { });

    public void SendTo(long id, NodeId trigger, Action<ErrorCode?> then) =>
        Change(id, then, payload => Sent.Add((id, trigger, payload)));

    private void Change(long id, Action<ErrorCode?> then, Action<byte[]> done)
    {
        lock (_gate)
        {
            bool isThere = _messages.TryGetValue(id, out var message);
            ErrorCode? failure = Trouble ?? Refusal ?? (isThere ? null : ErrorCode.NotFound);
            if (failure is null)
            {
                _messages.Remove(id);
                done(message.Request);
            }
            Answer(() => then(failure));
        }
    }

    private void Answer(Action answer)
    {
        if (Held is null) answer();
        else Held.Enqueue(answer);
    }
}
