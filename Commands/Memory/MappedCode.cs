using System.Globalization;

namespace TriggerFs.Commands.Memory;

/// <summary>Where the code of a program is in its memory, as proc_pid_maps(5) shows it.</summary>
/// <param name="Start">The address of its first byte; 0 when it was not found.</param>
/// <param name="Length">Bytes.</param>
readonly record struct MappedCode(nuint Start, nuint Length)
{
    // 55a3af079000-55a3afaf8000 r-xp 0008e000 fe:00 5382197                    /usr/bin/triggerfs
    private const int PathField = 5;

    /// <summary>Finds the one mapping of a file that may be executed and never written.</summary>
    public static MappedCode Find(IEnumerable<string> maps, string? program)
    {
        foreach (string line in maps)
        {
            string[] fields = line.Split(' ', PathField + 1, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > PathField && fields[1] == "r-xp" && fields[PathField] == program)
                return Between(fields[0].Split('-'));
        }
        return default;
    }

    private static MappedCode Between(string[] addresses)
    {
        nuint start = Address(addresses[0]);
        return new(start, Address(addresses[1]) - start);
    }

    private static nuint Address(string hex) => nuint.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
