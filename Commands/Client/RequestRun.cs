using System.Diagnostics;
using System.Text;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>What is asked of a service.</summary>
sealed record ClientRequest(
    string Service, string Plugin, TimeSpan Timeout, byte[] Args, byte[] Payload, Origin Origin = default,
    RolloutRules? Rollout = null)
{
    /// <summary>For every worker, of which none is waited for.</summary>
    public bool IsBroadcast { get; init; }

    /// <summary>To listen to a stream, in place of sending a message; null for a request.</summary>
    public ListenOrder? Listen { get; init; }

    public byte Flags => IsBroadcast ? Request.Broadcast : Request.TellDispatch;
}

/// <summary>
/// One request from its sending to its end: answers are queued by the link's loop and written by a thread of their own,
/// so that a terminal that is stopped stops the plugin, and not the session.
/// </summary>
sealed class RequestRun(IRequestLine session, ClientRequest request)
{
    /// <summary>What a shell reports for a program whose reader is gone: 128 + SIGPIPE.</summary>
    private const int ReaderGone = 141;

    /// <summary>
    /// How long a cancelled request is waited for: what a worker needs to end a stubborn process tree, and a bit.
    /// </summary>
    private static readonly TimeSpan CancelMax = Limits.KillGrace + TimeSpan.FromSeconds(2);

    private readonly AnswerQueue _answers = new();
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RequestId _id;
    private long _begun;

    /// <summary>How its workers have done; complete when it has ended.</summary>
    public RunTally Tally { get; } = new(request.Rollout);

    /// <summary>
    /// Sends the request, has the answers printed, and returns the exit status; throws why the request failed as a
    /// whole. Stopping cancels the request where it runs.
    /// </summary>
    public async Task<int> RunAsync(Func<Action<OutputChunk>, IAnswerPrinter> newPrinter, CancellationToken stop)
    {
        IAnswerPrinter printer = newPrinter(Consumed);
        _begun = Stopwatch.GetTimestamp();
        _id = request.Listen is { } order ? session.Listen(order, _answers)
            : session.Ask(request.Service, request.Plugin, request.Args, request.Payload, request.Timeout,
                request.Flags, _answers, request.Origin, request.Rollout);
        new Thread(() => Write(printer)) { IsBackground = true, Name = "output" }.Start();

        await using CancellationTokenRegistration interrupt = stop.Register(Cancel);
        await Task.WhenAny(_ended.Task, _cancelled.Task);
        if (_ended.Task.IsCompleted) return await _ended.Task;
        // Who has heard enough of a stream waits for nobody.
        if (request.Listen is not null) stop.ThrowIfCancellationRequested();
        try
        {
            return await _ended.Task.WaitAsync(CancelMax, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            throw new TriggerException(ErrorCode.Cancelled, "the request was cancelled, but its end was not confirmed",
                $"no answer came within {CancelMax.TotalSeconds:0} s",
                "look on the worker whether the command has ended");
        }
    }

    private void Cancel()
    {
        session.Cancel(_id);
        _cancelled.TrySetResult();
    }

    /// <summary>The writer's thread: until the end of the request, or of whoever reads what is written.</summary>
    private void Write(IAnswerPrinter printer)
    {
        try
        {
            while (_answers.Take() is { } answer) Print(printer, answer);
            printer.Close(new(Tally.Status, null, Nanoseconds()));
            _ended.TrySetResult(Tally.Status);
        }
        catch (ReaderGoneException)
        {
            Abandon(() => _ended.TrySetResult(ReaderGone));
        }
        catch (TriggerException problem)
        {
            Abandon(() => _ended.TrySetException(problem));
        }
        catch (Exception bug)
        {
            _ended.TrySetException(bug);
        }
    }

    private void Print(IAnswerPrinter printer, object answer)
    {
        switch (answer)
        {
            case Dispatched dispatched:
                Tally.Workers = dispatched.Workers;
                printer.Dispatched(dispatched);
                break;
            case OutputChunk { IsNotice: true } notice:
                string text = Encoding.UTF8.GetString(notice.Bytes).TrimEnd();
                Console.Error.Write($"triggerfs: {Cli.Visible.Escape(text)}\n");
                Consumed(notice);
                break;
            case OutputChunk chunk:
                printer.Output(chunk);
                break;
            case RunEnd end:
                Tally.Add(end);
                printer.Ended(end);
                break;
            case TriggerException problem:
                printer.Close(new(problem.Code.ExitCode(), problem, Nanoseconds()));
                throw problem;
        }
    }

    /// <summary>Nobody is left to tell: ends the request on the worker, and waits for that.</summary>
    private void Abandon(Action end)
    {
        Cancel();
        while (_answers.Take() is { } answer)
            if (answer is OutputChunk chunk) Consumed(chunk);
        end();
    }

    private void Consumed(OutputChunk chunk)
    {
        if (!chunk.IsTail) session.Consumed(_id, Encoding.UTF8.GetBytes(chunk.Worker), chunk.Bytes.Length);
    }

    private long Nanoseconds() => Elapsed.Nanoseconds(_begun);
}
