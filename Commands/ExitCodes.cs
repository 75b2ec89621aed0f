using TriggerFs.Core;

namespace TriggerFs.Commands;

/// <summary>
/// The one table from a failure to the exit status of the program: sysexits.h, timeout(1) and the shell's own, so that
/// a failure of triggerFS does not look like one of the command.
/// </summary>
static class ExitCodes
{
    public const int Ok = 0;
    public const int Failure = 1;

    /// <summary>The command line is wrong (EX_USAGE).</summary>
    public const int Usage = 64;

    /// <summary>A peer, or a plugin, did not keep to what was agreed (EX_PROTOCOL).</summary>
    public const int Protocol = 76;

    /// <summary>
    /// Too many workers failed, and the others were spared. None of sysexits.h, which end at 78, because a plugin may
    /// give any of those.
    /// </summary>
    public const int Halted = 79;

    /// <summary>Ended by Ctrl-C or TERM, as a shell reports it.</summary>
    public const int Interrupted = 130;

    /// <summary>The exit status for a failure of this kind.</summary>
    public static int ExitCode(this ErrorCode code) => code switch
    {
        ErrorCode.Usage or ErrorCode.Invalid or ErrorCode.Unsupported => Usage,
        ErrorCode.TooLarge => 65, // EX_DATAERR
        ErrorCode.NoWorker or ErrorCode.BrokerUnreachable or ErrorCode.NotFound => 69, // EX_UNAVAILABLE
        ErrorCode.Internal => 70, // EX_SOFTWARE
        ErrorCode.Exists or ErrorCode.NotEmpty => 73, // EX_CANTCREAT
        ErrorCode.WorkerLost or ErrorCode.BrokerLost or ErrorCode.Storage => 74, // EX_IOERR
        ErrorCode.Busy or ErrorCode.Conflict => 75, // EX_TEMPFAIL
        ErrorCode.Protocol => Protocol,
        ErrorCode.NotAllowed or ErrorCode.Unauthenticated => 77, // EX_NOPERM
        ErrorCode.Settings or ErrorCode.TooManyHops => 78, // EX_CONFIG
        ErrorCode.TimedOut => 124, // timeout(1)
        ErrorCode.Cancelled => Interrupted,
        _ => Failure,
    };
}
