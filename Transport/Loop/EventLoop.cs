using System.Diagnostics;
using System.Runtime.InteropServices;
using TriggerFs.Core;

namespace TriggerFs.Transport.Loop;

/// <summary>
/// One thread that waits for many descriptors, timers and actions of other threads (epoll, level triggered) and calls
/// their owners in turn. A handler that throws is reported and the loop goes on. A turn allocates nothing.
/// </summary>
/// <remarks>
/// Watches and timers are made and changed on the loop's thread, or before <see cref="Run"/>; <see cref="Post"/> and
/// <see cref="Stop"/> are for any thread.
/// </remarks>
sealed unsafe class EventLoop : IDisposable
{
    private const int BatchMax = 128;

    private readonly Action<Exception> _faulted;
    private readonly int _epoll;
    private readonly Inbox _inbox = new();
    private readonly PlacedHeap<LoopTimer> _timers =
        new(static (one, other) => one.DueTicks.CompareTo(other.DueTicks));
    private readonly byte* _events;
    private readonly Stack<int> _freeSlots = new();
    private Watch?[] _watches = new Watch?[16];
    private int _slotsUsed;
    private uint _serial;
    private int _threadId;
    private bool _goesOn;
    private long _lookOutUntilTicks;
    private volatile bool _stopping;
    private bool _disposed;

    /// <param name="faulted">Told of every exception that a handler throws; must not throw itself.</param>
    public EventLoop(Action<Exception> faulted)
    {
        _faulted = faulted;
        _epoll = Native.EpollCreate(Native.O_CLOEXEC);
        if (_epoll < 0) throw new InvalidOperationException($"epoll_create1 failed with errno {Native.Errno}");
        _events = (byte*)NativeMemory.Alloc((nuint)(BatchMax * Native.EpollEventSize));
        Watch(_inbox.WakeFd, Interest.Read, _ => _inbox.Clear());
    }

    /// <summary>
    /// Called at the end of every turn, when all that was ready has been handled: the place to flush.
    /// </summary>
    public event Action? TurnEnded;

    /// <summary>Whether the caller runs on the loop's thread.</summary>
    public bool IsOnLoop => Environment.CurrentManagedThreadId == Volatile.Read(ref _threadId);

    /// <summary>
    /// Runs on the calling thread until <see cref="Stop"/>; what is posted before it ends is still done.
    /// </summary>
    public void Run()
    {
        Volatile.Write(ref _threadId, Environment.CurrentManagedThreadId);
        while (!_stopping) Turn();
        RunPosted();
        EndTurn();
        Volatile.Write(ref _threadId, 0);
        _stopping = false;
    }

    /// <summary>
    /// Ends <see cref="Run"/> after the turn under way, or the next one that begins. From any thread.
    /// </summary>
    public void Stop()
    {
        _stopping = true;
        _inbox.Post(null);
    }

    /// <summary>
    /// Runs an action on the loop's thread, in the order of the calls. From any thread; ignored once disposed. What a
    /// handler posts runs in the next turn, so after what the handler's turn has to write was given to the kernel.
    /// </summary>
    public void Post(Action action) => _inbox.Post(action);

    /// <summary>There is work left for the next turn, which therefore does not sleep. From a handler only.</summary>
    public void GoOn() => _goesOn = true;

    /// <summary>
    /// Another thread will post something within this time: until then the loop does not sleep, because waking it may
    /// take as long. It leaves its processor to whoever wants that. From a handler only.
    /// </summary>
    public void LookOut(TimeSpan max) => _lookOutUntilTicks = Stopwatch.GetTimestamp() + Ticks(max);

    /// <summary>
    /// Calls back whenever a descriptor is ready for what interests; the descriptor stays its owner's.
    /// </summary>
    public Watch Watch(int fd, Interest interest, Action<Ready> ready)
    {
        CheckThread();
        if (!_freeSlots.TryPop(out int slot)) slot = _slotsUsed++;
        if (slot == _watches.Length) Array.Resize(ref _watches, slot * 2);
        var watch = new Watch(this, fd, ((ulong)++_serial << 32) | (uint)slot, ready);
        _watches[slot] = watch;
        try
        {
            watch.Interest = interest;
        }
        catch
        {
            watch.Dispose();
            throw;
        }
        return watch;
    }

    /// <summary>Calls back once, not before a time has passed.</summary>
    public LoopTimer After(TimeSpan delay, Action action) => AddTimer(delay, action, 0);

    /// <summary>Calls back again and again; calls that were missed are not made up for.</summary>
    public LoopTimer Every(TimeSpan period, Action action) => AddTimer(period, action, Math.Max(1, Ticks(period)));

    public void Dispose()
    {
        if (_disposed) return;
        if (Volatile.Read(ref _threadId) != 0) throw new InvalidOperationException("the loop still runs");
        _disposed = true;
        _inbox.Dispose();
        Native.Close(_epoll);
        NativeMemory.Free(_events);
    }

