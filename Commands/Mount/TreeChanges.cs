using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;

namespace TriggerFs.Commands.Mount;

/// <summary>Asks the broker for changes of the tree that programs made, and says why those that it refuses.</summary>
sealed class TreeChanges(UserSession session, MountJournal journal)
{
    /// <summary>How long a program waits for the broker to change the tree.</summary>
    private static readonly TimeSpan ChangeMax = TimeSpan.FromSeconds(15);

    public void Ask(TreeChange change, IReplyTo reply) => _ = ChangeAsync(change, reply);

    private async Task ChangeAsync(TreeChange change, IReplyTo reply)
    {
        try
        {
            (Verb verb, string name, string property, string[] values) = TreeStatement.Of(change);
            using var tooLong = new CancellationTokenSource(ChangeMax);
            await session.ManageAsync(verb, ObjectKind.Node, name, property, values, tooLong.Token);
            reply.Answer(null);
        }
        catch (TriggerException problem)
        {
            journal.Say($"{change.GetType().Name} refused: {problem.Message}"
                + (problem.Why is { Length: > 0 } why ? $": {why}" : ""));
            reply.Answer(problem.Code);
        }
        catch (OperationCanceledException)
        {
            journal.Say($"{change.GetType().Name} was not answered by the broker in time; it may happen yet");
            reply.Answer(ErrorCode.TimedOut);
        }
    }
}
