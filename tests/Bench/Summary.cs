using System.Globalization;

namespace TriggerFs.Bench;

/// <summary>The one table behind all others: ours, a peer (or what we aim at), and the ratio of both.</summary>
static class Summary
{
    private static readonly List<string> s_rows = [];

    /// <param name="what">The workload.</param>
    /// <param name="unit">Of both figures; where it is a time or memory, a ratio below 1 is good.</param>
    /// <param name="peer">The peer's name.</param>
    public static void Add(string what, string unit, double ours, string peer, double theirs) =>
        s_rows.Add(string.Create(CultureInfo.InvariantCulture,
            $"| {what} | {unit} | {Shown(ours)} | {peer} | {Shown(theirs)} | {ours / theirs:F2} |"));

    public static void Print()
    {
        if (s_rows.Count == 0) return;
        Console.WriteLine("\n## All\n\n| | | triggerFS | | peer | ratio |\n|---|---|---|---|---|---|");
        foreach (string row in s_rows) Console.WriteLine(row);
    }

    private static string Shown(double figure) =>
        figure.ToString(figure >= 100 ? "F0" : "F1", CultureInfo.InvariantCulture);
}
