using System.Globalization;

namespace TriggerFs.Commands.Memory;

/// <summary>
/// Where a program's code and constants are in its memory, as proc_pid_smaps(5) shows it: parts of its file that are
/// never written and hold nothing of their own, so that each page can be had again from the file.
/// </summary>
/// <param name="Start">The address of the first byte.</param>
/// <param name="Length">Bytes.</param>
readonly record struct FilePages(nuint Start, nuint Length)
{
    // 55a3af079000-55a3afaf8000 r-xp 0008e000 fe:00 5382197                    /usr/bin/triggerfs
    // …
    // Anonymous:             0 kB
    private const int PathField = 5;

    public static List<FilePages> Find(IEnumerable<string> smaps, string? program)
    {
        List<FilePages> found = [];
        FilePages? mapping = null;
        foreach (string line in smaps)
        {
            string[] fields = line.Split(' ', PathField + 1, StringSplitOptions.RemoveEmptyEntries);
            if (fields[0].Contains('-', StringComparison.Ordinal)) mapping = Of(fields, program);
            // What the loader has put right in its copy is not in the file.
            else if (mapping is { } clean && fields is ["Anonymous:", "0", "kB"]) found.Add(clean);
        }
        return found;
    }

    private static FilePages? Of(string[] fields, string? program)
    {
        if (fields.Length <= PathField || fields[PathField] != program) return null;
        if (fields[1] is not ("r-xp" or "r--p")) return null;
        string[] addresses = fields[0].Split('-');
        nuint start = Address(addresses[0]);
        return new(start, Address(addresses[1]) - start);
    }

    private static nuint Address(string hex) => nuint.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
