using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Session;

/// <summary>
/// How far the output of one worker's run has come: received, consumed by the reader, and acknowledged to the broker.
/// Objects are used again, so that a run costs no allocation.
/// </summary>
sealed class RunProgress
{
    private readonly byte[] _worker = new byte[Limits.NameMax];
    private int _workerLength;

    public ReadOnlySpan<byte> Worker => _worker.AsSpan(0, _workerLength);

    /// <summary>The offset behind the last byte that was handed to the reader.</summary>
    public ulong Received { get; private set; }

    /// <summary>The offset behind the last byte that the reader is done with.</summary>
    public ulong Consumed { get; private set; }

    /// <summary>The offset that the broker was told last.</summary>
    public ulong Credited { get; private set; }

    /// <summary>The end of this worker's run was seen.</summary>
    public bool Finished { get; set; }

    public void Begin(ReadOnlySpan<byte> worker)
    {
        worker.CopyTo(_worker);
        _workerLength = worker.Length;
        Received = Consumed = Credited = 0;
        Finished = false;
    }

    /// <summary>
    /// Takes bytes that begin at an offset; returns those that were not seen before. False when bytes before them are
    /// missing.
    /// </summary>
    public bool TryAdvance(ulong offset, ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> fresh)
    {
        fresh = default;
        if (offset > Received) return false;
        ulong seen = Received - offset;
        if (seen < (ulong)bytes.Length) fresh = bytes[(int)seen..];
        Received += (ulong)fresh.Length;
        return true;
    }

    /// <summary>
    /// Counts what the reader is done with. True when it is time to tell the broker.
    /// </summary>
    public bool Consume(int bytes)
    {
        Consumed = Math.Min(Consumed + (ulong)bytes, Received);
        if (Finished || Consumed - Credited < Limits.OutputCreditStep) return false;
        Credited = Consumed;
        return true;
    }

    /// <summary>What a Reclaim tells the broker counts as told.</summary>
    public ReclaimedRun Reclaim()
    {
        Credited = Consumed;
        return new(System.Text.Encoding.UTF8.GetString(Worker), Consumed, Finished);
    }
}
