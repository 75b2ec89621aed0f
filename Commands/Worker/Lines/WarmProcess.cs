using System.Text;
using Microsoft.Extensions.Logging;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker.Lines;

/// <summary>
/// One process that stays up, and the runs in it. To what watches over it, it is one long run whose output is the
/// program's lines.
/// </summary>
/// <remarks>
/// Output of a run whose reader is slow stops the reading of all lines: memory is bounded. Others in the process wait
/// then, but not for long (<see cref="SlowMaxMs"/>), and nobody is ended for that but the one with the slow reader.
/// </remarks>
sealed class WarmProcess : IRunOutput
{
    /// <summary>How long a run that was told to end may take before its process is ended.</summary>
    private const long CancelMaxMs = 500;

    /// <summary>How long a process may take to end after its input has ended.</summary>
    private const long EndMaxMs = 500;

    /// <summary>How long a process may live without its input or output, which it closed.</summary>
    private const long DoubtMaxMs = 250;

    /// <summary>How long a reader may hold up others.</summary>
    private const long SlowMaxMs = 5000;

    private readonly FoundFile _file;
    private readonly ProcessRun _process;
    private readonly Action<WarmProcess> _freed;
    private readonly Action<WarmProcess, string?> _ended;
    private readonly LogLines _log;
    private readonly LineBuffer _lines = new();
    private readonly PluginLine _line = new();
    private readonly Dictionary<ulong, LinesRun> _runs = [];
    private readonly List<LinesRun> _walk = [];
    private ulong _lastId;
    private bool _hasBegun, _isParsing, _isEnding, _isStopped;
    private string? _broken, _doubt;
    private LinesRun? _blocker;
    private int _blockedAt;
    private long _blockedMs, _freeSinceMs, _idleSinceMs, _inputEndedMs, _doubtMs;

    /// <param name="file">The program.</param>
    /// <param name="processes">Where it runs.</param>
    /// <param name="log">Gets what it says on standard error.</param>
    /// <param name="freed">Told when a run has ended.</param>
    /// <param name="ended">Told when it is over, with why when that was not meant.</param>
    public WarmProcess(
        FoundFile file,
        ProcessHost processes,
        ILogger log,
        Action<WarmProcess> freed,
        Action<WarmProcess, string?> ended)
    {
        (_file, _freed, _ended) = (file, freed, ended);
        _log = new(log, file.Name);
        var arguments = new StringBlock();
        arguments.Add(file.Path);
        _process = processes.Serve("lines/1", new(file.Path, arguments) { Input = InputKind.Open });
        _process.Begun = Begun;
        _process.OutputClosed = () => Doubt("it closed its standard output");
        _idleSinceMs = Environment.TickCount64;
    }

    public int RunCount => _runs.Count;

    public bool HasRoom => !_isEnding && _broken is null && _doubt is null && _runs.Count < _file.Manifest.Runs;

    public void Start() => _process.Start(this);

    /// <summary>Gives it a run; it is told as soon as it is there to hear it.</summary>
    public void Add(LinesRun run)
    {
        run.Id = ++_lastId;
        run.Process = this;
        _runs.Add(run.Id, run);
        _log.Hide(run.Secrets);
        if (_hasBegun) Tell(run);
    }

    /// <summary>Asks for the end of a run; its output is not wanted any more.</summary>
    public void Cancel(LinesRun run)
    {
        Span<byte> line = stackalloc byte[64];
        if (_hasBegun) _process.Input!.Write(line[..RunLine.Cancel(run.Id, line)]);
        if (run == _blocker) Resume();
    }

    /// <summary>No run comes any more: it ends when it has none.</summary>
    public void EndWhenIdle()
    {
        _isEnding = true;
        if (_runs.Count > 0 || _inputEndedMs > 0) return;
        _inputEndedMs = Environment.TickCount64;
        _process.Input?.CloseWhenSent();
    }

    /// <summary>Somebody may have room for output again.</summary>
    public void Resume()
    {
        if (_blocker is null || _isParsing) return;
        Parse();
        if (_blocker is null) _process.Resume();
    }

    public void Tick(long nowMs, bool hasWaiting)
    {
        _process.Tick(nowMs);
        if (_isStopped) return;
        if (_runs.Count == 0 && nowMs - _idleSinceMs >= _file.Manifest.Idle.TotalMilliseconds) EndWhenIdle();
        if (_inputEndedMs > 0 && nowMs - _inputEndedMs >= EndMaxMs) Stop();
        if (_doubt is not null && nowMs - _doubtMs >= DoubtMaxMs) Break(_doubt);
        LinesRun? late = null;
        foreach (LinesRun run in _runs.Values)
            if (run.CancelledMs > 0 && nowMs - Math.Max(run.CancelledMs, _freeSinceMs) >= CancelMaxMs) late = run;
        bool isNeeded = hasWaiting || RunCount > 1;
        if (_blocker is not null && isNeeded && (late is not null || nowMs - _blockedMs >= SlowMaxMs))
            _blocker.Cut("its reader was too slow, and others needed the plugin's process");
        else if (late is not null)
            Break($"it did not end run {late.Id} when it was told to");
    }

