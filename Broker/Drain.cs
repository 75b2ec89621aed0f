using TriggerFs.Core;

namespace TriggerFs.Broker;

/// <summary>
/// The time before the broker stops in which nothing new is begun and what runs may end. What has not ended then is
/// taken up again by the next broker, or is said to be lost when there is none soon.
/// </summary>
sealed class Drain(Surroundings around)
{
    private long _endMs;

    public bool IsOn => around.IsDraining;

    public void Begin(TimeSpan max, int jobs)
    {
        around.IsDraining = true;
        _endMs = around.NowMs + (long)max.TotalMilliseconds;
        Log.Draining(around.Log, jobs, max.TotalSeconds);
    }

    /// <summary>The broker stops as soon as nothing is under way, or when the time is up.</summary>
    public void Tick(int underway)
    {
        if (around.IsDraining && (underway == 0 || around.NowMs >= _endMs)) around.Effects.Shutdown();
    }

    /// <summary>Why nothing new is taken.</summary>
    public static TriggerException Refusal() => new(ErrorCode.Busy, "the broker is about to stop",
        "what runs may end, and nothing new is begun", "send it again in a moment");
}
