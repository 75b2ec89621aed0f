using System.Globalization;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;

namespace TriggerFs.Commands.Mount;

/// <summary>Asks the broker about messages that were given up, with the statements that the console has.</summary>
sealed class FailedStatements(UserSession session, MountJournal journal) : IFailedMessages
{
    /// <summary>How long a program that looks waits for the broker.</summary>
    private static readonly TimeSpan LookMax = TimeSpan.FromSeconds(5);

    /// <summary>How long one waits that sends a message again, or drops it.</summary>
    private static readonly TimeSpan ChangeMax = TimeSpan.FromSeconds(15);

    public void List(Action<ErrorCode?, FailedMessage[]> then) => _ = AskAsync(
        async stop => FailedRows.Read(
            await session.ManageAsync(Verb.Show, ObjectKind.DeadLetter, "", "", [], stop)),
        LookMax, (failure, messages) => then(failure, messages ?? []));

    public void Read(long id, FailedPart part, Action<ErrorCode?, byte[]> then) => _ = AskAsync(
        async stop =>
        {
            var pieces = new FailedBytes();
            string property = part == FailedPart.Output ? Properties.Output : Properties.Payload;
            await session.ShowAsync(ObjectKind.DeadLetter, Number(id), property, pieces.Take).WaitAsync(stop);
            return pieces.ToArray();
        },
        LookMax, (failure, bytes) => then(failure, bytes ?? []));

    public void Drop(long id, Action<ErrorCode?> then) => Change(id, Properties.Drop, [], then);

    public void SendTo(long id, NodeId trigger, Action<ErrorCode?> then) =>
        Change(id, Properties.Retry, [trigger.Value.ToString(CultureInfo.InvariantCulture)], then);

    private void Change(long id, string property, string[] values, Action<ErrorCode?> then) => _ = AskAsync(
        stop => session.ManageAsync(Verb.Request, ObjectKind.DeadLetter, Number(id), property, values, stop),
        ChangeMax, (failure, _) => then(failure), $"{property} of the failed message {id}");

    /// <param name="what">What the journal calls it when it fails; null for what only looks.</param>
    private async Task AskAsync<T>(
        Func<CancellationToken, Task<T>> ask, TimeSpan max, Action<ErrorCode?, T?> then, string? what = null)
        where T : class
    {
        using var tooLong = new CancellationTokenSource(max);
        T? answer = null;
        ErrorCode? failure = null;
        try
        {
            answer = await ask(tooLong.Token);
        }
        catch (TriggerException problem)
        {
            failure = problem.Code;
            string why = problem.Why is { Length: > 0 } reason ? $": {reason}" : "";
            if (what is not null) journal.Say($"{what} refused: {problem.Message}{why}");
        }
        catch (OperationCanceledException)
        {
            failure = ErrorCode.TimedOut;
            if (what is not null) journal.Say($"{what} was not answered by the broker in time; it may happen yet");
        }
        then(failure, answer);
    }

    private static string Number(long id) => id.ToString(CultureInfo.InvariantCulture);
}
