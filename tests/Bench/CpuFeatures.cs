using System.Diagnostics;
using System.Globalization;
using TriggerFs.Transport;
using TriggerFs.Transport.Crypto;

namespace TriggerFs.Bench;

/// <summary>
/// (i) The encryption, which alone has a path for each width of vectors, with those of this CPU and with narrower ones:
/// what is chosen at run time where a feature is missing. "Not here" is what this CPU has not, or what no program can
/// choose that was not made for it (README.md).
/// </summary>
static class CpuFeatures
{
    private static readonly (string Name, int Lanes)[] Widths =
    [
        ("AVX-512", 16), ("AVX2 (AVX-512 off)", 8), ("SSE2, or NEON (AVX2 off, too)", 4),
    ];

    private static readonly int[] Sizes = [16, 1024, 65536];

    public static void Run(Plan plan)
    {
        var results = new Dictionary<(int Lanes, int Size), List<double>>();
        for (int round = 0; round < plan.Rounds; round++)
            foreach (int size in Sizes)
                foreach ((_, int lanes) in Widths)
                    if (lanes <= Salsa20.Lanes) Of(lanes, size).Add(Measure(lanes, size, plan.Measure / 5));
        Console.WriteLine("\n## (i) Encryption by CPU features: a message sealed and opened, one CPU, k/s\n");
        Console.WriteLine($"| | {string.Join(" | ", Sizes.Select(size => $"{size} B"))} |");
        Console.WriteLine($"|---|{string.Concat(Sizes.Select(_ => "---|"))}");
        foreach ((string name, int lanes) in Widths)
            Console.WriteLine($"| {name} | {string.Join(" | ", Sizes.Select(size => Show(Of(lanes, size))))} |");

        List<double> Of(int lanes, int size) =>
            results.TryGetValue((lanes, size), out List<double>? its) ? its : results[(lanes, size)] = [];
    }

    private static string Show(List<double> perSecond) => perSecond.Count == 0 ? "not here"
        : (perSecond.Order().ElementAt(perSecond.Count / 2) / 1000).ToString("F1", CultureInfo.InvariantCulture);

    /// <summary>Messages a second.</summary>
    private static double Measure(int lanes, int size, TimeSpan time)
    {
        KeyPair one = KeyPair.Generate(), other = KeyPair.Generate();
        var box = Box.FromKeys(one.Secret, other.Public);
        MessageBox sealing = new(box, "CurveZMQMESSAGEC"u8, lanes), opening = new(box, "CurveZMQMESSAGEC"u8, lanes);
        byte[] plain = new byte[size], boxed = new byte[size + MessageBox.Overhead];
        ulong count = 0;
        long begun = Stopwatch.GetTimestamp();
        do
        {
            sealing.Seal(count, plain, default, default, boxed);
            if (!opening.Open(count++, boxed, plain)) throw new InvalidOperationException("it does not open");
        }
        while (Stopwatch.GetElapsedTime(begun) < time);
        return count / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }
}
