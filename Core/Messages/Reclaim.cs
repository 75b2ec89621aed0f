using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// Sent by a user's session right after a resumed Accepted: a request that was under way when the link broke, and how
/// far its output was consumed, for each worker that was heard of. The broker goes on with it or refuses it. A request
/// that went to some workers of its service alone names them.
/// </summary>
/// <remarks>
/// u64 request | u16 count | count × (name worker | u64 offset | flag finished) | u16 count |
/// count × name worker
/// </remarks>
sealed record Reclaim(RequestId Id, IReadOnlyList<ReclaimedRun> Runs, IReadOnlyList<string> Only)
{
    public static Reclaim Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        RequestId id = new(wire.UInt64());
        var runs = new ReclaimedRun[wire.Count(Limits.JobsMax, sizeMin: 10)];
        for (int i = 0; i < runs.Length; i++) runs[i] = new(wire.NameText(), wire.UInt64(), wire.Flag());
        // An older peer does not send them.
        string[] only = wire.Left == 0 ? [] : new string[wire.Count(Limits.WorkersPerServiceMax, sizeMin: 1)];
        for (int i = 0; i < only.Length; i++) only[i] = wire.NameText();
        return new(id, runs, only);
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Reclaim);
        wire.UInt64(Id.Value);
        wire.Count(Runs.Count, Limits.JobsMax);
        foreach (ReclaimedRun run in Runs)
        {
            wire.Name(run.Worker);
            wire.UInt64(run.Offset);
            wire.Flag(run.Finished);
        }
        wire.Count(Only.Count, Limits.WorkersPerServiceMax);
        foreach (string worker in Only) wire.Name(worker);
    }
}

/// <summary>How far one worker's output had come, and whether its end was seen.</summary>
readonly record struct ReclaimedRun(string Worker, ulong Offset, bool Finished);
