using System.Globalization;
using TriggerFs.Core;

namespace TriggerFs.Commands.Session;

/// <summary>What a request comes from, so that chains can be followed and circles end.</summary>
/// <param name="Hops">Runs that led to it: 0 for a person's own.</param>
/// <param name="Parent">The last of these runs; none where there is none, or it is not known.</param>
readonly record struct Origin(byte Hops, RunId Parent)
{
    /// <summary>Within a run of a plugin a request is the next of the chain that the run belongs to.</summary>
    public static Origin OfThisProcess()
    {
        if (Environment.GetEnvironmentVariable("TRIGGERFS_HOPS") is not { Length: > 0 } text) return default;
        bool isNumber = byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out byte hops);
        if (!isNumber || hops == byte.MaxValue)
            throw new TriggerException(ErrorCode.Settings, "TRIGGERFS_HOPS in the environment is not a number",
                "a worker sets it for its plugins", "leave it as it is, or unset it");
        string run = Environment.GetEnvironmentVariable("TRIGGERFS_RUN_ID") ?? "";
        _ = ulong.TryParse(run, NumberStyles.None, CultureInfo.InvariantCulture, out ulong parent);
        return new((byte)(hops + 1), new(parent));
    }
}
