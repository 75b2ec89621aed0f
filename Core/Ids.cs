namespace TriggerFs.Core;

/// <summary>
/// One connection of this process, for as long as it lives; never used twice, and a later one has a higher number.
/// </summary>
readonly record struct PeerId(ulong Value);

/// <summary>
/// A session of the broker: 16 random bytes, kept in the JWT so that it outlives connections and restarts.
/// </summary>
readonly record struct SessionId(UInt128 Value)
{
    public static readonly SessionId None;

    public override string ToString() => Value.ToString("x32");
}

/// <summary>A request, numbered by its sender, unique within the sender's session; 0 means none.</summary>
readonly record struct RequestId(ulong Value);

/// <summary>One run of a plugin on one worker, numbered by the broker, unique across its restarts.</summary>
readonly record struct RunId(ulong Value);

/// <summary>A directory or trigger of the team's tree; also its inode number. The root is 1.</summary>
readonly record struct NodeId(ulong Value)
{
    public static readonly NodeId Root = new(1);
}

/// <summary>A message that was written once, however often it is sent: 16 random bytes.</summary>
readonly record struct MessageId(UInt128 Value)
{
    public static readonly MessageId None;
}
