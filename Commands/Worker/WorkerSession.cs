using System.Text;
using Microsoft.Extensions.Logging;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Core.Wire;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// A worker on its link: announces what it serves, starts what it is sent, and takes up what it still runs when the link
/// comes back. Everything happens on the link's loop thread.
/// </summary>
sealed class WorkerSession(
    IBrokerLink link, PluginHost plugins, ProcessHost processes, WorkerOptions options, ILogger log) : ILinkEvents
{
    private readonly WireWriter _wire = new();
    private readonly RunTable _runs = new();
    private readonly Queue<WorkerRun> _starting = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<string> _services = [];
    private bool _isUp, _announced, _stopping;
    private long _upSinceMs;

    /// <summary>Ends when the broker refuses the worker for good, with what it said.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Ends all runs, tells how they ended, and leaves the broker. From any thread.</summary>
    public async Task StopAsync()
    {
        link.Post(Stop);
        // Two seconds are what ending a run takes at most.
        await Task.WhenAny(_idle.Task, Task.Delay(TimeSpan.FromSeconds(3))).ConfigureAwait(false);
        await link.LeaveAsync("the worker was stopped").ConfigureAwait(false);
    }

    public void Connecting(string address) => Log.Connecting(log, address);

    public void Up(Accepted welcome)
    {
        _isUp = true;
        _announced = false;
        _services = [];
        _upSinceMs = Environment.TickCount64;
        Log.Accepted(log);
    }

    public void Refused(Refused refusal, bool retrying)
    {
        Log.Refused(log, refusal.What, refusal.Why);
        if (!retrying) _ended.TrySetException(refusal.ToException());
    }

    public void Down(string why, TimeSpan retryIn)
    {
        _isUp = false;
        // Their Started may not have left: the broker gives them to others or calls them lost, and here they never begin.
        while (_starting.TryDequeue(out WorkerRun? run)) _runs.TakeBack(run);
        foreach (WorkerRun run in _runs.All()) run.FallSilent();
        Log.Lost(log, why, (long)retryIn.TotalMilliseconds, _runs.Active);
        CheckIdle();
    }

    public void Heard()
    {
        if (options.Debug) Log.Heartbeat(log);
    }

    public void Received(MessageKind kind, ReadOnlySpan<byte> message)
    {
        switch (kind)
        {
            case MessageKind.Run:
                Begin(Run.Read(message));
                break;
            case MessageKind.Credit:
                Credit credit = Credit.Read(message);
                _runs.Find(credit.Id)?.Take(credit);
                break;
            case MessageKind.Cancel:
                EndOne(Cancel.Read(message));
                break;
            case MessageKind.Assigned:
                Announce(Assigned.Read(message).Services);
                break;
            case MessageKind.Goodbye:
                Log.Goodbye(log, Goodbye.Read(message).Reason);
                break;
        }
    }

    public void Ticked()
    {
        long nowMs = Environment.TickCount64;
        StartWaiting();
        foreach (WorkerRun run in _runs.All()) run.Tick(nowMs);
        processes.Tick(nowMs);
        if (_isUp) _runs.Expire(nowMs, _upSinceMs);
    }

    private void Begin(in Run run)
    {
        // A worker that stops leaves it untouched: without a Started it goes to another one when we say goodbye.
        if (_stopping || _runs.Find(run.Id.Value) is not null) return;
        if (log.IsEnabled(LogLevel.Debug))
            Log.Running(log, run.Id.Value, Encoding.UTF8.GetString(run.Plugin), Encoding.UTF8.GetString(run.User),
                Encoding.UTF8.GetString(run.Service), run.Attempt);
        switch (plugins.Find(run.Plugin))
        {
            case IInstantPlugin plugin:
                Answer(plugin, run);
                break;
            case IRunningPlugin plugin:
                Prepare(plugin, run);
                break;
            default:
                Refuse(run, 127, plugins.Missing(Encoding.UTF8.GetString(run.Plugin)));
                break;
        }
    }

    private void Answer(IInstantPlugin plugin, in Run run)
    {
        InstantAnswer answer;
        try
        {
            answer = plugin.Answer(run);
        }
        catch (Exception fault) when (fault is not WireException)
        {
            Fail(plugin, run, fault);
            return;
        }
        var finished = new Finished
        {
            Id = run.Id.Value,
            Outcome = Outcome.Done,
            ExitCode = answer.ExitCode,
            Offset = (ulong)answer.Output.Length,
            Tail = answer.Output,
        };
        finished.WriteHead(_wire);
        link.Send(_wire.Written, answer.Output);
    }

    private void Prepare(IRunningPlugin plugin, in Run run)
    {
        IPluginRun prepared;
        try
        {
            if (_runs.Active >= Limits.JobsMax) throw new TriggerException(ErrorCode.Busy, "the worker runs all that it can");
            prepared = plugin.Prepare(run);
        }
        catch (TriggerException refusal)
        {
            Refuse(run, 126, refusal.Why is null ? refusal.Message : $"{refusal.Message}: {refusal.Why}");
            return;
        }
        catch (Exception fault)
        {
            Fail(plugin, run, fault);
            return;
        }
        var started = new WorkerRun(run, prepared, link, _wire, RunEnded, Environment.TickCount64);
        new Started(run.Id).Write(_wire);
        if (!link.Send(_wire.Written)) return;
        _runs.Add(started);
        _starting.Enqueue(started);
        // The link flushes at the end of this turn; the next one finds Started in the kernel's hands.
        if (_starting.Count == 1) link.Post(StartWaiting);
    }

    private void StartWaiting()
    {
        while (_starting.Count > 0 && link.Unsent == 0) _starting.Dequeue().Start(Environment.TickCount64);
    }

    private void EndOne(Cancel cancel)
    {
        if (_runs.Find(cancel.Id) is not { } run) return;
        if (run.HasEnded)
        {
            _runs.Drop(run);
            return;
        }
        run.SkipOutput();
        run.Stop(cancel.Why == ErrorCode.TimedOut ? Outcome.TimedOut : Outcome.Cancelled,
            cancel.Why == ErrorCode.BrokerLost ? "nobody waits for it any more" : null);
    }

    private void Announce(IReadOnlyList<string> services)
    {
        foreach (string service in services)
            if (!_services.Contains(service)) Log.Found(log, service);
        foreach (string service in _services)
            if (!services.Contains(service)) Log.TakenAway(log, service);
        _services = services;
        HeldRun[] held = _announced ? [] : [.. _runs.All().Select(run => run.AsHeld).Take(Limits.JobsMax)];
        SendAnnounce(held);
        if (held.Length > 0) Log.TookUp(log, held.Length);
        _announced = true;
    }

    private void SendAnnounce(HeldRun[] held)
    {
        new Announce(_stopping ? 0 : options.Jobs, _services, held).Write(_wire);
        link.Send(_wire.Written);
    }

    private void Fail(IPlugin plugin, in Run run, Exception fault)
    {
        Log.PluginFailed(log, fault, run.Id.Value, plugin.Name);
        Refuse(run, 126, $"the plugin {plugin.Name} failed; the worker's log has the details");
    }

    private void Refuse(in Run run, int exitCode, string why)
    {
        Log.NotStarted(log, run.Id.Value, why);
        var finished = new Finished
        {
            Id = run.Id.Value, Outcome = Outcome.NotStarted, ExitCode = exitCode, Detail = Encoding.UTF8.GetBytes(why),
        };
        finished.WriteHead(_wire);
        link.Send(_wire.Written);
    }

    private void RunEnded(WorkerRun run)
    {
        _runs.Keep(run);
        if (log.IsEnabled(LogLevel.Debug))
            Log.Ended(log, run.Id.Value, run.Result.Outcome, run.Result.ExitCode, run.DurationMs, run.Result.Detail ?? "");
        CheckIdle();
    }

    private void Stop()
    {
        if (_stopping) return;
        _stopping = true;
        Log.Stopping(log, _runs.Active);
        if (_isUp && _announced) SendAnnounce([]);
        foreach (WorkerRun run in _runs.All()) run.Stop(Outcome.WorkerLost, "the worker was stopped");
        CheckIdle();
    }

    private void CheckIdle()
    {
        if (_stopping && _runs.Active == 0) _idle.TrySetResult();
    }
}
