namespace TriggerFs.Core;

/// <summary>
/// Why something could not be done. The numbers travel on the wire (Transport/PROTOCOL.md, "Codes") and never change;
/// each edge has one table from code to exit status (Commands/ExitCodes) or errno (Fs/Errnos).
/// </summary>
enum ErrorCode : byte
{
    /// <summary>A bug: nobody outside can mend it; the log has the details.</summary>
    Internal = 1,

    /// <summary>The command line or the statement is wrong.</summary>
    Usage = 2,

    /// <summary>The settings file or the environment is wrong.</summary>
    Settings = 3,

    /// <summary>
    /// The session may not do this. It reads the same as <see cref="NotFound"/> of another team's things.
    /// </summary>
    NotAllowed = 4,

    /// <summary>There is no such thing here.</summary>
    NotFound = 5,

    /// <summary>A thing of that name is there already.</summary>
    Exists = 6,

    /// <summary>A name or a value breaks a rule.</summary>
    Invalid = 7,

    /// <summary>Over a limit of <see cref="Limits"/>; nothing was taken.</summary>
    TooLarge = 8,

    /// <summary>No worker of the service is online.</summary>
    NoWorker = 9,

    /// <summary>The request's time ran out; what ran was ended.</summary>
    TimedOut = 10,

    /// <summary>The worker went away after it had started, so the command may have run.</summary>
    WorkerLost = 11,

    /// <summary>The sender, or an admin, ended the request.</summary>
    Cancelled = 12,

    /// <summary>The broker cannot be reached.</summary>
    BrokerUnreachable = 13,

    /// <summary>The broker went away and does not know the request any more, so the command may have run.</summary>
    BrokerLost = 14,

    /// <summary>The identity or its proof is wrong; never says which.</summary>
    Unauthenticated = 15,

    /// <summary>A queue is full or a rate is exceeded; try again later.</summary>
    Busy = 16,

    /// <summary>The peer broke the protocol.</summary>
    Protocol = 17,

    /// <summary>The broker's disk refused a write; nothing was changed.</summary>
    Storage = 18,

    /// <summary>The directory has something in it.</summary>
    NotEmpty = 19,

    /// <summary>This is known, but not done here.</summary>
    Unsupported = 20,

    /// <summary>Runs led to runs more often than anybody means to: most likely in a circle.</summary>
    TooManyHops = 21,

    /// <summary>Somebody else changed the same meanwhile; nothing was changed.</summary>
    Conflict = 22,
}
