namespace TriggerFs.Core.Ports;

/// <summary>
/// The messages that were given up, as the broker has them now, for who looks at them as files. Nothing here blocks;
/// each call is answered exactly once, within some seconds, within the call or later, from any thread.
/// </summary>
interface IFailedMessages
{
    /// <summary>Those that the session may act on, in the order of their numbers; or why they are not known.</summary>
    void List(Action<ErrorCode?, FailedMessage[]> then);

    /// <summary>The bytes of one: what was written, or the end of what its last attempt put out.</summary>
    void Read(long id, FailedPart part, Action<ErrorCode?, byte[]> then);

    /// <summary>Forgets one. Null when that is on the broker's disk.</summary>
    void Drop(long id, Action<ErrorCode?> then);

    /// <summary>
    /// Sends one again, to a trigger. Null when the broker answers for it as a message of that trigger, and it is a
    /// failed one no longer.
    /// </summary>
    void SendTo(long id, NodeId trigger, Action<ErrorCode?> then);
}

/// <summary>What is known of a message that was given up.</summary>
/// <param name="Id">Its number, as the console shows it; above 0.</param>
/// <param name="Size">Bytes of what was written.</param>
/// <param name="Printed">Bytes that are kept of what its last attempt put out.</param>
/// <param name="Reason">For people, in one line: why it was given up, and what it was.</param>
/// <param name="DiedUnixMs">When it was given up.</param>
sealed record FailedMessage(long Id, long Size, long Printed, string Reason, long DiedUnixMs);

/// <summary>The files of a message that was given up; its folder itself is none of them.</summary>
enum FailedPart : byte
{
    None = 0,

    /// <summary>What was written.</summary>
    Request = 1,

    /// <summary>Why it was given up.</summary>
    Reason = 2,

    /// <summary>The end of what its last attempt put out.</summary>
    Output = 3,
}
