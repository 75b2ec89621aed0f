using TriggerFs.Core.Ports;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// Hands messages to the sink, with objects that are used again: a write allocates nothing in steady state.
/// </summary>
sealed class Outbox(FileSystem fs)
{
    private readonly Pool<Message> _messages = new(() => new(fs));
    private readonly Pool<WriteReply> _replies = new(static () => new());

    /// <summary>Sends one message. The writer, when there is one, is told how far it is.</summary>
    /// <param name="start">Bytes of the writer's write before those of the message.</param>
    public void Send(
        OpenFile file, WriterWaits waits, ReadOnlySpan<byte> payload, WriteReply? writer = null, int start = 0)
    {
        Message message = _messages.Take();
        message.Begin(file, isSynchronous: waits == WriterWaits.ForAnswer, payload.Length, writer, start);
        fs.Sink.Fire(file.Entry.Id, waits, payload, message);
    }

    public WriteReply BeginWrite(ulong unique, OpenFile file, bool isSynchronous)
    {
        WriteReply reply = _replies.Take();
        reply.Begin(unique, file, isSynchronous);
        return reply;
    }

    public void Return(Message message)
    {
        if (!message.IsAbandoned) _messages.Return(message);
    }

    public void Return(WriteReply reply)
    {
        if (reply.MayBeUsedAgain) _replies.Return(reply);
    }
}
