using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>How a run ended.</summary>
enum Outcome : byte
{
    /// <summary>The plugin ended by itself; the exit code is its own (128 + n when a signal n ended it).</summary>
    Done = 1,

    /// <summary>Its time was up; the whole process tree was ended.</summary>
    TimedOut = 2,

    /// <summary>The worker went away after the start.</summary>
    WorkerLost = 3,

    /// <summary>It was cancelled; the whole process tree was ended.</summary>
    Cancelled = 4,

    /// <summary>The worker could not or would not start it: exit code 127 no such plugin, 126 cannot be run.</summary>
    NotStarted = 5,

    /// <summary>No run: the worker was offline when its turn came (serial and mirror).</summary>
    Offline = 6,

    /// <summary>Of a broadcast: the worker has taken it, and nobody hears its output and its end.</summary>
    Taken = 7,

    /// <summary>No run: too many others had failed before (<see cref="Rollout"/>).</summary>
    Skipped = 8,
}

/// <summary>A run has ended. To a user, the one with <see cref="Last"/> is the end of the request.</summary>
/// <remarks>
/// u64 id (of the run from a worker, of the request to a user) | u8 flags | u8 outcome | i32 exit code |
/// u64 offset behind the run's last byte of output | u32 duration in ms | u64 run (0 from a worker, whose id it is) |
/// name worker (empty from a worker) | text detail | u32 length, the last bytes of standard output when they fit here
/// and need no Output of their own
/// </remarks>
ref struct Finished
{
    /// <summary>Nothing follows for this request.</summary>
    public const byte Last = 1;

    /// <summary>
    /// The exit code is 0 for the 200 that the plugin gave, which is another word for success where it comes from.
    /// </summary>
    public const byte Was200 = 2;

    public ulong Id;
    public byte Flags;
    public Outcome Outcome;
    public int ExitCode;

    /// <summary>The offset behind the last byte, <see cref="Tail"/> included.</summary>
    public ulong Offset;
    public uint DurationMs;

    /// <summary>By which the worker and its plugin know it; 0 from a worker, and where nothing ran.</summary>
    public RunId Run;
    public ReadOnlySpan<byte> Worker;

    /// <summary>UTF-8: why, where the outcome alone does not say it.</summary>
    public ReadOnlySpan<byte> Detail;
    public ReadOnlySpan<byte> Tail;

    public static Finished Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new()
        {
            Id = wire.UInt64(),
            Flags = wire.UInt8(),
            Outcome = wire.OneOf(last: Outcome.Skipped, first: Outcome.Done),
            ExitCode = wire.Int32(),
            Offset = wire.UInt64(),
            DurationMs = wire.UInt32(),
            Run = new(wire.UInt64()),
            Worker = wire.Name(),
            Detail = wire.TextBytes(),
            Tail = wire.Bytes(Limits.PayloadMax),
        };
    }

    /// <summary>Writes all but the tail, which is sent as the message's body.</summary>
    public readonly void WriteHead(WireWriter wire)
    {
        wire.Begin(MessageKind.Finished);
        wire.UInt64(Id);
        wire.UInt8(Flags);
        wire.UInt8((byte)Outcome);
        wire.Int32(ExitCode);
        wire.UInt64(Offset);
        wire.UInt32(DurationMs);
        wire.UInt64(Run.Value);
        wire.Name(Worker);
        wire.Text(Detail);
        wire.BytesFollow(Tail.Length);
    }
}
