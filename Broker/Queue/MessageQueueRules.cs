using System.Text;
using TriggerFs.Broker.Dispatch;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Queue;

/// <summary>What the settings of triggers and services make of messages that wait: unique, on-busy, ttl.</summary>
sealed partial class MessageQueue
{
    /// <summary>
    /// Of a trigger whose messages are unique: one that is equal to another that waits is that one. True when it is.
    /// </summary>
    private bool Coalesce(QueueEntry entry)
    {
        if (!around.Roster.TryFindRoute(entry.Message.Trigger, out TriggerRoute? route)) return false;
        if (route.Delivery.Unique != true || !entry.Trigger!.TryFindEqual(entry, out QueueEntry? equal)) return false;
        StandForOthers(equal);
        if (equal.Audience is null && entry.Audience is { } audience)
        {
            (equal.Audience, equal.Request, entry.Audience) = (audience, entry.Request, null);
            audience.Heard[equal.Request] = equal;
        }
        Tell(entry, new(ErrorCode.Exists, "an equal message waits already",
            "messages of this trigger are unique; its answer is told to whoever sent the first"));
        Drop(entry);
        return true;
    }

    /// <summary>
    /// A run of it that may have begun before is no answer to the others, nor is it to the broker after this one.
    /// </summary>
    private void StandForOthers(QueueEntry equal)
    {
        equal.StandsForOthers = true;
        if (equal.Message is not { Attempt: > 1, DueUnixMs: 0 }) return;
        equal.Message = equal.Message with { DueUnixMs = UnixMs };
        Intake.Note(new Change.PutMessage(equal.Message));
    }

    /// <summary>
    /// A message that came now and could not start. While no worker is there it is not busy: the first one waits.
    /// </summary>
    private void JudgeBusy(QueueEntry entry)
    {
        around.Roster.TryFindRoute(entry.Message.Trigger, out TriggerRoute? route);
        OnBusy rule = route?.Delivery.OnBusyOrDefault ?? OnBusy.Queue;
        if (rule == OnBusy.Queue) return;
        bool isBusy = entry.Trigger!.Count > 1
            || (!IsHeld && route!.Service is { } service && lanes.Of(service).HasLive);
        if (!isBusy) return;
        string trigger = $"trigger '{Encoding.UTF8.GetString(route!.Path)}'";
        switch (rule)
        {
            case OnBusy.Reject:
                StopWaiting(entry);
                GiveUp(entry,
                    new(ErrorCode.Busy, $"{trigger} was busy", "none of its messages may wait (on-busy reject)"));
                break;
            case OnBusy.Drop:
                LeaveOut(entry, new(ErrorCode.Busy, "the message was left out", $"{trigger} is busy (on-busy drop)"));
                break;
            case OnBusy.Replace:
                var newer = new TriggerException(ErrorCode.Cancelled, "the message was replaced by a newer one",
                    $"it waited, and the newest of {trigger} is carried out (on-busy replace)");
                // One that a worker may have begun before the broker started does not wait: it would be ended there.
                foreach (QueueEntry older in entry.Trigger.Waiting.Where(one => one != entry && !one.MayRun).ToArray())
                    LeaveOut(older, newer);
                break;
        }
    }

    private void LeaveOut(QueueEntry entry, TriggerException why)
    {
        Withdraw(entry, why);
        Intake.Note(new Change.DropMessage(entry.Message.Id));
    }

    private void Withdraw(QueueEntry entry, TriggerException why)
    {
        Log.MessageLeftOut(around.Log, entry.Message.Id, entry.Message.Trigger.Value, why.Message);
        Tell(entry, why);
        Leave(entry);
    }

    /// <summary>Why a message that waits is given up, because it is too old; null when it is not.</summary>
    private TriggerException? Expiry(QueueEntry entry)
    {
        around.Roster.TryFindRoute(entry.Message.Trigger, out TriggerRoute? route);
        long ttlMs = TtlMs(route);
        if (Age(entry.Message) < ttlMs) return null;
        return new(ErrorCode.TimedOut, "it had no answer in time",
            $"it may be {Duration.Print(TimeSpan.FromMilliseconds(ttlMs))} old (ttl)");
    }

    private long TtlMs(TriggerRoute? route) =>
        route?.Delivery.TtlMs is > 0 and var ttlMs ? ttlMs : (long)room.Options.LifeMax.TotalMilliseconds;

    /// <summary>
    /// Since it was written; since it was taken, when the clock on which it was written cannot have been right. A clock
    /// that is put right while the broker runs changes nothing.
    /// </summary>
    private long Age(QueuedMessage message)
    {
        long waitedMs = message.TakenUnixMs - message.WrittenUnixMs;
        bool isPlausible = waitedMs >= 0 && waitedMs <= (long)Limits.TtlMax.TotalMilliseconds;
        return around.Clock.AgeMs(isPlausible ? message.WrittenUnixMs : message.TakenUnixMs, around.Now);
    }

    /// <summary>The queue's clock.</summary>
    private long UnixMs => around.Clock.UnixMs(around.Now);

    /// <summary>
    /// When a message of the broker before this one has its next attempt: no later than after one more failure, by
    /// whatever clock that was said.
    /// </summary>
    private long DueUnixMs(QueuedMessage message)
    {
        around.Roster.TryFindRoute(message.Trigger, out TriggerRoute? route);
        long mostMs = Math.Max(NotTakenMs, (route?.Delivery.BackoffOrDefault ?? Backoff.Default).MaxMs);
        return Math.Min(message.DueUnixMs, UnixMs + mostMs);
    }
}
