namespace TriggerFs.Broker.Mail;

/// <summary>That the broker shall end.</summary>
/// <param name="InMs">In so many milliseconds; null for not at all.</param>
readonly record struct ShutdownOrder(long? InMs);

/// <summary>When the broker ends because an operator said so. A broker that is started again knows of none.</summary>
sealed class ShutdownTimer(Surroundings around)
{
    private long _atMs = long.MaxValue;

    public void Set(ShutdownOrder order) => _atMs = order.InMs is { } ms ? around.NowMs + ms : long.MaxValue;

    public void Tick()
    {
        if (around.NowMs < _atMs) return;
        _atMs = long.MaxValue;
        around.Effects.Shutdown();
    }
}
