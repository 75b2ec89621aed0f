using TriggerFs.Core.Ports;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// Hands messages to the sink, with objects that are used again: a write allocates nothing in steady state.
/// </summary>
sealed class Outbox(FileSystem fs)
{
    /// <summary>Objects kept for later at the most; more are left to the collector.</summary>
    private const int PoolMax = 1024;

    // Stacks under a lock, because ConcurrentBag and ConcurrentStack allocate for each push.
    private readonly Lock _gate = new();
    private readonly Stack<Message> _messages = new();
    private readonly Stack<WriteReply> _replies = new();

    /// <summary>Sends one message. The writer, when there is one, is told how far it is.</summary>
    /// <param name="start">Bytes of the writer's write before those of the message.</param>
    public void Send(
        OpenFile file, WriterWaits waits, ReadOnlySpan<byte> payload, WriteReply? writer = null, int start = 0)
    {
        Message? message;
        lock (_gate)
        {
            if (!_messages.TryPop(out message)) message = new(fs);
        }
        message.Begin(file, isSynchronous: waits == WriterWaits.ForAnswer, payload.Length, writer, start);
        fs.Sink.Fire(file.Entry.Id, waits, payload, message);
    }

    public WriteReply BeginWrite(ulong unique, OpenFile file, bool isSynchronous)
    {
        WriteReply? reply;
        lock (_gate)
        {
            if (!_replies.TryPop(out reply)) reply = new();
        }
        reply.Begin(unique, file, isSynchronous);
        return reply;
    }

    public void Return(Message message)
    {
        if (message.IsAbandoned) return;
        lock (_gate)
        {
            if (_messages.Count < PoolMax) _messages.Push(message);
        }
    }

    public void Return(WriteReply reply)
    {
        if (!reply.MayBeUsedAgain) return;
        lock (_gate)
        {
            if (_replies.Count < PoolMax) _replies.Push(reply);
        }
    }
}
