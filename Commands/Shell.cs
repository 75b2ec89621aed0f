namespace TriggerFs.Commands;

/// <summary>Text that people copy into a shell.</summary>
static class Shell
{
    /// <summary>A word as a shell reads it back, in quotes only where it needs them.</summary>
    public static string Quote(string word)
    {
        return word.Length > 0 && word.All(IsPlain) ? word : $"'{word.Replace("'", "'\\''")}'";
    }

    private static bool IsPlain(char letter) => char.IsAsciiLetterOrDigit(letter) || "-_./:@%+=,".Contains(letter);
}
