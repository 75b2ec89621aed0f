using System.Text;
using TriggerFs.Broker.Dispatch;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Jobs;

/// <summary>
/// Lets requests begin as far as max-inflight of their service and of their trigger allows. What becomes of the others,
/// and of those for which every worker is busy, is what on-busy says; a sender who is there always learns it.
/// </summary>
sealed class Admission(Inflight inflight, JobFlow flow)
{
    /// <summary>Why a request is not taken; null when it is, now or as soon as there is room.</summary>
    public TriggerException? Judge(Lane lane, TriggerRoute? route, Demand demand)
    {
        Delivery delivery = route?.Delivery ?? lane.Service.Delivery;
        if (delivery.OnBusyOrDefault == OnBusy.Queue || !IsBusy(lane, route, demand)) return null;
        if (delivery.OnBusyOrDefault == OnBusy.Replace)
        {
            Replace(lane, route?.Node.Id ?? default);
            return null;
        }
        string what = route is null ? $"service '{lane.Service.Name}'"
            : $"trigger '{Encoding.UTF8.GetString(route.Path)}'";
        return new(ErrorCode.Busy, $"{what} is busy",
            $"{lane.Inflight} requests are under way, and none may wait (on-busy "
                + $"{(delivery.OnBusyOrDefault == OnBusy.Drop ? "drop" : "reject")})", "try again later");
    }

    /// <summary>What a job of a trigger takes over from its rules.</summary>
    public static void Mark(Job job, TriggerRoute route)
    {
        job.Trigger = route.Node.Id;
        job.TriggerMax = route.Delivery.MaxInflight;
        job.Priority = route.Delivery.PriorityOrDefault;
    }

    /// <summary>Begins a job whose lane, content and deadline are set, or lets it wait for room.</summary>
    public void Enter(Job job)
    {
        if (job.Lane.Held.Count == 0 ? inflight.HasRoom(job.Lane, job.Trigger, job.TriggerMax) : MayPass(job))
            flow.Begin(job);
        else flow.Hold(job);
    }

    /// <summary>There may be room in a lane: requests that wait for it begin.</summary>
    public void LetIn(Lane lane)
    {
        while (inflight.Release(lane) is { } job) flow.Begin(job);
    }

    /// <summary>Others wait for a trigger of their own, while the service has room.</summary>
    private bool MayPass(Job job)
    {
        if (!inflight.HasRoom(job.Lane, job.Trigger, job.TriggerMax)) return false;
        foreach (Job held in job.Lane.Held)
            if (held.Trigger == job.Trigger) return false;
        return true;
    }

    private bool IsBusy(Lane lane, TriggerRoute? route, Demand demand)
    {
        if (!inflight.HasRoom(lane, route?.Node.Id ?? default, route?.Delivery.MaxInflight ?? 0)) return true;
        bool isLive = false;
        foreach (Seat seat in lane.Seats)
        {
            if (seat.IsReady(demand)) return false;
            isLive |= seat.IsLive;
        }
        return isLive;
    }

    /// <summary>Those that wait, of the same trigger or of the service itself, are told of a newer one.</summary>
    private void Replace(Lane lane, NodeId trigger)
    {
        Job[] waiting =
        [
            .. lane.Held.Where(job => job.Trigger == trigger),
            .. lane.Waiting.Runs.Select(run => run.Job!)
                .Where(job => job.Trigger == trigger && job.Entry is null && !job.IsReached),
        ];
        foreach (Job job in waiting)
            flow.Refuse(job, new(ErrorCode.Cancelled, "the request was replaced by a newer one",
                "it waited, and the newest is carried out (on-busy replace)"));
    }
}
