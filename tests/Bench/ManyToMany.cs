using TriggerFs.Bench.Peers;

namespace TriggerFs.Bench;

/// <summary>(g) Request/reply between many clients and many workers that share the work.</summary>
static class ManyToMany
{
    private const int Workers = 100, Clients = 10;

    private static readonly Cell[] Cells = [new(16, 1), new(16, 64), new(1024, 64)];

    public static Task RunAsync(Plan plan) => new PeerTable(
        plan,
        Cells,
        [
            ("triggerfs", () => new TriggerFsFleet(plan.Binary, Workers, Clients)),
            ("nats", () => new NatsPeer(Workers, Clients)),
        ],
        isFresh: false).RunAsync(
            $"(g) {Workers} workers and {Clients} clients, a process for each side, encrypted; per client");
}