    /// <summary>Changes what the kernel watches; a descriptor without interest is not in its set at all.</summary>
    internal void Control(Watch watch, Interest before, Interest after)
    {
        CheckThread();
        int operation = before == Interest.None ? Native.EPOLL_CTL_ADD
            : after == Interest.None ? Native.EPOLL_CTL_DEL : Native.EPOLL_CTL_MOD;
        uint mask = 0;
        if ((after & Interest.Read) != 0) mask |= Native.EPOLLIN;
        if ((after & Interest.Write) != 0) mask |= Native.EPOLLOUT;
        if ((after & Interest.Priority) != 0) mask |= Native.EPOLLPRI;
        byte* change = stackalloc byte[16];
        *(uint*)change = mask;
        *(ulong*)(change + Native.EpollDataOffset) = watch.Token;
        int result = Native.EpollControl(_epoll, operation, watch.Fd, change);
        // A descriptor that its owner closed first has left the set by itself.
        if (result < 0 && operation != Native.EPOLL_CTL_DEL)
            throw new InvalidOperationException($"epoll_ctl of descriptor {watch.Fd} failed with errno {Native.Errno}");
    }

    internal void Forget(Watch watch)
    {
        int slot = (int)(uint)watch.Token;
        if (_watches[slot] != watch) return;
        _watches[slot] = null;
        _freeSlots.Push(slot);
    }

    private static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);

    private LoopTimer AddTimer(TimeSpan delay, Action action, long periodTicks)
    {
        CheckThread();
        var timer = new LoopTimer(_timers, action, periodTicks) { DueTicks = Stopwatch.GetTimestamp() + Ticks(delay) };
        _timers.Add(timer);
        return timer;
    }

    private void CheckThread()
    {
        if (Volatile.Read(ref _threadId) != 0 && !IsOnLoop)
            throw new InvalidOperationException("watches and timers belong to the loop's thread");
    }

    private void Turn()
    {
        int count = Wait();
        RunPosted();
        for (int i = 0; i < count; i++)
        {
            byte* at = _events + (i * Native.EpollEventSize);
            Tell(*(ulong*)(at + Native.EpollDataOffset), *(uint*)at);
        }
        FireTimers();
        EndTurn();
    }

    private int Wait()
    {
        if (_goesOn)
        {
            _goesOn = false;
            return Math.Max(0, Native.EpollWait(_epoll, _events, BatchMax, 0));
        }
        if (_lookOutUntilTicks > 0)
        {
            if (Poll(_lookOutUntilTicks) is { } count) return count;
            _lookOutUntilTicks = 0;
        }
        int timeoutMs = _inbox.MaySleep() && !_stopping ? MillisecondsToNextTimer() : 0;
        int ready = Native.EpollWait(_epoll, _events, BatchMax, timeoutMs);
        _inbox.Awake();
        return Math.Max(0, ready);
    }

    /// <summary>Looks for events without sleeping until a moment; null when there was nothing.</summary>
    private int? Poll(long untilTicks)
    {
        while (true)
        {
            int count = Native.EpollWait(_epoll, _events, BatchMax, 0);
            if (count != 0 || _inbox.HasWaiting || _stopping) return Math.Max(0, count);
            if (Stopwatch.GetTimestamp() >= untilTicks) return null;
            Thread.Yield();
        }
    }

    private int MillisecondsToNextTimer()
    {
        if (_timers.First is not { } first) return -1;
        long ticks = first.DueTicks - Stopwatch.GetTimestamp();
        if (ticks <= 0) return 0;
        long ticksPerMs = Stopwatch.Frequency / 1000;
        return (int)Math.Min(int.MaxValue, (ticks + ticksPerMs - 1) / ticksPerMs);
    }

    private void Tell(ulong token, uint mask)
    {
        if (_watches[(int)(uint)token] is not { } watch || watch.Token != token) return;
        Ready ready = 0;
        if ((mask & Native.EPOLLIN) != 0) ready |= Ready.Read;
        if ((mask & Native.EPOLLOUT) != 0) ready |= Ready.Write;
        if ((mask & Native.EPOLLPRI) != 0) ready |= Ready.Priority;
        if ((mask & Native.EPOLLERR) != 0) ready |= Ready.Error;
        if ((mask & Native.EPOLLHUP) != 0) ready |= Ready.HangUp;
        try
        {
            watch.Tell(ready);
        }
        catch (Exception fault)
        {
            _faulted(fault);
        }
    }

    private void RunPosted()
    {
        List<Action> actions = _inbox.Take();
        foreach (Action action in actions) Guard(action);
        actions.Clear();
    }

    private void FireTimers()
    {
        if (_timers.First is null) return;
        long now = Stopwatch.GetTimestamp();
        while (_timers.First is { } timer && timer.DueTicks <= now)
        {
            _timers.Remove(timer);
            if (timer.PeriodTicks > 0)
            {
                timer.DueTicks += timer.PeriodTicks;
                if (timer.DueTicks <= now) timer.DueTicks = now + timer.PeriodTicks;
                _timers.Add(timer);
            }
            Guard(timer.Action);
        }
    }

    private void EndTurn()
    {
        if (TurnEnded is { } ended) Guard(ended);
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception fault)
        {
            _faulted(fault);
        }
    }
}
