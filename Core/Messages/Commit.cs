using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>What is to be done with some statements, or with a revision.</summary>
enum CommitAction : byte
{
    /// <summary>Say what the statements would change, and whether they could be done now.</summary>
    Check = 1,

    /// <summary>Do the statements, all or none of them.</summary>
    Store = 2,

    /// <summary>Let the revision stand that would be taken back by itself.</summary>
    Confirm = 3,

    /// <summary>Say what going back to a revision would change.</summary>
    CheckBack = 4,

    /// <summary>Go back to how all was at a revision.</summary>
    Back = 5,
}

/// <summary>
/// Statements that belong together: they are done together or not at all. A team's configuration has revisions,
/// numbered from 1, one for each change of it; <see cref="Base"/> is the newest one that the sender has seen, and what
/// others have changed since at the same places is a conflict. The broker answers with Listing (Check, CheckBack),
/// Done, or Refused.
/// </summary>
/// <remarks>
/// u64 id | u8 action | u64 base | u64 target (Back and CheckBack: the revision to go back to, 0 for the beginning) |
/// u32 time to confirm in ms, 0 for none needed | text comment | u16 count | count × (u8 verb | u8 kind | text name |
/// text property | u16 count | count × text value)
/// </remarks>
sealed record Commit(
    RequestId Id,
    CommitAction Action,
    long Base,
    long Target,
    uint ConfirmMs,
    string Comment,
    IReadOnlyList<Manage> Statements)
{
    public static Commit Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new(
            new(wire.UInt64()),
            wire.OneOf(last: CommitAction.Back, first: CommitAction.Check),
            (long)wire.UInt64(),
            (long)wire.UInt64(),
            wire.UInt32(),
            wire.Text(Limits.DescriptionMax),
            ReadStatements(ref wire));
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Commit);
        wire.UInt64(Id.Value);
        wire.UInt8((byte)Action);
        wire.UInt64((ulong)Base);
        wire.UInt64((ulong)Target);
        wire.UInt32(ConfirmMs);
        wire.Text(Comment);
        wire.Count(Statements.Count, Limits.CommitStatementsMax);
        foreach (Manage statement in Statements) statement.WriteBody(wire);
    }

    private static Manage[] ReadStatements(ref WireReader wire)
    {
        var statements = new Manage[wire.Count(Limits.CommitStatementsMax, sizeMin: 8)];
        for (int i = 0; i < statements.Length; i++) statements[i] = Manage.ReadBody(ref wire, default);
        return statements;
    }
}
