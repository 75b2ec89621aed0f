namespace TriggerFs.Core.Ports;

/// <summary>
/// Where the file system hands over what programs wrote and what they want changed. Nothing here blocks: the kernel's
/// reader threads call it, and each <see cref="IReplyTo"/> is answered exactly once, from any thread.
/// </summary>
interface ITriggerSink
{
    /// <summary>
    /// Takes one message for a trigger. For an asynchronous trigger the ticket is answered when the message is safe, for
    /// a synchronous one when its answer is there.
    /// </summary>
    void Fire(FireTicket ticket, ReadOnlySpan<byte> payload);

    /// <summary>The caller gave up waiting for this ticket; the request is cancelled where it runs.</summary>
    void Abandon(FireTicket ticket);

    /// <summary>Asks the broker to change the tree (mkdir, rmdir, rename, chmod).</summary>
    void Change(TreeChange change, IReplyTo reply);
}

/// <summary>Where one deferred answer goes.</summary>
interface IReplyTo
{
    /// <summary>Null when all went well, else why it did not.</summary>
    void Answer(ErrorCode? failure, int exitCode);

    /// <summary>Output of a synchronous request, in order.</summary>
    void Output(ReadOnlySpan<byte> bytes, bool isError);
}

/// <summary>One write on its way: which trigger, who wrote, and where its answer goes.</summary>
/// <param name="Trigger">The trigger that was written to.</param>
/// <param name="Synchronous">Whether the writer waits for the answer.</param>
/// <param name="Reply">Where the answer goes.</param>
sealed record FireTicket(NodeId Trigger, bool Synchronous, IReplyTo Reply);

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
}
