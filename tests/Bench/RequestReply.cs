using System.Globalization;
using TriggerFs.Bench.Peers;

namespace TriggerFs.Bench;

/// <summary>(a) Request/reply through a broker: ours, and the alternatives, in turn, round after round.</summary>
static class RequestReply
{
    public static async Task RunAsync(Plan plan)
    {
        var results = new Dictionary<string, Dictionary<Cell, List<Result>>>();
        var notes = new SortedSet<string>(StringComparer.Ordinal);
        for (int round = 0; round < plan.Rounds; round++)
            foreach (Func<IPeer> make in Peers(plan))
                await MeasureAsync(plan, make(), results, notes);
        Print(plan, results, notes);
    }

    private static Func<IPeer>[] Peers(Plan plan)
    {
        (string Name, Func<IPeer> Make)[] all =
        [
            ("relay", () => new RelayPeer()), ("triggerfs", () => new TriggerFsPeer(plan.Binary)),
            ("nats", () => new NatsPeer()), ("netmq", () => new NetMqPeer()),
        ];
        return [.. all.Where(peer => plan.Peers is [] || plan.Peers.Contains(peer.Name)).Select(peer => peer.Make)];
    }

    private static async Task MeasureAsync(
        Plan plan, IPeer peer, Dictionary<string, Dictionary<Cell, List<Result>>> results, SortedSet<string> notes)
    {
        await using (peer)
        {
            if (await peer.StartAsync() is { } missing)
            {
                notes.Add($"{peer.Name}: skipped, {missing}");
                return;
            }
            if (!results.TryGetValue(peer.Name, out var cells)) results[peer.Name] = cells = [];
            (Result[] measured, string? failure) = await OwnProcess.AskAsync(peer.Client, plan);
            if (failure is not null)
                notes.Add($"{peer.Name}: failed after {measured.Length} cells of a round: {failure}");
            foreach (Result result in measured)
            {
                if (!cells.TryGetValue(result.Cell, out List<Result>? rounds)) cells[result.Cell] = rounds = [];
                rounds.Add(result);
            }
        }
    }

    private static void Print(
        Plan plan, Dictionary<string, Dictionary<Cell, List<Result>>> results, SortedSet<string> notes)
    {
        Console.WriteLine("\n## (a) Request/reply through a broker, encrypted but for the relay\n");
        Console.WriteLine(
            "| payload × under way | peer | k/s | p50 µs | p99 µs | p99.9 µs | our rate × | our p50 × |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (Cell cell in plan.Cells)
        {
            Result? ours = Of("triggerfs", cell);
            foreach (string peer in results.Keys)
            {
                if (Of(peer, cell) is not { } result) continue;
                string ratios = ours is { } own && peer != "triggerfs"
                    ? string.Create(CultureInfo.InvariantCulture,
                        $"{own.PerSecond / result.PerSecond:F2} | {own.P50 / result.P50:F2}")
                    : " | ";
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {cell.Size} B × {cell.Outstanding} | {peer} | {result.PerSecond / 1000:F1} | {result.P50:F0} "
                    + $"| {result.P99:F0} | {result.P999:F0} | {ratios} |"));
            }
        }
        foreach (string note in notes) Console.WriteLine($"\n{note}");

        Result? Of(string peer, Cell cell) =>
            results.TryGetValue(peer, out var cells) && cells.TryGetValue(cell, out List<Result>? rounds)
                ? Result.Median(rounds) : null;
    }
}
