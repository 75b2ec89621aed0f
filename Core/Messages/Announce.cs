using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// A worker is ready: how much it runs at once, for which services, and which runs it still holds from before. Sent
/// after every Assigned; the runs matter only in the first of a session. Zero jobs: the worker is stopping, send it
/// no more. A held run (it may have finished meanwhile) stays silent until the broker answers it: with a
/// <see cref="Credit"/> with Replay, from where on its output and its Finished then follow, or with a
/// <see cref="Cancel"/>, when nobody wants it.
/// </summary>
/// <remarks>
/// u16 jobs | u16 count | count × text service | u16 count | count × (u64 run | u128 session of the user | u64 request
/// | u64 offset | text service | flag ended)
/// </remarks>
sealed record Announce(int Jobs, IReadOnlyList<string> Services, IReadOnlyList<HeldRun> Held)
{
    public static Announce Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        int jobs = wire.UInt16();
        string[] services = new string[wire.Count(Limits.JobsMax, sizeMin: 2)];
        for (int i = 0; i < services.Length; i++) services[i] = wire.Text();
        var held = new HeldRun[wire.Count(Limits.JobsMax, sizeMin: 43)];
        for (int i = 0; i < held.Length; i++)
            held[i] = new(
                new(wire.UInt64()), new(wire.UInt128()), new(wire.UInt64()), wire.UInt64(), wire.Text(), wire.Flag());
        return new(jobs, services, held);
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Announce);
        wire.UInt16((ushort)Jobs);
        wire.Count(Services.Count, Limits.JobsMax);
        foreach (string service in Services) wire.Text(service);
        wire.Count(Held.Count, Limits.JobsMax);
        foreach (HeldRun run in Held)
        {
            wire.UInt64(run.Run.Value);
            wire.UInt128(run.Session.Value);
            wire.UInt64(run.Request.Value);
            wire.UInt64(run.Offset);
            wire.Text(run.Service);
            wire.Flag(run.HasEnded);
        }
    }
}

/// <summary>
/// A run that outlived its link: whose it is, and the offset of the oldest output that is still kept.
/// </summary>
/// <param name="Run">The run.</param>
/// <param name="Session">The session of its sender.</param>
/// <param name="Request">The request as its sender numbered it.</param>
/// <param name="Offset">The offset of the oldest output that is kept.</param>
/// <param name="Service">The service that it was for.</param>
/// <param name="HasEnded">It fills no job any more: only its output and its Finished are kept.</param>
readonly record struct HeldRun(
    RunId Run, SessionId Session, RequestId Request, ulong Offset, string Service, bool HasEnded = false);
