using TriggerFs.Commands.Worker.Groups;
using TriggerFs.Core;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// One run of a program: its two pipes are read as they fill and as far as the window goes, its end is seen through a
/// pidfd, and the run is over when the program has ended, both pipes are at their end, and nothing of it is left.
/// </summary>
/// <remarks>
/// When the program has ended but others of its family live (<c>sleep 100 &amp;</c>, or a <c>&gt;(filter)</c> that is
/// not done), they may go on while they write, at most <see cref="LingerMaxMs"/>; after <see cref="SilenceMaxMs"/>
/// without output they are ended like after a timeout: TERM, then KILL. Nothing of a run survives it.
/// </remarks>
sealed class ProcessRun(EventLoop loop, Launcher launcher, Reaper reaper, ulong run, Launch launch) : IPluginRun
{
    /// <summary>
    /// How long those whom the program left behind may go on, not counting time that the reader takes.
    /// </summary>
    public const int LingerMaxMs = 1000;

    /// <summary>How long those whom the program left behind may be silent.</summary>
    public const int SilenceMaxMs = 100;

    /// <summary>How long after the last count of those who were left behind the next one is, at most.</summary>
    private const int CountMaxMs = 1000;

    /// <summary>What the end of a run says of which not all could be ended in time.</summary>
    public const string NotEnded = "could not be ended";

    /// <summary>Two seconds after its time was up a run is reported as over, whatever cannot be ended.</summary>
    private const int EndMaxMs = 1900;

    private readonly Family _family = new(run, Native.BootTicks());
    private readonly OutputPipe[] _pipes = new OutputPipe[2];
    private InputPipe? _input;
    private IRunOutput _output = null!;
    private Watch? _pidWatch;
    private bool _launched, _exited, _gone, _stopping, _ended;
    private int _exitCode;
    private long _endingSinceMs, _tickMs, _lingeredMs, _silentSinceMs, _countAtMs;
    private int _left, _countEveryMs;

    /// <summary>The program's process; 0 before it is there.</summary>
    public int Pid => launch.Pid;

    /// <summary>Its standard input, once it was started with one.</summary>
    public InputPipe? Input => _input;

    /// <summary>Told when it was started, before anything else happens to it.</summary>
    public Action? Begun { get; set; }

    /// <summary>Told when it closed its standard output, which it may do long before it ends.</summary>
    public Action? OutputClosed { get; set; }

    /// <summary>Told when it is over, before its end is.</summary>
    public Action? Over { get; set; }

    public void Start(IRunOutput output)
    {
        _output = output;
        _family.Counted = Counted;
        reaper.Expect(_family);
        launcher.Start(launch, Launched);
    }

    public void Resume()
    {
        foreach (OutputPipe? pipe in _pipes) pipe?.Resume();
    }

    public void Stop()
    {
        _stopping = true;
        if (!_launched || _ended) return;
        if (_gone) EndIfDone();
        else BeginEnd();
    }

    public void Tick(long nowMs)
    {
        long passedMs = _tickMs == 0 ? 0 : nowMs - _tickMs;
        _tickMs = nowMs;
        if (!_launched || _ended) return;
        if (!_exited && _pidWatch is null) Exited();
        if (_exited && !_gone) Linger(nowMs, passedMs);
        if (_endingSinceMs > 0 && !_gone && nowMs - _endingSinceMs >= EndMaxMs) GiveUp();
    }

    private void Launched()
    {
        if (launch.Errno != 0)
        {
            reaper.Forget(_family);
            _ended = true;
            RemoveGroup();
            Over?.Invoke();
            _output.End(NotStarted());
            return;
        }
        _launched = true;
        _family.Leader = launch.Pid;
        _family.Group = launch.Group;
        _family.LaunchedTicks = Native.BootTicks();
        _pipes[0] = new(loop, launch.OutFd, () => Read(0));
        _pipes[1] = new(loop, launch.ErrFd, () => Read(1));
        if (launch.PidFd >= 0) _pidWatch = loop.Watch(launch.PidFd, Interest.Read, _ => Exited());
        if (launch.InFd >= 0) _input = new(loop, launch.InFd);
        Begun?.Invoke();
        if (launch.Start.Input == InputKind.Message)
        {
            _input!.Write(launch.Start.Message);
            _input.CloseWhenSent();
        }
        if (_stopping) BeginEnd();
    }

    private RunEnd NotStarted()
    {
        string path = launch.Start.Path;
        if (launch.Errno == Native.E2BIG)
            return RunEnd.NotStarted(126, "the arguments are more than the system can hand to a program");
        if (launch.Folder is { } folder && !Directory.Exists(folder))
            return RunEnd.NotStarted(126, $"workdir {folder} is not there");
        string why = Native.Describe(launch.Errno);
        if (!File.Exists(path)) return RunEnd.NotStarted(127, $"{path} cannot be started: {why}");
        if (launch.Errno == Native.ENOENT) why = "the interpreter that its first line names is not there";
        if (launch.Errno == Native.ENOEXEC)
            why = "it is no program of this machine, and its first line names no interpreter (#!)";
        return RunEnd.NotStarted(126, $"{path} cannot be started: {why}");
    }

