using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace TriggerFs.Tests;

/// <summary>
/// Rounds of a fuzz test, each from a seed of its own: always the same, and not many, by default; with
/// <c>TRIGGERFS_FUZZ_SECONDS</c> from a new seed on (or from <c>TRIGGERFS_FUZZ_SEED</c>), and for so long. A failure
/// names the seed of its round. What once failed is kept in <c>tests/Corpus</c> and tried first, each time.
/// </summary>
static class Fuzz
{
    private const int FirstSeed = 20180430;

    private static readonly string Corpus = Path.Join(Repository.Sources.Root, "tests", "Corpus");

    /// <summary>How long each fuzz test goes on; null for its usual number of rounds.</summary>
    public static TimeSpan? Time { get; } =
        Number("TRIGGERFS_FUZZ_SECONDS") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>The seed of the first round.</summary>
    public static int First => Number("TRIGGERFS_FUZZ_SEED")
        ?? (Time is null ? FirstSeed : Random.Shared.Next(int.MaxValue / 2));

    /// <summary>
    /// Runs the rounds: first those whose seeds are in the corpus, then others, and a seed that fails goes into it.
    /// Returns their number.
    /// </summary>
    /// <param name="corpus">The name of its folder.</param>
    /// <param name="usual">How many there are by default.</param>
    public static long Rounds(string corpus, int usual, Action<Random> round)
    {
        string file = Path.Join(Corpus, corpus, "seeds");
        foreach (string line in File.Exists(file) ? File.ReadAllLines(file) : [])
            round(new Random(int.Parse(line, CultureInfo.InvariantCulture)));
        return Rounds(usual, seed =>
        {
            try
            {
                round(new Random(seed));
            }
            catch
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.AppendAllText(file, $"{seed}\n");
                throw;
            }
        });
    }

    /// <summary>
    /// The same for a parser of bytes, whose input says all: the corpus has inputs, not seeds, which mean the same
    /// however inputs are made.
    /// </summary>
    /// <param name="corpus">The name of its folder.</param>
    /// <param name="usual">How many there are by default.</param>
    /// <param name="parse">The same input is always treated the same.</param>
    public static long Inputs(string corpus, int usual, Func<Random, byte[]> make, Action<byte[]> parse)
    {
        string folder = Path.Join(Corpus, corpus);
        foreach (string file in Directory.Exists(folder) ? Directory.GetFiles(folder) : [])
            parse(File.ReadAllBytes(file));
        return Rounds(usual, seed =>
        {
            byte[] input = make(new Random(seed));
            try
            {
                parse(input);
            }
            catch
            {
                Directory.CreateDirectory(folder);
                string name = Convert.ToHexStringLower(SHA256.HashData(input).AsSpan(0, 8));
                File.WriteAllBytes(Path.Join(folder, name), input);
                throw;
            }
        });
    }

    private static long Rounds(int usual, Action<int> round)
    {
        int first = First;
        var clock = Stopwatch.StartNew();
        long done = 0;
        while (Time is { } time ? clock.Elapsed < time : done < usual)
        {
            int seed = first + (int)(done++ % (int.MaxValue / 2));
            try
            {
                round(seed);
            }
            catch (Exception problem)
            {
                Assert.Fail($"seed {seed}, kept in tests/Corpus: {problem}");
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

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number)
            ? number : null;

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
