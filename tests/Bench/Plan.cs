using System.Globalization;

namespace TriggerFs.Bench;

/// <summary>What is measured, and how long.</summary>
/// <param name="Binary">The native triggerfs that is measured.</param>
/// <param name="Sections">Letters: (a) request/reply, (b) running a command, (c) memory, start-up and size,
/// (d) files of a mount, (e) durable messages, (f) plugins, (g) many clients and workers, (h) a thousand workers,
/// (i) encryption by CPU features, (j) beside a flood.</param>
/// <param name="Peers">The peers of (a), (e), (g) and (j), by name; empty for all.</param>
sealed record Plan(
    string Binary, string Sections, int Rounds, TimeSpan WarmUp, TimeSpan Measure, Cell[] Cells, string[] Peers)
{
    private static readonly Cell[] All =
    [
        new(16, 1), new(16, 64), new(16, 512),
        new(1024, 1), new(1024, 64), new(1024, 512),
        new(65536, 1), new(65536, 64), new(65536, 512),
    ];

    public bool Has(char section) => Sections.Contains(section);

    public bool HasPeer(string name) => Peers is [] || Peers.Contains(name);

    public static Plan Parse(string[] args)
    {
        var plan = new Plan(
            "out/linux-x64/triggerfs", "abcdefghij", 5, Seconds(0.25), Seconds(0.75), All, []);
        for (int i = 0; i < args.Length; i++)
        {
            plan = args[i] switch
            {
                "--triggerfs" => plan with { Binary = args[++i] },
                "--only" => plan with { Sections = args[++i] },
                "--rounds" => plan with { Rounds = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--peers" => plan with { Peers = args[++i].Split(',') },
                "--cells" => plan with { Cells = [.. args[++i].Split(',').Select(Cell.Parse)] },
                "--quick" => plan with { Rounds = 1, WarmUp = Seconds(0.2), Measure = Seconds(0.4) },
                _ => throw new ArgumentException($"'{args[i]}' is not known: --triggerfs FILE, --quick,"
                    + " --only abcdefghij, --rounds N, --peers triggerfs,nats,netmq,relay, --cells 16x1,1024x64"),
            };
        }
        return plan with { Binary = Path.GetFullPath(plan.Binary) };
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}

/// <summary>One measurement: a payload's size in bytes, and how many requests are under way at once.</summary>
readonly record struct Cell(int Size, int Outstanding)
{
    public static Cell Parse(string text)
    {
        int[] numbers = [.. text.Split('x').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
        return new(numbers[0], numbers[1]);
    }

    public override string ToString() => $"{Size}x{Outstanding}";
}

/// <summary>What a cell came to: answers per second, and latencies in µs.</summary>
readonly record struct Result(Cell Cell, double PerSecond, double P50, double P99, double P999)
{
    /// <summary>A line from a child to its parent.</summary>
    public string Line() => string.Create(
        CultureInfo.InvariantCulture, $"RESULT {Cell} {PerSecond:F1} {P50:F2} {P99:F2} {P999:F2}");

    public static Result Parse(string line)
    {
        string[] parts = line.Split(' ');
        double At(int index) => double.Parse(parts[index], CultureInfo.InvariantCulture);
        return new(Cell.Parse(parts[1]), At(2), At(3), At(4), At(5));
    }

    /// <summary>What several did at once: the sum of their rates, and the medians of their latencies.</summary>
    public static Result Together(IReadOnlyList<Result> all) =>
        Median(all) with { PerSecond = all.Sum(result => result.PerSecond) };

    /// <summary>The median of each figure.</summary>
    public static Result Median(IReadOnlyList<Result> rounds)
    {
        double Of(Func<Result, double> figure) => rounds.Select(figure).Order().ElementAt(rounds.Count / 2);
        return new(rounds[0].Cell, Of(r => r.PerSecond), Of(r => r.P50), Of(r => r.P99), Of(r => r.P999));
    }
}