    /// <summary>Takes what one pipe has, once; the others get their turn before it is asked again.</summary>
    private bool Read(int stream)
    {
        OutputPipe pipe = _pipes[stream];
        Span<byte> room = _output.Room();
        if (room.IsEmpty)
        {
            pipe.Pause();
            return false;
        }
        int length = pipe.Read(room);
        if (length > 0)
        {
            _silentSinceMs = Environment.TickCount64;
            _output.Write(length, isError: stream == 1);
        }
        if (!pipe.IsOpen) _countAtMs = _countEveryMs = 0; // Who had it has mostly ended.
        if (stream == 0 && !pipe.IsOpen) OutputClosed?.Invoke();
        EndIfDone();
        return length > 0;
    }

    private unsafe void Exited()
    {
        byte* siginfo = stackalloc byte[Native.SiginfoSize];
        *(int*)(siginfo + Native.SiginfoPid) = 0;
        int result = Native.WaitId(Native.P_PID, launch.Pid, siginfo, Native.WEXITED | Native.WNOHANG);
        if (result == 0 && *(int*)(siginfo + Native.SiginfoPid) == 0) return;
        int status = *(int*)(siginfo + Native.SiginfoStatus);
        // Without a status (someone reaped it for us) the run has ended all the same, and not well.
        bool bySignal = *(int*)(siginfo + Native.SiginfoCode) != Native.CLD_EXITED;
        _exitCode = result < 0 ? 255 : bySignal ? 128 + status : status;
        _exited = true;
        _silentSinceMs = Environment.TickCount64;
        _family.LeaderReaped = true;
        _pidWatch?.Dispose();
        _pidWatch = null;
        ClosePidFd();
        if (_ended) return;
        bool groupIsEmpty = Native.Kill(-launch.Pid, 0) < 0;
        if (groupIsEmpty && !_stopping)
        {
            Drain();
            // Whoever left the group and holds no pipe of ours is found later by the reaper, and ended.
            if (!_pipes[0].IsOpen && !_pipes[1].IsOpen) _gone = true;
        }
        if (!_gone && !IsPaused) reaper.Count(_family);
        EndIfDone();
    }

    /// <summary>After the program's end: how many of its family are left. Zombies do not count.</summary>
    private void Counted(int left)
    {
        _left = left;
        if (!_exited || _ended || left > 0) return;
        _gone = true;
        Drain();
        EndIfDone();
    }

    private bool IsPaused => _pipes[0].IsPaused || _pipes[1].IsPaused;

    private void Linger(long nowMs, long passedMs)
    {
        if (_endingSinceMs == 0)
        {
            if (IsPaused) _silentSinceMs = nowMs;
            else _lingeredMs += passedMs;
            if (_left > 0 && (nowMs - _silentSinceMs >= SilenceMaxMs || _lingeredMs >= LingerMaxMs)) BeginEnd();
        }
        if (nowMs >= _countAtMs) CountAgain(nowMs);
    }

    /// <summary>Reading all of /proc is dear, and behind a slow reader this can go on for hours.</summary>
    private void CountAgain(long nowMs)
    {
        _countAtMs = nowMs + _countEveryMs;
        _countEveryMs = Math.Clamp(_countEveryMs * 2, 50, CountMaxMs);
        reaper.Count(_family);
    }

    private void BeginEnd()
    {
        if (_endingSinceMs > 0) return;
        _endingSinceMs = Environment.TickCount64;
        reaper.End(_family, _endingSinceMs);
    }

    private void Drain()
    {
        for (int stream = 0; stream < 2; stream++)
            while (!_ended && _pipes[stream].IsOpen && Read(stream)) { }
    }

    private void EndIfDone()
    {
        if (_ended || !_exited || !_gone) return;
        foreach (OutputPipe pipe in _pipes)
        {
            // Nobody is left to write, so what is not there now never comes; a slow reader still gets what is.
            if (pipe.IsOpen && (pipe.IsEmpty || _stopping)) pipe.Close();
            if (pipe.IsOpen) return;
        }
        End(null);
    }

    private void GiveUp()
    {
        string what = _left == 1 ? "1 process of it" : $"{_left} processes of it";
        if (!_exited) _exitCode = 128 + Native.SIGKILL;
        End($"{what} {NotEnded}");
    }

    private void End(string? detail)
    {
        _ended = true;
        _input?.Close();
        foreach (OutputPipe pipe in _pipes) pipe.Close();
        reaper.Over(_family, Environment.TickCount64);
        Over?.Invoke();
        if (_exitCode != 0 && launch.Group is { } group) detail ??= ControlGroups.LimitThatWasHit(group);
        RemoveGroup();
        _output.End(new(Core.Messages.Outcome.Done, _exitCode, detail));
    }

    private void RemoveGroup()
    {
        if (launch.Group is { } group) launch.Groups!.Remove(group);
    }

    private void ClosePidFd()
    {
        if (launch.PidFd < 0) return;
        Native.Close(launch.PidFd);
        launch.PidFd = -1;
    }
}
