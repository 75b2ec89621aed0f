using TriggerFs.Bench.Peers;

namespace TriggerFs.Bench;

/// <summary>(a) Request/reply through a broker.</summary>
static class RequestReply
{
    public static Task RunAsync(Plan plan) => new PeerTable(
        plan,
        plan.Cells,
        [
            ("relay", () => new RelayPeer()),
            ("triggerfs", () => new TriggerFsPeer(plan.Binary)),
            ("nats", () => new NatsPeer()),
            ("netmq", () => new NetMqPeer()),
        ],
        isFresh: false).RunAsync("(a) Request/reply through a broker, encrypted but for the relay");
}
