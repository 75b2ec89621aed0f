using Microsoft.Extensions.Logging;
using TriggerFs.Commands.Worker.Plugins;

namespace TriggerFs.Commands.Worker.Lines;

/// <summary>
/// The processes of one program that stay up, as many as its manifest allows, and the runs that wait for a place in
/// one. One that ends by itself is started anew when it is needed, later each time that it has got nothing done.
/// </summary>
sealed class WarmPool
{
    private const long BackOffMinMs = 200, BackOffMaxMs = 30_000;

    private readonly ProcessHost _processes;
    private readonly FoundFile _file;
    private readonly ILogger _log;
    private readonly List<WarmProcess> _up = [];
    private readonly LinkedList<LinesRun> _waiting = new();
    private int _failures;
    private string? _lastFailure;
    private long _startAtMs;
    private bool _retired;

    public WarmPool(ProcessHost processes, FoundFile file, ILogger log)
    {
        (_processes, _file, _log) = (processes, file, log);
        processes.Ticked += Tick;
    }

    /// <summary>What whoever waits in vain should know; null when nothing is wrong.</summary>
    public string? Trouble => _failures == 0 ? null
        : $"it waited for the plugin's process, which has ended {_failures} times in a row: {_lastFailure}";

    /// <summary>Gives a run a place, now or as soon as there is one.</summary>
    public void Add(LinesRun run)
    {
        _waiting.AddLast(run);
        Place();
    }

    /// <summary>Takes back a run that waits; false when it does not.</summary>
    public bool Remove(LinesRun run) => _waiting.Remove(run);

    /// <summary>The program is not wanted any more: its processes end with their runs.</summary>
    public void Retire()
    {
        _retired = true;
        foreach (WarmProcess process in _up) process.EndWhenIdle();
        if (_up.Count == 0 && _waiting.Count == 0) _processes.Ticked -= Tick;
    }

    private void Place()
    {
        while (_waiting.First is { Value: var run })
        {
            WarmProcess? process = _up.Where(one => one.HasRoom).MinBy(one => one.RunCount) ?? Start();
            if (process is null) return;
            _waiting.RemoveFirst();
            process.Add(run);
        }
    }

    private WarmProcess? Start()
    {
        if (_up.Count >= _file.Manifest.Processes || Environment.TickCount64 < _startAtMs) return null;
        var process = new WarmProcess(_file, _processes, _log, Freed, Ended);
        _up.Add(process);
        process.Start();
        return process;
    }

    /// <summary>A run has ended, so another has its place.</summary>
    private void Freed(WarmProcess process)
    {
        _failures = 0;
        _startAtMs = 0;
        Place();
        if (_retired && _waiting.Count == 0) process.EndWhenIdle();
    }

    private void Ended(WarmProcess process, string? failure)
    {
        _up.Remove(process);
        if (failure is not null)
        {
            _lastFailure = failure;
            long waitMs = Math.Min(BackOffMaxMs, BackOffMinMs << Math.Min(_failures++, 10));
            _startAtMs = Environment.TickCount64 + waitMs;
            Log.WarmProcessEnded(_log, _file.Name, failure, waitMs);
        }
        Place();
        if (_retired && _up.Count == 0 && _waiting.Count == 0) _processes.Ticked -= Tick;
    }

    private void Tick(long nowMs)
    {
        for (int i = _up.Count - 1; i >= 0; i--) _up[i].Tick(nowMs, hasWaiting: _waiting.Count > 0);
        if (_waiting.Count > 0) Place();
    }
}
