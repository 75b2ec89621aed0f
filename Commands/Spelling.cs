namespace TriggerFs.Commands;

/// <summary>Finds what somebody may have meant.</summary>
static class Spelling
{
    /// <summary>The known words that are close to a mistyped one, closest first, at most three.</summary>
    public static IReadOnlyList<string> Close(string word, IEnumerable<string> known) =>
    [
        .. known
            .Select(candidate => (candidate, distance: Distance(word, candidate)))
            .Where(pair => pair.distance <= Math.Max(2, pair.candidate.Length / 3)
                && 2 * pair.distance <= Math.Max(word.Length, pair.candidate.Length))
            .OrderBy(pair => pair.distance)
            .Take(3)
            .Select(pair => pair.candidate),
    ];

    /// <summary>"did you mean 'a' or 'b'?" for a mistyped word, or null when nothing is close.</summary>
    public static string? Suggest(string word, IEnumerable<string> known) => Suggest(Close(word, known));

    /// <summary>The same for words that were chosen already.</summary>
    public static string? Suggest(IReadOnlyList<string> close) => close.Count == 0 ? null
        : $"did you mean {string.Join(" or ", close.Select(one => $"'{one}'"))}?";

    /// <summary>
    /// Levenshtein's distance: letters to insert, drop or replace. Long words are far from everything.
    /// </summary>
    private static int Distance(string a, string b)
    {
        if (a.Length > 64 || b.Length > 64) return int.MaxValue;
        Span<int> row = stackalloc int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++) row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
