using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>An asynchronous message to a service, as a spool sends it: with a mark, until it is stored.</summary>
sealed class PostedMessage : IAnswers
{
    private readonly TaskCompletionSource _stored = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private PostedMessage()
    {
    }

    public bool ConsumesAtOnce => true;

    /// <summary>Returns when the broker has it on its disk.</summary>
    public static async Task SendAsync(UserSession session, string service, byte[] command, MessageId mark)
    {
        var wire = new WireWriter();
        new Request
        {
            Id = new(1), // Counts for nothing in a message that is posted.
            Service = System.Text.Encoding.UTF8.GetBytes(service),
            Plugin = "command/command"u8,
            Payload = command,
        }.WriteHead(wire);
        var message = new PostedMessage();
        session.Fire(default, [.. wire.Written, .. command], Fire.Asynchronous, mark, TimeSpan.Zero, message);
        await message._stored.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public void Dispatched(Dispatched dispatched)
    {
    }

    public void Stored() => _stored.TrySetResult();

    public void Output(in Output output)
    {
    }

    public void Finished(in Finished finished)
    {
    }

    public void Failed(TriggerException problem) => _stored.TrySetException(problem);
}
