using System.Buffers;
using TriggerFs.Broker.Dispatch;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Jobs;

/// <summary>Where a run is.</summary>
enum RunStage : byte
{
    /// <summary>It waits in the broker: certainly not started.</summary>
    Waiting,

    /// <summary>It was given to a worker, of which no sign came yet.</summary>
    Sent,

    /// <summary>The worker started it.</summary>
    Started,

    /// <summary>The worker's link is gone and it may still run; the worker may come back with it.</summary>
    Away,

    /// <summary>It has an outcome.</summary>
    Ended,
}

/// <summary>
/// One worker's part of a request. Attempts after one another are the same part. Objects are used again.
/// </summary>
/// <remarks>
/// Offsets are the sender's: those of the worker plus <see cref="Base"/>, what attempts before had written.
/// </remarks>
sealed class JobRun : Due
{
    /// <summary>Its number at the worker; 0 until it is given to one.</summary>
    public ulong Id { get; set; }

    /// <summary>Null when nobody waits for it any more: it only fills a job of its worker.</summary>
    public Job? Job { get; set; }

    /// <summary>The worker that it is for; null while any will do.</summary>
    public WorkerDesk? Desk { get; set; }

    /// <summary>The seat that it is for, in a plan without spares.</summary>
    public Seat? Seat { get; set; }

    public RunStage Stage { get; set; }

    public byte Attempt { get; set; } = 1;

    /// <summary>Its place among all that ever were: of what else is alike, the older one has its turn first.</summary>
    public ulong Turn { get; set; }

    /// <summary>The round in which it has its turn among those that wait with it; 0 until it waited.</summary>
    public long Round { get; set; }

    public ulong Base { get; set; }

    /// <summary>Behind the last byte that was sent on.</summary>
    public ulong Forwarded { get; set; }

    /// <summary>Behind the last byte that the sender is done with.</summary>
    public ulong Credited { get; set; }

    /// <summary>It counts among its worker's busy jobs while it is not away.</summary>
    public bool FillsJob { get; set; }

    /// <summary>Bytes of its message, until a sign of the worker shows that it was read.</summary>
    public int UnreadBytes { get; set; }

    /// <summary>The sender has its outcome.</summary>
    public bool IsDelivered { get; set; }

    public Outcome Outcome { get; set; }

    public int ExitCode { get; set; }

    /// <summary>Flags of the worker's Finished that are the sender's to know.</summary>
    public byte EndFlags { get; set; }

    public ulong EndOffset { get; set; }

    public uint DurationMs { get; set; }

    /// <summary>Detail and tail of an outcome that the sender could not be told yet.</summary>
    public byte[]? Kept { get; private set; }

    public int DetailLength { get; private set; }

    public int TailLength { get; private set; }

    // Where it is in the lists that it is in.
    internal int DeskIndex { get; set; } = -1;

    internal RunQueue? Queue { get; set; }

    internal RunLine? Line { get; set; }

    /// <summary>The next ones in its line.</summary>
    internal JobRun? Before { get; set; }

    internal JobRun? Behind { get; set; }

    public ReadOnlySpan<byte> Detail => Kept.AsSpan(0, DetailLength);

    public ReadOnlySpan<byte> Tail => Kept.AsSpan(DetailLength, TailLength);

    /// <summary>Of the end of all that it wrote, what was not sent on before.</summary>
    public ReadOnlySpan<byte> Fresh(ReadOnlySpan<byte> tail)
    {
        ulong tailAt = EndOffset - (ulong)tail.Length;
        return tailAt >= Forwarded ? tail : tail[(int)Math.Min((ulong)tail.Length, Forwarded - tailAt)..];
    }

    public void Keep(ReadOnlySpan<byte> detail, ReadOnlySpan<byte> tail)
    {
        LetGo();
        if (detail.Length + tail.Length == 0) return;
        Kept = ArrayPool<byte>.Shared.Rent(detail.Length + tail.Length);
        (DetailLength, TailLength) = (detail.Length, tail.Length);
        detail.CopyTo(Kept);
        tail.CopyTo(Kept.AsSpan(detail.Length));
    }

    public void LetGo()
    {
        if (Kept is not null) ArrayPool<byte>.Shared.Return(Kept);
        Kept = null;
        DetailLength = TailLength = 0;
    }

    public void Reset()
    {
        LetGo();
        Id = 0;
        Job = null;
        Desk = null;
        Seat = null;
        Stage = RunStage.Waiting;
        Attempt = 1;
        Round = 0;
        Base = Forwarded = Credited = EndOffset = 0;
        EndFlags = 0;
        UnreadBytes = 0;
        IsDelivered = false;
        FillsJob = false;
    }
}
