using System.Text;
using Microsoft.Extensions.Logging;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Core.Wire;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// A worker on its link: announces what it serves, starts what it is sent, and takes up what it still runs when the
/// link comes back. Everything happens on the link's loop thread.
/// </summary>
sealed class WorkerSession : ILinkEvents
{
    private readonly IBrokerLink _link;
    private readonly PluginDesk _plugins;
    private readonly ProcessHost _processes;
    private readonly WorkerOptions _options;
    private readonly ILogger _log;
    private readonly Outbox _outbox;
    private readonly RunTable _runs = new();
    private readonly Queue<WorkerRun> _starting = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _firstAnnounce = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<string> _services = [];
    private IReadOnlyList<OfferedPlugin>? _toldPlugins;
    private bool _isUp, _announced, _stopping;
    private long _upSinceMs;

    /// <param name="link">The link, not started yet; it flushes at the end of its loop's turns.</param>
    /// <param name="loop">The link's loop.</param>
    /// <param name="plugins">What the worker can run.</param>
    /// <param name="processes">Where its programs run.</param>
    /// <param name="options">Who it is and how much it takes.</param>
    /// <param name="log">Where it tells what happens.</param>
    public WorkerSession(
        IBrokerLink link, EventLoop loop, PluginDesk plugins, ProcessHost processes, WorkerOptions options, ILogger log)
    {
        (_link, _plugins, _processes, _options, _log) = (link, plugins, processes, options, log);
        _outbox = new(link);
        loop.TurnEnded += GoOn;
    }

    /// <summary>What it proves itself with.</summary>
    public WorkerProof Proof { get; init; } = new("", new NoTokenKeeper());

    /// <summary>Done once the worker has announced itself for the first time: it can be sent work.</summary>
    public Task Announced => _firstAnnounce.Task;

    /// <summary>
    /// Ends when the broker refuses the worker for good, with what it said, and when an admin shuts it down.
    /// </summary>
    public Task Ended => _ended.Task;

    /// <summary>Ends all runs, tells how they ended, and leaves the broker. From any thread.</summary>
    public async Task StopAsync()
    {
        _link.Post(Stop);
        // Two seconds are what ending a run takes at most.
        await Task.WhenAny(_idle.Task, Task.Delay(TimeSpan.FromSeconds(3))).ConfigureAwait(false);
        await _link.LeaveAsync("the worker was stopped").ConfigureAwait(false);
    }

    public void Connecting(string address) => Log.Connecting(_log, address);

    public void Up(Accepted welcome)
    {
        _isUp = true;
        _announced = false;
        _services = [];
        _toldPlugins = null;
        _upSinceMs = Environment.TickCount64;
        Log.Accepted(_log);
    }

    public void Refused(Refused refusal, bool retrying)
    {
        Log.Refused(_log, refusal.What, refusal.Why);
        if (refusal.Code == ErrorCode.Cancelled) _ended.TrySetResult(); // It was shut down by somebody who may.
        else if (!retrying) _ended.TrySetException(refusal.ToException());
    }

    public void Down(string why, TimeSpan retryIn)
    {
        _isUp = false;
        // Their Started may not have left: the broker gives them to others or calls them lost; here they never begin.
        while (_starting.TryDequeue(out WorkerRun? run)) _runs.TakeBack(run);
        _outbox.HasWaitingStarts = false;
        foreach (WorkerRun run in _runs.All()) run.FallSilent();
        Log.Lost(_log, why, (long)retryIn.TotalMilliseconds, _runs.Active);
        CheckIdle();
    }

    public void Heard()
    {
        if (_options.Debug) Log.Heartbeat(_log);
    }

    public void Received(MessageKind kind, ReadOnlySpan<byte> message)
    {
        switch (kind)
        {
            case MessageKind.Run:
                Begin(Run.Read(message));
                break;
            case MessageKind.Credit:
                Take(Credit.Read(message));
                break;
            case MessageKind.Cancel:
                EndOne(Cancel.Read(message));
                break;
            case MessageKind.Assigned:
                Announce(Assigned.Read(message).Services);
                break;
            case MessageKind.NewToken:
                Keep(NewToken.Read(message));
                break;
            case MessageKind.Goodbye:
                Log.Goodbye(_log, Goodbye.Read(message).Reason);
                break;
        }
    }

    public void Ticked()
    {
        long nowMs = Environment.TickCount64;
        foreach (WorkerRun run in _runs.All()) run.Tick(nowMs);
        _processes.Tick(nowMs);
        if (_isUp) _runs.Expire(nowMs, _upSinceMs);
        _plugins.List.Tick(nowMs);
        if (_announced && _isUp && !_stopping && _plugins.List.Known != _toldPlugins) SendAnnounce([]);
        CheckIdle();
    }

    /// <summary>Puts a new token where it survives, away from the loop, and tells the broker.</summary>
    private void Keep(NewToken told) => Task.Run(() =>
    {
        try
        {
            Proof.Keep(told.Token);
            Log.TokenKept(_log);
            _link.Post(() =>
            {
                if (!_isUp) return; // The next Hello says it.
                told.Write(_outbox.Wire);
                _outbox.Send();
            });
        }
        catch (TriggerException problem)
        {
            Log.TokenNotKept(_log, problem.Message, problem.Why ?? "", problem.Fix ?? "");
        }
    });

    private void Take(in Credit credit)
    {
        if (_runs.Find(credit.Id) is { } run) run.Take(credit);
        else if (credit.Replay) TellLost(credit.Id);
    }

    /// <summary>Who asks for a run that is not kept any more must not wait for it.</summary>
    private void TellLost(ulong run)
    {
        var finished = new Finished
        {
            Id = run,
            Outcome = Outcome.WorkerLost,
            Detail = "the worker does not know it any more"u8,
        };
        finished.WriteHead(_outbox.Wire);
        _outbox.Send();
    }

