namespace TriggerFs.Core.Model;

/// <summary>
/// What was written to an asynchronous trigger, from the moment in which the broker answers for it until a worker
/// answered, or it was given up.
/// </summary>
/// <param name="Id">Its number, in the order in which messages were taken; never used twice.</param>
/// <param name="User">Who wrote it: what it may do is judged by what he may when it is its turn.</param>
/// <param name="Message">The spool that it comes from, and its sequence there.</param>
/// <param name="WrittenUnixMs">When it was written, by the clock of the host on which it was.</param>
/// <param name="TakenUnixMs">When the broker took it.</param>
/// <param name="Attempt">
/// The number of its next attempt, from 1. It goes on counting when a dead letter is sent again to where it was.
/// </param>
/// <param name="Failures">
/// Attempts that ended in a failure, since it was written or sent again by somebody.
/// </param>
/// <param name="DueUnixMs">
/// Not before this moment is it its turn; 0 for at once, as long as no run of it was counted as lost, failed or given
/// up.
/// </param>
sealed record QueuedMessage(
    long Id,
    TeamId Team,
    UserId User,
    NodeId Trigger,
    MessageId Message,
    byte Hops,
    long WrittenUnixMs,
    long TakenUnixMs,
    byte[] Payload,
    int Attempt = 1,
    int Failures = 0,
    long DueUnixMs = 0)
{
    /// <summary>The run that wrote it; none when it was no run.</summary>
    public RunId Parent { get; init; }

    /// <summary>
    /// Attempts that ended because their worker or the broker was lost, since it was written or sent again by somebody.
    /// </summary>
    public int Losses { get; init; }
}

/// <summary>How far the messages of a spool were taken: what has no higher sequence is a repeat.</summary>
/// <param name="Spool">The spool's number, which its owner chose at random.</param>
/// <param name="Taken">The highest sequence that is on the broker's disk.</param>
/// <param name="SeenUnixMs">When something of it was taken last.</param>
sealed record SpoolMark(TeamId Team, UserId User, ulong Spool, ulong Taken, long SeenUnixMs);
