using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>What a statement does.</summary>
enum Verb : byte
{
    Show = 1,
    Create = 2,
    Delete = 3,
    Set = 4,
    Add = 5,
    Remove = 6,
    Rename = 7,

    /// <summary>Has something done that is no property of a thing.</summary>
    Request = 8,

    /// <summary>Makes another one that is like it.</summary>
    Copy = 9,

    /// <summary>Sets a counter back.</summary>
    Clear = 10,

    /// <summary>Shows what happens, as it happens, until the statement is cancelled.</summary>
    Monitor = 11,
}

/// <summary>What a statement is about.</summary>
enum ObjectKind : byte
{
    Worker = 1,
    Service = 2,
    Trigger = 3,
    Directory = 4,
    User = 5,
    Team = 6,
    Session = 7,
    Job = 8,
    Version = 9,

    /// <summary>A node of the tree by its number, whichever kind it is: the mount's changes.</summary>
    Node = 10,

    /// <summary>What was changed, and refused, by whom.</summary>
    Audit = 11,

    /// <summary>How much teams may have.</summary>
    Plan = 12,

    /// <summary>The asker's own letters.</summary>
    Mailbox = 13,

    /// <summary>The broker itself.</summary>
    Broker = 14,

    /// <summary>An offer of a place in a team.</summary>
    Invitation = 15,

    /// <summary>Who may make an account, with which code.</summary>
    Signup = 16,

    /// <summary>The revisions of the team's configuration.</summary>
    Revision = 17,

    /// <summary>All of a team that statements have made, as the statements that would make it again.</summary>
    Configuration = 18,

    /// <summary>Messages of asynchronous triggers that were given up.</summary>
    DeadLetter = 19,

    /// <summary>What workers have to run, as they say.</summary>
    Plugin = 20,

    /// <summary>Messages of asynchronous triggers that have no answer yet.</summary>
    Queue = 21,
}

/// <summary>
/// One statement of the console or one change of the tree, for which the grammar is on the sender's side. The broker
/// answers with Listing (Show, Monitor), Done, or Refused.
/// </summary>
/// <remarks>u64 id | u8 verb | u8 kind | text name | text property | u16 count | count × text value</remarks>
sealed record Manage(
    RequestId Id, Verb Verb, ObjectKind Kind, string Name, string Property, IReadOnlyList<string> Values)
{
    /// <summary>
    /// Whether it changes a team's configuration: what <see cref="Commit"/> may have, and revisions are made of.
    /// </summary>
    public bool ChangesConfiguration =>
        Verb is Verb.Create or Verb.Delete or Verb.Set or Verb.Add or Verb.Remove or Verb.Rename or Verb.Copy
        && Kind is ObjectKind.Worker or ObjectKind.Service or ObjectKind.Trigger or ObjectKind.Directory
            or ObjectKind.Node;

    public static Manage Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return ReadBody(ref wire, new(wire.UInt64()));
    }

    /// <summary>Reads what stands behind the id.</summary>
    public static Manage ReadBody(scoped ref WireReader wire, RequestId id)
    {
        return new(
            id,
            wire.OneOf(last: Verb.Monitor, first: Verb.Show),
            wire.OneOf(last: ObjectKind.Queue, first: ObjectKind.Worker),
            wire.Text(),
            wire.Text(),
            ReadValues(ref wire));
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Manage);
        wire.UInt64(Id.Value);
        WriteBody(wire);
    }

    /// <summary>Writes what stands behind the id.</summary>
    public void WriteBody(WireWriter wire)
    {
        wire.UInt8((byte)Verb);
        wire.UInt8((byte)Kind);
        wire.Text(Name);
        wire.Text(Property);
        wire.Count(Values.Count, Limits.ValuesMax);
        foreach (string value in Values) wire.Text(value);
    }

    private static string[] ReadValues(scoped ref WireReader wire)
    {
        string[] values = new string[wire.Count(Limits.ValuesMax, sizeMin: 2)];
        for (int i = 0; i < values.Length; i++) values[i] = wire.Text();
        return values;
    }
}
