namespace TriggerFs.Broker.Queue;

/// <summary>How much the queue keeps; what is over it stays in the spools of those who write.</summary>
sealed record QueueOptions
{
    public static readonly QueueOptions Default = new();

    /// <summary>Messages of all teams.</summary>
    public int MessagesMax { get; init; } = 100_000;

    /// <summary>Bytes of all teams, in memory and on the disk.</summary>
    public long BytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>
    /// The part of both that one team may fill, in percent: a team whose workers are away does not fill it for all.
    /// </summary>
    public int TeamPercent { get; init; } = 50;

    /// <summary>How long a message may wait for its answer before it is given up.</summary>
    public TimeSpan LifeMax { get; init; } = TimeSpan.FromDays(7);
}
