using System.Diagnostics.CodeAnalysis;
using TriggerFs.Core;
using TriggerFs.Core.Ports;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// Writers that found the queue full and wait for room, in their order, bounded in bytes and in time. When one has
/// waited in vain they all have, and the next ones do not wait until something moves: a program that logs must not
/// stand still at each of its lines. Used under its owner's lock.
/// </summary>
sealed class WaitingWriters : IDisposable
{
    /// <summary>How long a writer waits for room at the most, in ms: a hiccup of the broker, not an outage.</summary>
    public const int WaitMaxMs = 2000;

    /// <summary>Bytes of messages that may wait for room; a single one may be larger.</summary>
    public const int BytesMax = Limits.PayloadMax;

    private readonly Lock _gate;
    private readonly Action<List<Firing>> _giveUp;
    private readonly LinkedList<(Firing Firing, long SinceMs)> _writers = new();
    private readonly Timer _clock;
    private int _bytes;
    private bool _isHopeless;

    /// <param name="gate">The owner's lock.</param>
    /// <param name="giveUp">Takes those whose time is up, outside the lock.</param>
    public WaitingWriters(Lock gate, Action<List<Firing>> giveUp)
    {
        _gate = gate;
        _giveUp = giveUp;
        _clock = new(static self => ((WaitingWriters)self!).Tick(), this, Timeout.Infinite, Timeout.Infinite);
    }

    public int Count => _writers.Count;

    /// <summary>The one that waits longest; null when nobody waits.</summary>
    public Firing? Next => _writers.First?.Value.Firing;

    public bool HasRoomFor(int bytes) => !_isHopeless && (Count == 0 || _bytes + bytes <= BytesMax);

    public void Add(Firing firing)
    {
        _writers.AddLast((firing, Environment.TickCount64));
        _bytes += firing.Length;
        if (Count == 1) _clock.Change(WaitMaxMs, Timeout.Infinite);
    }

    /// <summary>Takes out the one that waits longest.</summary>
    public Firing Take()
    {
        Firing firing = _writers.First!.Value.Firing;
        _writers.RemoveFirst();
        _bytes -= firing.Length;
        return firing;
    }

    /// <summary>Something moved: waiting may be of use again.</summary>
    public void Hope() => _isHopeless = false;

    /// <summary>A writer was interrupted. False when it does not wait here.</summary>
    public bool TryRemove(IFired message, [NotNullWhen(true)] out Firing? firing)
    {
        for (LinkedListNode<(Firing Firing, long)>? at = _writers.First; at is not null; at = at.Next)
        {
            firing = at.Value.Firing;
            if (firing.Message != message) continue;
            _writers.Remove(at);
            _bytes -= firing.Length;
            return true;
        }
        firing = null;
        return false;
    }

    public void Dispose() => _clock.Dispose();

    /// <summary>
    /// All at once, so that of the lines of one write those at its beginning are taken and those behind are not.
    /// </summary>
    private void Tick()
    {
        List<Firing> overdue = [];
        lock (_gate)
        {
            if (_writers.First is not { } first) return;
            long leftMs = first.Value.SinceMs + WaitMaxMs - Environment.TickCount64;
            if (leftMs > 0)
            {
                _clock.Change(leftMs, Timeout.Infinite);
                return;
            }
            while (Count > 0) overdue.Add(Take());
            _isHopeless = true;
        }
        _giveUp(overdue);
    }
}
