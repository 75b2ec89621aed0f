using System.Globalization;

namespace TriggerFs.Tests.EndToEnd.Attack;

/// <summary>How long the attacks go on, and from which seed: short unless somebody asks for more.</summary>
static class Soak
{
    /// <summary>TRIGGERFS_SOAK_SECONDS, for each attack.</summary>
    public static TimeSpan Duration(int secondsDefault) =>
        TimeSpan.FromSeconds(Number("TRIGGERFS_SOAK_SECONDS") ?? secondsDefault);

    /// <summary>TRIGGERFS_SOAK_SEED, else a new one; the test prints it.</summary>
    public static int Seed() => Number("TRIGGERFS_SOAK_SEED") ?? Random.Shared.Next();

    public static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number)
            ? number : null;
}
