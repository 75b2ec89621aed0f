using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Queue;

/// <summary>
/// How far one spool's messages were taken. A spool sends in the order of its sequences, and goes back to the first
/// that could not be taken: nothing behind that one is taken before it comes again, so that no message overtakes
/// another, and one number is enough to know every repeat.
/// </summary>
sealed class SpoolBook(SpoolMark mark)
{
    private PeerId _connection;

    /// <summary>What is on the disk.</summary>
    public SpoolMark Mark { get; private set; } = mark;

    /// <summary>The highest sequence that was taken, those that are not on the disk yet included.</summary>
    public ulong Taken { get; private set; } = mark.Taken;

    /// <summary>The lowest sequence that could not be taken and has not come again; 0 for none.</summary>
    public ulong HeldFrom { get; private set; }

    /// <summary>
    /// Something comes over a connection. Over a new one the spool begins with the first that it still has: what was
    /// held before that is gone (its host lost power, say), and is not waited for. False over one from before that:
    /// what is late on it may be behind what was not taken over the new one.
    /// </summary>
    public bool ComesOver(PeerId connection)
    {
        if (connection.Value < _connection.Value) return false;
        if (connection != _connection) HeldFrom = 0;
        _connection = connection;
        return true;
    }

    public bool IsRepeat(ulong sequence) => sequence <= Taken;

    /// <summary>One before it has to come again first.</summary>
    public bool IsOutOfTurn(ulong sequence) => HeldFrom != 0 && sequence > HeldFrom;

    public void Take(ulong sequence)
    {
        Taken = sequence;
        HeldFrom = 0;
    }

    /// <summary>It will never be taken: its sender goes on behind it.</summary>
    public void PassOver(ulong sequence)
    {
        if (sequence == HeldFrom) HeldFrom = 0;
    }

    public void Hold(ulong sequence) => HeldFrom = HeldFrom == 0 ? sequence : Math.Min(HeldFrom, sequence);

    /// <summary>What is taken now is about to be stored.</summary>
    public SpoolMark MarkAt(long unixMs) => Mark with { Taken = Taken, SeenUnixMs = unixMs };

    public void Stored(SpoolMark mark) => Mark = mark;

    /// <summary>The disk refused: what is not on it has to come again, from the first one on.</summary>
    /// <param name="connection">Whence it came; only from where the spool is now can it come again.</param>
    public void GoBack(ulong first, PeerId? connection)
    {
        Taken = Mark.Taken;
        if (connection == _connection) Hold(first);
    }
}
