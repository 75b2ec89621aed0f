namespace TriggerFs.Core.Model;

/// <summary>
/// A message of the queue that was given up: kept with the reason, until somebody sends it again or drops it.
/// </summary>
/// <param name="Path">The trigger's path when it was given up.</param>
/// <param name="Reason">For people: what stood against it.</param>
sealed record DeadLetter(QueuedMessage Message, string Path, string Reason, long DiedUnixMs)
{
    /// <summary>The number that it had in the queue.</summary>
    public long Id => Message.Id;

    /// <summary>The end of what its last attempt wrote, as far as it was kept; empty when it wrote nothing.</summary>
    public byte[] Output { get; init; } = [];

    /// <summary>What it takes of the room for its team's dead letters.</summary>
    public long Bytes => Message.Payload.Length + Output.Length;
}
