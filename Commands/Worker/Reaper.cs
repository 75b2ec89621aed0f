using TriggerFs.Commands.Worker.Groups;
using TriggerFs.Core;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// Sees to it that nothing of a run survives it: neither children that ignore TERM, nor those that left the group or
/// the session, nor orphans, nor zombies. Lives on the loop's thread; /proc is read on another.
/// </summary>
sealed class Reaper
{
    /// <summary>How often the families of runs that go on are looked at, so that who left is known by name.</summary>
    private const int LookMs = 1000;

    private static readonly long KillGraceMs = (long)Limits.KillGrace.TotalMilliseconds;

    private readonly EventLoop _loop;
    private readonly bool _sole;
    private readonly Kinship _kinship = new(Environment.ProcessId, Native.GetSession(0));
    private readonly HashSet<Family> _families = [];
    private readonly List<(ProcessEntry Process, Family Family)> _members = [];
    private readonly List<ProcessEntry> _strays = [];
    private readonly List<Family> _now = [];
    private long _census;
    private long _censusWanted;
    private bool _reading;
    private bool _leftovers;
    private bool _hurries;
    private long _lastMs;

    /// <param name="loop">The loop that all calls come on.</param>
    /// <param name="sole">
    /// This process has no other children in sessions of their own, so that every such orphan is a run's and can be
    /// ended and reaped, even one that wiped its environment.
    /// </param>
    public Reaper(EventLoop loop, bool sole)
    {
        _loop = loop;
        _sole = sole;
        Native.BecomeSubreaper();
        KeepExitStatuses();
    }

    /// <summary>Nobody is known who is to be ended, or to be looked for.</summary>
    public bool IsSettled => _families.Count == 0 && !_leftovers;

    /// <summary>How often /proc was read.</summary>
    public long Looks => Interlocked.Read(ref _census);

    /// <summary>From here on it looks all the time: who is not found soon is found by nobody.</summary>
    public void Hurry() => _hurries = true;

    /// <summary>A family is about to begin; must be said before its first process is started.</summary>
    public void Expect(Family family) => _families.Add(family);

    /// <summary>Nothing was started after all.</summary>
    public void Forget(Family family) => _families.Remove(family);

    /// <summary>Asks the whole family to end, at once, and makes it after <see cref="Limits.KillGrace"/>.</summary>
    public void End(Family family, long nowMs)
    {
        if (family.State != FamilyState.Living) return;
        family.State = FamilyState.Ending;
        family.EndingSinceMs = nowMs;
        // Once the leader is reaped its number may be another's: then the census finds who is to be asked.
        family.GroupAsked = !family.LeaderReaped && Native.Kill(-family.Leader, Native.SIGTERM) == 0;
        Count(family);
    }

    /// <summary>Looks who lives, now, and tells <see cref="Family.Counted"/>.</summary>
    public void Count(Family family)
    {
        family.CensusWanted = Math.Max(family.CensusWanted, _census + 1);
        _censusWanted = _census + 1;
        Look();
    }

    /// <summary>The run is over. Should anybody of it still be found, it is ended.</summary>
    public void Over(Family family, long nowMs)
    {
        if (family.State == FamilyState.Living) family.EndingSinceMs = nowMs;
        family.State = FamilyState.Over;
        family.Counted = null;
        family.CensusWanted = _census + 1;
    }

    /// <summary>Time passed: called about every 50 ms.</summary>
    public void Tick(long nowMs)
    {
        bool hurry = _hurries && !IsSettled;
        foreach (Family family in _families) hurry |= family.State == FamilyState.Ending;
        bool look = (_families.Count > 0 || _leftovers) && nowMs - _lastMs >= LookMs;
        if (!hurry && !look) return;
        _lastMs = nowMs;
        _censusWanted = _census + 1;
        Look();
    }

    private void Look()
    {
        if (_reading || _censusWanted <= _census) return;
        _reading = true;
        _census++;
        ThreadPool.UnsafeQueueUserWorkItem(static reaper =>
        {
            List<ProcessEntry> table = ProcessTable.Read();
            reaper._loop.Post(() => reaper.Apply(table));
        }, this, preferLocal: false);
    }

    private void Apply(List<ProcessEntry> table)
    {
        _reading = false;
        _members.Clear();
        _strays.Clear();
        _kinship.Sort(table, _families, _members, _strays);
        long nowMs = Environment.TickCount64;
        _now.Clear();
        _now.AddRange(_families);
        foreach (Family family in _now) Attend(family, nowMs);
        _leftovers = _sole && _strays.Count > 0;
        if (_sole) foreach (ProcessEntry stray in _strays) EndStray(stray);
        Look();
    }

    private void Attend(Family family, long nowMs)
    {
        bool ask = family.State != FamilyState.Living && !family.LeaversAsked;
        bool kill = family.State != FamilyState.Living && nowMs - family.EndingSinceMs >= KillGraceMs;
        if (kill && family.Group is { } group) ControlGroups.Kill(group);
        int living = 0;
        foreach ((ProcessEntry process, Family owner) in _members)
        {
            if (owner != family) continue;
            if (process.IsZombie)
            {
                // The leader's status is its run's to take, also when the run does not know yet that it has one.
                if (family.Leader > 0 && (process.Pid != family.Leader || family.LeaderReaped)) Reap(process);
                continue;
            }
            living++;
            bool inGroup = process.Group == family.Leader;
            if (kill) Signal(process, Native.SIGKILL);
            else if (ask && !(inGroup && family.GroupAsked)) Signal(process, Native.SIGTERM);
            // One call for all of them is faster than anything can fork.
            if (kill && inGroup) Native.Kill(-family.Leader, Native.SIGKILL);
        }
        if (ask) family.LeaversAsked = true;
        if (family.CensusWanted > _census) return;
        if (family.State == FamilyState.Over && living == 0) _families.Remove(family);
        else family.Counted?.Invoke(living);
    }

    private static void EndStray(ProcessEntry stray)
    {
        if (stray.IsZombie) Reap(stray);
        else Signal(stray, Native.SIGKILL);
    }

    /// <summary>Signals exactly the process that was seen, not one that got its number meanwhile.</summary>
    private static void Signal(ProcessEntry process, int signal)
    {
        int pidfd = Native.PidfdOpen(process.Pid);
        if (ProcessTable.Read(process.Pid) is { } now && now.StartTicks == process.StartTicks)
        {
            if (pidfd >= 0) Native.PidfdSendSignal(pidfd, signal);
            else Native.Kill(process.Pid, signal);
        }
        if (pidfd >= 0) Native.Close(pidfd);
    }

    private static unsafe void Reap(ProcessEntry process)
    {
        if (process.Parent != Environment.ProcessId) return;
        if (ProcessTable.Read(process.Pid) is not { } now || now.StartTicks != process.StartTicks) return;
        byte* siginfo = stackalloc byte[Native.SiginfoSize];
        Native.WaitId(Native.P_PID, process.Pid, siginfo, Native.WEXITED | Native.WNOHANG);
    }

    /// <summary>Whoever started us may ignore SIGCHLD, and then the kernel throws exit statuses away.</summary>
    private static void KeepExitStatuses()
    {
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (!line.StartsWith("SigIgn:", StringComparison.Ordinal)) continue;
            ulong ignored = Convert.ToUInt64(line[7..].Trim(), 16);
            if ((ignored & (1UL << (Native.SIGCHLD - 1))) != 0) Native.Signal(Native.SIGCHLD, 0);
        }
    }
}
