using TriggerFs.Broker;

namespace TriggerFs.Tests.Broker.State;

/// <summary>What must hold when nothing is under way any more: no table has anything left in it.</summary>
static class Tidy
{
    public static void Check(Scene scene) => Check(scene.State);

    public static void Check(BrokerState state)
    {
        BrokerLoad load = state.Load;
        Assert.Equal(default, load);
    }
}
