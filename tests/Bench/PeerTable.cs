using System.Globalization;
using TriggerFs.Bench.Peers;

namespace TriggerFs.Bench;

/// <summary>Ours and the alternatives, in turn, round after round, and how they compare.</summary>
/// <param name="peers">
/// Names by which they are chosen, and how each is made. Ours are those whose name begins with triggerfs; the first of
/// them is what the others' ratios in the table are about.
/// </param>
/// <param name="isFresh">Whether each cell gets brokers of its own, as what one leaves would burden the next.</param>
sealed class PeerTable(Plan plan, Cell[] cells, (string Name, Func<IPeer> Make)[] peers, bool isFresh)
{
    private readonly Dictionary<(string Peer, Cell Cell), List<Result>> _results = [];
    private readonly List<string> _shown = [];
    private readonly SortedSet<string> _notes = new(StringComparer.Ordinal);

    public async Task RunAsync(string title)
    {
        Cell[] chosen = [.. cells.Intersect(plan.Cells)];
        Cell[][] runs = isFresh ? [.. chosen.Select(cell => new[] { cell })] : [chosen];
        for (int round = 0; round < plan.Rounds; round++)
            foreach (Cell[] run in runs)
                foreach ((string name, Func<IPeer> make) in peers)
                    if (plan.HasPeer(name)) await MeasureAsync(make(), run);
        Print(title);
    }

    private async Task MeasureAsync(IPeer peer, Cell[] run)
    {
        await using (peer)
        {
            if (!_shown.Contains(peer.Name)) _shown.Add(peer.Name);
            if (await StartAsync(peer) is { } missing)
            {
                _notes.Add($"{peer.Name}: skipped, {missing}");
                return;
            }
            (Result[] measured, string? failure) = await OwnProcess.AskAsync(peer.Client, plan, run);
            if (failure is not null)
                _notes.Add($"{peer.Name}: failed after {measured.Length} cells of a round: {failure}");
            foreach (Result result in measured)
            {
                if (!_results.TryGetValue((peer.Name, result.Cell), out List<Result>? rounds))
                    _results[(peer.Name, result.Cell)] = rounds = [];
                rounds.Add(result);
            }
        }
    }

    /// <summary>A peer that does not come up spoils its own cells, and not the whole run.</summary>
    private static async Task<string?> StartAsync(IPeer peer)
    {
        try
        {
            return await peer.StartAsync();
        }
        catch (Exception problem) when (problem is TimeoutException or InvalidOperationException)
        {
            return problem.Message;
        }
    }

    private void Print(string title)
    {
        Console.WriteLine($"\n## {title}\n");
        Console.WriteLine(
            "| payload × under way | peer | k/s | p50 µs | p99 µs | p99.9 µs | our rate × | our p50 × |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (Cell cell in cells)
        {
            Result? ours = Of("triggerfs", cell);
            foreach (string peer in _shown)
            {
                if (Of(peer, cell) is not { } result) continue;
                Print(peer, result, IsOurs(peer) ? null : ours);
                if (!IsOurs(peer)) Sum(title[..3], peer, result);
            }
        }
        foreach (string note in _notes) Console.WriteLine($"\n{note}");
    }

    private static bool IsOurs(string peer) => peer.StartsWith("triggerfs", StringComparison.Ordinal);

    /// <summary>One at a time shows what one takes; many show how many can be.</summary>
    private void Sum(string section, string peer, Result theirs)
    {
        foreach (string own in _shown.Where(IsOurs))
        {
            if (Of(own, theirs.Cell) is not { } ours) continue;
            string what = $"{section} {ours.Cell.Size} B × {ours.Cell.Outstanding}{own["triggerfs".Length..]}";
            if (ours.Cell.Outstanding == 1) Summary.Add(what, "p50 µs", ours.P50, peer, theirs.P50);
            else Summary.Add(what, "k/s", ours.PerSecond / 1000, peer, theirs.PerSecond / 1000);
        }
    }

    private static void Print(string peer, Result result, Result? ours)
    {
        string ratios = ours is { } own
            ? string.Create(CultureInfo.InvariantCulture,
                $"{own.PerSecond / result.PerSecond:F2} | {own.P50 / result.P50:F2}")
            : " | ";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {result.Cell.Size} B × {result.Cell.Outstanding} | {peer} | {result.PerSecond / 1000:F1} "
            + $"| {result.P50:F0} | {result.P99:F0} | {result.P999:F0} | {ratios} |"));
    }

    private Result? Of(string peer, Cell cell) =>
        _results.TryGetValue((peer, cell), out List<Result>? rounds) ? Result.Median(rounds) : null;
}
