namespace TriggerFs.Core.Ports;

/// <summary>
/// Where the file system hands over what programs wrote and what they want changed. Nothing here blocks: the kernel's
/// reader threads call it. What becomes of it is told from any thread, within the call or later.
/// </summary>
interface ITriggerSink
{
    /// <summary>
    /// Takes one message for a trigger; the payload is valid during the call only. <paramref name="message"/> is told
    /// what becomes of it, and stands for it in <see cref="Abandon"/>.
    /// </summary>
    void Fire(NodeId trigger, WriterWaits waits, ReadOnlySpan<byte> payload, IFired message);

    /// <summary>
    /// The writer gave up waiting: the request is cancelled where it runs, and a message that waited for room is not
    /// taken any more. Its end is told all the same; a message that has ended or was taken meanwhile is ignored.
    /// </summary>
    void Abandon(IFired message);

    /// <summary>
    /// True when there is room for asynchronous messages; else <paramref name="made"/> is called once, from any
    /// thread, when there is.
    /// </summary>
    bool HasRoom(Action made) => true;

    /// <summary>
    /// Asks the broker to change the tree (mkdir, rmdir, rename, chmod, setfattr); answered exactly once.
    /// </summary>
    void Change(TreeChange change, IReplyTo reply);

    /// <summary>The messages that were given up; null where nobody keeps them.</summary>
    IFailedMessages? GivenUp => null;
}

/// <summary>What the writer of a message waits for.</summary>
enum WriterWaits : byte
{
    /// <summary>Until the message is safe. Where there is no room for it, a while for room, then Storage.</summary>
    ForRoom,

    /// <summary>Nothing (O_NONBLOCK): where there is no room, it fails as Busy at once.</summary>
    ForNothing,

    /// <summary>The answer; the message is never kept for later.</summary>
    ForAnswer,
}

/// <summary>
/// One message on its way. The object is used again after <see cref="Ended"/>, so who holds it lets go of it there.
/// </summary>
interface IFired
{
    /// <summary>The message is safe: an asynchronous writer goes on. At most once, before Ended.</summary>
    void Taken();

    /// <summary>
    /// Output of the plugin, in order; the bytes are valid during the call only. False when they wait for a slow
    /// reader: then the source is told when they were read, and holds the plugin back until then.
    /// </summary>
    /// <param name="source">Null when there is nothing to hold back.</param>
    bool Output(ReadOnlySpan<byte> bytes, bool isError, IOutputSource? source = null);

    /// <summary>
    /// Nothing follows; exactly once. Null when the plugin ran everywhere it should, with the highest exit code; else
    /// why it did not.
    /// </summary>
    /// <param name="run">The run that ended last; none when there was no run.</param>
    void Ended(ErrorCode? failure, int exitCode, RunId run = default);
}

/// <summary>Where output of a message comes from, as long as the message has not ended.</summary>
interface IOutputSource
{
    /// <summary>
    /// So many bytes more of those that waited for their reader were read, in their order. From any thread.
    /// </summary>
    void Consumed(int bytes);
}

/// <summary>Where the answer to a change of the tree goes.</summary>
interface IReplyTo
{
    /// <summary>Null when the change is done, else why it is not.</summary>
    void Answer(ErrorCode? failure);
}

/// <summary>A change of the tree that a program asked for.</summary>
abstract record TreeChange
{
    /// <summary>Makes a directory of a given name and mode (permission bits).</summary>
    public sealed record MakeDirectory(NodeId Parent, string Name, uint Mode) : TreeChange;

    /// <summary>Removes an empty directory.</summary>
    public sealed record RemoveDirectory(NodeId Parent, string Name) : TreeChange;

    /// <summary>Moves a trigger or a directory; the new name must be free.</summary>
    public sealed record Rename(NodeId Node, NodeId NewParent, string NewName) : TreeChange;

    /// <summary>Sets the permission bits of a node.</summary>
    public sealed record SetMode(NodeId Node, uint Mode) : TreeChange;

    /// <summary>Sets a rule of a trigger, as the console calls it, to a text as people write it.</summary>
    public sealed record SetRule(NodeId Node, string Property, string Value) : TreeChange;
}
