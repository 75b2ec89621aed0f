using System.Globalization;

namespace TriggerFs.Tests.EndToEnd.Attack;

/// <summary>
/// What was really carried out, as the commands themselves wrote it down, a line each: <c>trigger number attempt</c>.
/// </summary>
sealed class Executions(string path)
{
    /// <summary>The command that writes down that it was carried out.</summary>
    public string Command(string trigger, int number) =>
        $"echo {trigger} {number.ToString(CultureInfo.InvariantCulture)} $TRIGGERFS_ATTEMPT >> {path}";

    public (string Trigger, int Number, int Attempt)[] Read() => !File.Exists(path) ? []
    : [
        .. File.ReadAllLines(path).Select(line => line.Split(' ')).Where(words => words.Length == 3).Select(words =>
            (words[0], Number(words[1]), Number(words[2]))),
    ];

    /// <summary>Waits until all that was accepted is carried out, as long as that goes on.</summary>
    public async Task AwaitAsync(IReadOnlyDictionary<string, List<int>> accepted, string story)
    {
        while (Missing(accepted) is { Length: > 0 } missing)
        {
            await Site.UntilAsync(
                () => Task.FromResult(Missing(accepted).Length < missing.Length),
                $"{story}: {missing.Length} accepted and not carried out: {string.Join(", ", missing.Take(10))}",
                TimeSpan.FromSeconds(120));
        }
    }

    /// <summary>None was invented, and a second time has a higher attempt; first attempts are in their order.</summary>
    public void Check(IReadOnlyDictionary<string, int> lastWritten, string story)
    {
        foreach (var trigger in Read().GroupBy(run => run.Trigger))
        {
            Assert.All(trigger, run => Assert.InRange(run.Number, 1, lastWritten[run.Trigger]));
            int[] first = [.. trigger.Where(run => run.Attempt == 1).Select(run => run.Number)];
            Assert.True(first.Distinct().Count() == first.Length, $"{story}: a first attempt was made twice");
            Assert.True(first.SequenceEqual(first.Order()), $"{story}: out of order: {string.Join(' ', first)}");
        }
    }

    private string[] Missing(IReadOnlyDictionary<string, List<int>> accepted)
    {
        HashSet<(string, int)> done = [.. Read().Select(run => (run.Trigger, run.Number))];
        return [.. accepted.SelectMany(trigger => trigger.Value
            .Where(number => !done.Contains((trigger.Key, number))).Select(number => $"{trigger.Key} {number}"))];
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
