using System.Globalization;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// The numbers of users and groups. Names are read from the files of this host: a static program has no NSS, and
/// mount(8) has turned names of other sources into numbers before it calls us.
/// </summary>
static class Accounts
{
    /// <summary>The number of a user that is named or numbered; null for one that is not known here.</summary>
    public static uint? User(string text) => Number(text, "/etc/passwd");

    /// <summary>The number of a group that is named or numbered; null for one that is not known here.</summary>
    public static uint? Group(string text) => Number(text, "/etc/group");

    /// <summary>The third field of the line whose first is the name (passwd(5), group(5)). -1 is nobody's.</summary>
    private static uint? Number(string text, string file)
    {
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number))
            return number == uint.MaxValue ? null : number;
        try
        {
            string? line = File.ReadLines(file).FirstOrDefault(
                line => line.StartsWith(text + ":", StringComparison.Ordinal));
            return text.Length > 0 && line?.Split(':') is [_, _, var field, ..] ? Number(field, file) : null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
