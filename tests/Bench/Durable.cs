using TriggerFs.Bench.Fuse;
using TriggerFs.Bench.Peers;

namespace TriggerFs.Bench;

/// <summary>
/// (e) Messages that the broker has on its disk when it says so; nobody takes them yet. Ours waits for fsync, one for
/// all that come together; and with its queue synced every 100 ms. JetStream writes to a file and syncs it every two
/// minutes: a power cut loses what came since. mosquitto, told to save at each change, writes all that it holds to a
/// new file, behind its acknowledgement.
/// </summary>
static class Durable
{
    private static readonly Cell[] Cells = [new(16, 1), new(16, 64), new(16, 512), new(1024, 64), new(1024, 512)];

    public static async Task RunAsync(Plan plan)
    {
        await new PeerTable(
            // As what waits is kept in memory, too, no longer than that what was written ahead is moved several times.
            plan with { WarmUp = plan.WarmUp / 4 },
            Cells,
            [
                ("triggerfs", () => new DurablePeer(plan.Binary)),
                ("triggerfs-interval", () => new DurablePeer(plan.Binary, "interval 100ms")),
                ("nats", () => new JetStreamPeer()),
                ("mosquitto", () => new MosquittoPeer()),
            ],
            isFresh: true).RunAsync("(e) Durable messages taken, encrypted");
        await LiveMount.RunAsync(plan);
    }
}
