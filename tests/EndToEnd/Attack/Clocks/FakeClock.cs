namespace TriggerFs.Tests.EndToEnd.Attack.Clocks;

/// <summary>
/// The wall clock of a program, which can be set while it runs: libfaketime reads it from a file. Its steady clock goes
/// on as it does when a host's clock is set.
/// </summary>
sealed class FakeClock(string path)
{
    /// <summary>Where Debian's package has it; null when it is not there.</summary>
    private static readonly string? Library = Directory.Exists("/usr/lib")
        ? Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu*")
            .Select(folder => Path.Combine(folder, "faketime/libfaketimeMT.so.1")).FirstOrDefault(File.Exists)
        : null;

    public static bool IsThere => Library is not null;

    /// <summary>
    /// What a program is started through to have this clock. With libfaketime's "fix", for the glibc of 2013, every
    /// wait with a time would end at once.
    /// </summary>
    public string[] Through =>
    [
        "env", $"LD_PRELOAD={Library}", $"FAKETIME_TIMESTAMP_FILE={path}", "FAKETIME_DONT_FAKE_MONOTONIC=1",
        "FAKETIME_NO_CACHE=1", "FAKETIME_FORCE_MONOTONIC_FIX=0",
    ];

    /// <summary>Sets it: <c>+3600</c> is from the right time, <c>@1970-01-01 00:01:00</c> is a time.</summary>
    public FakeClock Set(string time)
    {
        File.WriteAllText(path + ".new", time + "\n");
        File.Move(path + ".new", path, overwrite: true); // Never half of it.
        return this;
    }
}