    Span<byte> IRunOutput.Room() => _blocker is not null ? default : _lines.Room();

    void IRunOutput.Write(int length, bool isError)
    {
        if (isError)
        {
            _log.Write(_lines.Given(length));
            return;
        }
        _lines.Write(length);
        Parse();
    }

    void IRunOutput.End(RunEnd end)
    {
        _isStopped = true;
        _log.End();
        string why = _broken is not null ? $"the plugin {_file.Name} broke its contract: {_broken}"
            : end.Outcome == Outcome.NotStarted ? end.Detail!
            : end.ExitCode > 128 ? $"the plugin's process was ended by signal {end.ExitCode - 128}"
            : $"the plugin's process ended with exit code {end.ExitCode}";
        bool isMeant = _runs.Count == 0 && _broken is null && (_inputEndedMs > 0 || end.ExitCode == 0);
        // What it was asked to do when it ended is not done, whatever its own exit code says.
        int exitCode = _broken is not null || end.ExitCode == 0 ? ExitCodes.Protocol : end.ExitCode;
        _walk.AddRange(_runs.Values);
        _runs.Clear();
        foreach (LinesRun run in _walk) run.End(new(end.Outcome, exitCode, why));
        _walk.Clear();
        _ended(this, isMeant ? null : why);
    }

    private void Begun()
    {
        _hasBegun = true;
        foreach (LinesRun run in _runs.Values) Tell(run);
        if (_inputEndedMs > 0) _process.Input!.CloseWhenSent();
    }

    private void Tell(LinesRun run)
    {
        _process.Input!.Write(run.Line.With(run.Id));
        if (!_process.Input.IsOpen) Doubt("it closed its standard input");
        else if (run.CancelledMs > 0) Cancel(run);
    }

    private void Parse()
    {
        if (_isParsing) return; // A run that ended here let another one in.
        _isParsing = true;
        bool goOn = _blocker is null || Deliver(_blocker);
        while (goOn && _broken is null && _lines.TryTake(out ReadOnlySpan<byte> line)) goOn = Hear(line);
        _isParsing = false;
        if (_lines.IsTooLong) Break($"it printed a line of more than {Limits.PluginLineMax} bytes");
    }

    /// <summary>False when the reader of a run has no room, and the rest must wait.</summary>
    private bool Hear(ReadOnlySpan<byte> line)
    {
        if (line.Trim(" \r\t"u8).IsEmpty) return true;
        if (!_line.Read(line))
        {
            string shown = NameRule.Shown(Encoding.UTF8.GetString(line[..Math.Min(line.Length, 80)]));
            Break($"it printed '{shown}', which is no line of JSON as the contract has it");
            return false;
        }
        if (!_runs.TryGetValue(_line.Id, out LinesRun? run)) return true; // Of a run that has ended.
        if (_line.Status is { } status) run.Take(status);
        _blockedAt = 0;
        return Deliver(run);
    }

    /// <summary>Hands on what the last line has for a run.</summary>
    private bool Deliver(LinesRun run)
    {
        int errorAt = Math.Max(0, _blockedAt - _line.Out.Length);
        if (_blockedAt < _line.Out.Length) _blockedAt += run.Take(_line.Out[_blockedAt..], isError: false);
        if (_blockedAt >= _line.Out.Length) _blockedAt += run.Take(_line.Error[errorAt..], isError: true);
        if (_blockedAt < _line.Out.Length + _line.Error.Length)
        {
            if (_blocker is null) _blockedMs = Environment.TickCount64;
            _blocker = run;
            return false;
        }
        if (_blocker is not null) _freeSinceMs = Environment.TickCount64;
        _blocker = null;
        if (_line.Exit is not { } exit) return true;
        _runs.Remove(run.Id);
        _idleSinceMs = Environment.TickCount64;
        run.End(new(Outcome.Done, exit));
        _freed(this);
        return true;
    }

    /// <summary>It did what a program also does that ends: it counts when it goes on for a while.</summary>
    private void Doubt(string why)
    {
        if (_doubt is not null) return;
        _doubt = why;
        _doubtMs = Environment.TickCount64;
    }

    private void Break(string why)
    {
        if (_isStopped || _broken is not null) return;
        // Not wanted any more, it may close what it likes.
        if (_inputEndedMs > 0 && _runs.Count == 0) return;
        _broken = why;
        Stop();
    }

    private void Stop()
    {
        _isStopped = true;
        _process.Stop();
    }
}
