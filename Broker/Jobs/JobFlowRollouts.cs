using TriggerFs.Broker.Dispatch;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Jobs;

/// <summary>
/// Requests that go to their workers with care (<see cref="Core.Messages.RolloutRules"/>): who has his turn when, and
/// when nobody has any more.
/// </summary>
sealed partial class JobFlow
{
    /// <summary>
    /// The workers of a plan without spares, in the order of their turns: that in which they were attached, but that
    /// the canary is made of workers that are there.
    /// </summary>
    private static void TakeSeats(Job job, Lane lane)
    {
        HashSet<string>? only = job.Rollout is { Only.Count: > 0 } some ? [.. some.Only] : null;
        foreach (Seat seat in lane.Seats)
            if (only?.Contains(seat.Desk.Name) != false) job.Seats.Add(seat);
        if (job.Rollout is not { } rules) return;
        int canary = 0;
        for (int i = 0; i < job.Seats.Count && canary < rules.Canary; i++)
        {
            if (!job.Seats[i].IsLive) continue;
            Seat seat = job.Seats[i];
            job.Seats.RemoveAt(i);
            job.Seats.Insert(canary++, seat);
        }
        bool isApart = job.Plan.WaveSize > 1 && rules.Canary < job.Seats.Count;
        job.Plan = job.Plan with { Workers = job.Seats.Count, Canary = isApart ? rules.Canary : 0 };
    }

    /// <summary>A worker of the canary failed: no other begins.</summary>
    private bool IsHeldBack(Job job)
    {
        if (job.Rollout is not { } rules || job.Failures == 0 || job.Runs.Count > rules.Canary) return false;
        Halt(job, $"it was not started: {job.Failures} of the first {job.Runs.Count} workers failed");
        return true;
    }

    private void CountFailure(Job job)
    {
        job.Failures++;
        if (job.Rollout!.IsOver(job.Failures, job.Plan.Workers))
            Halt(job, $"it was not started: {job.Failures} of {job.Plan.Workers} workers failed");
        else if (job.Lane.Service is { Algorithm: Core.Messages.Algorithm.Serial, OnFailure: OnFailure.Stop })
            Halt(job, "it was not started: the service stops at a failure");
    }

    /// <summary>Who has not begun never will, and what runs is ended.</summary>
    private void Halt(Job job, string why)
    {
        job.Ending = ErrorCode.Cancelled;
        job.Halt = why;
        StopAll(job, ErrorCode.Cancelled);
    }

    private static TriggerException NoneAttached(Lane lane) => new(ErrorCode.NotFound,
        $"none of the workers that were named is attached to service '{lane.Service.Name}'", null,
        $"triggerfs cli -c 'show services {lane.Service.Name}'");
}
