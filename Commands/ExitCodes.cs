using TriggerFs.Core;

namespace TriggerFs.Commands;

/// <summary>
/// The one table from a failure to the exit status of the program: sysexits.h, timeout(1) and the shell's own.
/// </summary>
static class ExitCodes
{
    public const int Ok = 0;
    public const int Failure = 1;

    /// <summary>The command line is wrong (EX_USAGE).</summary>
    public const int Usage = 64;

    /// <summary>Ended by Ctrl-C or TERM, as a shell reports it.</summary>
    public const int Interrupted = 130;

    /// <summary>The exit status for a failure of this kind.</summary>
    public static int ExitCode(this ErrorCode code) => code switch
    {
        ErrorCode.Usage or ErrorCode.Invalid => Usage,
        ErrorCode.NoWorker or ErrorCode.BrokerUnreachable => 69, // EX_UNAVAILABLE
        ErrorCode.Busy => 75, // EX_TEMPFAIL
        ErrorCode.NotAllowed or ErrorCode.Unauthenticated => 77, // EX_NOPERM
        ErrorCode.Settings => 78, // EX_CONFIG
        ErrorCode.TimedOut => 124, // timeout(1)
        ErrorCode.Cancelled => Interrupted,
        _ => Failure,
    };
}
