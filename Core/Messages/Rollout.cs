using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>How carefully a request goes to the workers of a mirrored or serial service.</summary>
/// <param name="Canary">Workers that must do it well before the others begin; 0 for none.</param>
/// <param name="FailuresMax">
/// Workers that may fail: one more, and no other begins and what runs is ended. <see cref="AnyFailures"/> for any.
/// </param>
/// <param name="IsPercent">The failures are in percent of the workers that it goes to.</param>
/// <param name="Only">The workers of the service that it goes to; none for all of them.</param>
sealed record RolloutRules(int Canary, int FailuresMax, bool IsPercent, IReadOnlyList<string> Only)
{
    /// <summary>Goes on whatever fails.</summary>
    public const int AnyFailures = ushort.MaxValue;

    /// <summary>Whether so many failures are too many.</summary>
    public bool IsOver(int failures, int workers) => FailuresMax != AnyFailures
        && (IsPercent ? failures * 100L > FailuresMax * (long)workers : failures > FailuresMax);
}

/// <summary>
/// A <see cref="Request"/> that goes to some workers first, or to some alone, and stops when too many fail.
/// </summary>
/// <remarks>
/// u16 canary | u16 failures | flag percent | u16 count | count × name worker | u64 id | u8 flags | u8 hops |
/// u64 parent, with HasParent | u32 timeout in ms | text service | text plugin | args | u32 length, payload
/// </remarks>
ref struct Rollout
{
    public RolloutRules Rules;
    public Request Request;

    public static Rollout Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        int canary = wire.UInt16(), failures = wire.UInt16();
        bool isPercent = wire.Flag();
        string[] only = new string[wire.Count(Limits.WorkersPerServiceMax, sizeMin: 1)];
        for (int i = 0; i < only.Length; i++) only[i] = wire.NameText();
        return new() { Rules = new(canary, failures, isPercent, only), Request = Request.ReadFields(ref wire) };
    }

    /// <summary>Writes all but the payload, which is sent as the message's body.</summary>
    public readonly void WriteHead(WireWriter wire)
    {
        wire.Begin(MessageKind.Rollout);
        wire.UInt16((ushort)Rules.Canary);
        wire.UInt16((ushort)Rules.FailuresMax);
        wire.Flag(Rules.IsPercent);
        wire.Count(Rules.Only.Count, Limits.WorkersPerServiceMax);
        foreach (string worker in Rules.Only) wire.Name(worker);
        Request.WriteFields(wire);
    }
}
