using System.Diagnostics;

namespace TriggerFs.Tests;

/// <summary>
/// Rounds of a fuzz test, each from a seed of its own: always the same, and not many, by default; with
/// <c>TRIGGERFS_FUZZ_SECONDS</c> from a new seed on, and for so long. A failure names the seed of its round.
/// </summary>
static class Fuzz
{
    private const int FirstSeed = 20180430;

    /// <summary>Runs the rounds; returns their number.</summary>
    /// <param name="usual">How many there are by default.</param>
    public static long Rounds(int usual, Action<Random> round)
    {
        string? wanted = Environment.GetEnvironmentVariable("TRIGGERFS_FUZZ_SECONDS");
        TimeSpan time = TimeSpan.FromSeconds(int.TryParse(wanted, out int seconds) ? seconds : 0);
        int first = wanted is null ? FirstSeed : Random.Shared.Next(int.MaxValue / 2);
        var clock = Stopwatch.StartNew();
        long done = 0;
        while (wanted is null ? done < usual : clock.Elapsed < time)
        {
            int seed = first + (int)(done++ % (int.MaxValue / 2));
            try
            {
                round(new Random(seed));
            }
            catch (Exception problem)
            {
                Assert.Fail($"seed {seed}: {problem}");
            }
        }
        return done;
    }

    public static T Pick<T>(this Random random, IReadOnlyList<T> from) => from[random.Next(from.Count)];

    /// <summary>Bytes that differ from some, in a few places.</summary>
    public static byte[] Mutate(this Random random, ReadOnlySpan<byte> bytes) =>
        [.. Mutate(random, [.. bytes], static random => random.Next(4) switch
        {
            0 => (byte)0xff,
            1 => (byte)0,
            2 => (byte)random.Next(' ', 0x7f),
            _ => (byte)random.Next(256),
        })];

    /// <summary>A text that differs from another, in a few places.</summary>
    /// <param name="letters">What may be put in.</param>
    public static string Mutate(this Random random, string text, string letters) =>
        new([.. Mutate(random, [.. text], random => letters[random.Next(letters.Length)])]);

    private static List<T> Mutate<T>(Random random, List<T> list, Func<Random, T> any)
    {
        for (int change = random.Next(5); change > 0; change--)
        {
            int at = random.Next(list.Count + 1), length = random.Next(Math.Min(20, list.Count - at) + 1);
            switch (random.Next(6))
            {
                case 0: list.Insert(at, any(random)); break;
                case 1: list.RemoveRange(at, length); break;
                case 2: list.InsertRange(at, list.GetRange(at, length)); break;
                case 3: list.InsertRange(random.Next(list.Count + 1), list.GetRange(at, length)); break;
                case 4 when random.Next(4) == 0: list.RemoveRange(at, list.Count - at); break;
                default: if (at < list.Count) list[at] = any(random); break;
            }
        }
        return list;
    }
}
