using System.Diagnostics;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// The session through which a worker writes to triggers: that of the user in its settings, opened when it is first
/// needed and then kept. Messages go one after the other, each until the broker has it on its disk, so that one that
/// has
/// to come again is not overtaken, and the broker knows it again.
/// </summary>
/// <param name="open">Makes a session, not opened; null when the settings name no user.</param>
sealed class ChainSession(Func<UserSession>? open) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly TreePaths _tree = new();
    private UserSession? _session;
    private ulong _spool = NewSpool();
    private ulong _sequence;

    /// <summary>Writes to a trigger; returns when the broker has it on its disk.</summary>
    /// <param name="path">The trigger.</param>
    /// <param name="from">The run that writes its message: what it starts is the next of the chain.</param>
    /// <param name="stop">Nobody waits for it any more.</param>
    public async Task WriteAsync(string path, WorkCall from, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            UserSession session = await OpenAsync(stop);
            await FireAsync(session, await _tree.FindAsync(path, stop), from, stop);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is not null) await _session.DisposeAsync();
        _turn.Dispose();
    }

    private async Task<UserSession> OpenAsync(CancellationToken stop)
    {
        if (_session is not null) return _session;
        if (open is null)
            throw new TriggerException(ErrorCode.Settings, "this worker has no user that it could write as",
                "trigger/write has the rights of the user in the worker's settings",
                "set team, identity and secret (or jwt) under [main] there");
        UserSession session = open();
        try
        {
            session.Watch(_tree.Take);
            await session.OpenAsync(Timeout.InfiniteTimeSpan, stop);
            return _session = session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    private async Task FireAsync(
        UserSession session, NodeId trigger, WorkCall from, CancellationToken stop)
    {
        var id = new MessageId(((UInt128)_spool << 64) | ++_sequence);
        long begun = Stopwatch.GetTimestamp();
        try
        {
            while (true)
            {
                var answer = new UntilStored();
                TimeSpan age = Stopwatch.GetElapsedTime(begun);
                session.Fire(trigger, from.Message, Fire.Asynchronous, id, age, answer, (byte)(from.Hops + 1),
                    new(from.Run));
                TriggerException? problem = await answer.Task.WaitAsync(stop);
                if (problem is null) return;
                if (IsForGood(problem.Code)) throw problem;
                await Task.Delay(Pause, stop);
            }
        }
        catch
        {
            // Nobody knows what became of it, so nothing that follows may be taken for its repeat, or wait for it.
            (_spool, _sequence) = (NewSpool(), 0);
            throw;
        }
    }

    private static ulong NewSpool() => (ulong)Random.Shared.NextInt64(1, long.MaxValue);

    /// <summary>It will not be taken later either.</summary>
    private static bool IsForGood(ErrorCode code) => code is not
        (ErrorCode.Busy or ErrorCode.Storage or ErrorCode.BrokerUnreachable or ErrorCode.BrokerLost);

    /// <summary>Waits for a message to be on the broker's disk; its answer is not of interest.</summary>
    private sealed class UntilStored : IAnswers
    {
        private readonly TaskCompletionSource<TriggerException?> _end =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Null when it is stored, else why not.</summary>
        public Task<TriggerException?> Task => _end.Task;

        public bool ConsumesAtOnce => true;

        public void Dispatched(Dispatched dispatched)
        {
        }

        public void Stored() => _end.TrySetResult(null);

        public void Output(in Output output)
        {
        }

        public void Finished(in Finished finished) => _end.TrySetResult(null);

        public void Failed(TriggerException problem) => _end.TrySetResult(problem);
    }
}