    private void Begin(in Run run)
    {
        // A worker that stops leaves it untouched: without a Started it goes to another one when we say goodbye.
        if (_stopping || _runs.Find(run.Id.Value) is not null) return;
        if (_log.IsEnabled(LogLevel.Debug))
            Log.Running(_log, run.Id.Value, Encoding.UTF8.GetString(run.Plugin), Encoding.UTF8.GetString(run.User),
                Encoding.UTF8.GetString(run.Service), run.Attempt);
        IPlugin? plugin;
        try
        {
            plugin = _plugins.Find(run.Plugin);
            if (plugin is not null) PluginDesk.CheckStream(plugin, run);
        }
        catch (TriggerException refusal)
        {
            Refuse(run, RunEnd.NotStarted(refusal));
            return;
        }
        // A long answer is given as its reader takes it: a thousand of them (mirror) are more than a broker may keep.
        if (plugin is IInstantPlugin instant && run.Payload.Length <= Limits.OutputChunkMax) Answer(instant, run);
        else Prepare(plugin as IRunningPlugin, run);
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
            Refuse(run, _plugins.Report(fault, run.Id, plugin.Name));
            return;
        }
        if (answer.Output.Length > Limits.PayloadMax)
        {
            string why = $"its answer of {answer.Output.Length} bytes is over {Limits.PayloadMax}";
            Refuse(run, RunEnd.NotStarted(126, why));
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
        finished.WriteHead(_outbox.Wire);
        _outbox.Send(answer.Output);
    }

    private void Prepare(IRunningPlugin? plugin, in Run run)
    {
        IPluginRun prepared;
        try
        {
            if (_runs.Active >= Limits.JobsMax)
                throw new TriggerException(ErrorCode.Busy, "the worker runs all that it can");
            prepared = _plugins.Prepare(plugin, run);
        }
        catch (TriggerException refusal)
        {
            Refuse(run, RunEnd.NotStarted(refusal));
            return;
        }
        catch (Exception fault)
        {
            Refuse(run, _plugins.Report(fault, run.Id, plugin?.Name ?? ""));
            return;
        }
        var started = new WorkerRun(
            run, prepared, _outbox, RunEnded, Environment.TickCount64, _options.Policy.MaxOutput ?? long.MaxValue);
        new Started(run.Id).Write(_outbox.Wire);
        if (!_outbox.Send()) return;
        _runs.Add(started);
        _starting.Enqueue(started);
        _outbox.HasWaitingStarts = true;
    }

    /// <summary>
    /// At the end of a turn, when the link has flushed: a run starts once its Started is in the kernel's hands, and
    /// whoever waited for the link to get rid of output reads on.
    /// </summary>
    private void GoOn()
    {
        if (_outbox.HasWaitingStarts && _outbox.IsEmpty)
        {
            while (_starting.TryDequeue(out WorkerRun? run)) run.Start();
            _outbox.HasWaitingStarts = false;
            // What a start had to say at once must not wait for the next thing to happen.
            if (!_outbox.IsEmpty) _link.Post(static () => { });
        }
        if (!_outbox.HasWaitingOutput || _outbox.IsCongested) return;
        _outbox.HasWaitingOutput = false;
        foreach (WorkerRun run in _runs.All()) run.OfferRoom();
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
            if (!_services.Contains(service)) Log.Found(_log, service);
        foreach (string service in _services)
            if (!services.Contains(service)) Log.TakenAway(_log, service);
        _services = services;
        HeldRun[] held = _announced ? [] : [.. _runs.All().Select(run => run.AsHeld).Take(Limits.JobsMax)];
        SendAnnounce(held);
        if (held.Length > 0) Log.TookUp(_log, held.Length);
        _announced = true;
        _firstAnnounce.TrySetResult();
    }

    private void SendAnnounce(HeldRun[] held)
    {
        IReadOnlyList<OfferedPlugin>? plugins = _plugins.List.Known;
        bool isNews = plugins != _toldPlugins;
        _toldPlugins = plugins;
        new Announce(_stopping ? 0 : _options.Jobs, _services, held, isNews ? plugins : null).Write(_outbox.Wire);
        _outbox.Send();
    }

    private void Refuse(in Run run, RunEnd end)
    {
        Log.NotStarted(_log, run.Id.Value, end.Detail!);
        var finished = new Finished
        {
            Id = run.Id.Value,
            Outcome = Outcome.NotStarted,
            ExitCode = end.ExitCode,
            Detail = Encoding.UTF8.GetBytes(end.Detail!),
        };
        finished.WriteHead(_outbox.Wire);
        _outbox.Send();
    }

    private void RunEnded(WorkerRun run)
    {
        _runs.Keep(run);
        RunEnd end = run.Result;
        if (end.Outcome == Outcome.NotStarted) Log.NotStarted(_log, run.Id.Value, end.Detail ?? "");
        Log.Ended(_log, run.Id.Value, end.Outcome, end.ExitCode, run.DurationMs, end.Detail ?? "");
        CheckIdle();
    }

    private void Stop()
    {
        if (_stopping) return;
        _stopping = true;
        Log.Stopping(_log, _runs.Active);
        if (_isUp && _announced) SendAnnounce([]);
        foreach (WorkerRun run in _runs.All()) run.Stop(Outcome.WorkerLost, "the worker was stopped");
        _plugins.Retire();
        _processes.Hurry();
        CheckIdle();
    }

    private void CheckIdle()
    {
        if (_stopping && _runs.Active == 0 && _processes is { Served: 0, IsSettled: true }) _idle.TrySetResult();
    }
}
