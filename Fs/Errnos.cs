using TriggerFs.Core;

namespace TriggerFs.Fs;

/// <summary>
/// The one table from failures to errno: what a program sees whose write or whose change of the tree failed. What is
/// refused for what it is (an operation that triggers do not have) stands in <see cref="Handlers"/>'s table.
/// </summary>
static class Errnos
{
    /// <summary>Why a message was not run, or its run failed (synchronous writes, reads of an answer).</summary>
    public static Errno OfFire(ErrorCode code) => code switch
    {
        ErrorCode.NotAllowed => Errno.EACCES,
        ErrorCode.NotFound => Errno.ENXIO, // As a FIFO without a reader: the trigger is there, nobody is behind it.
        ErrorCode.Invalid => Errno.EINVAL,
        ErrorCode.TooLarge => Errno.EMSGSIZE,
        ErrorCode.NoWorker => Errno.EHOSTUNREACH,
        ErrorCode.TimedOut => Errno.ETIMEDOUT,
        ErrorCode.Cancelled => Errno.ECANCELED,
        ErrorCode.BrokerUnreachable => Errno.ENOTCONN,
        ErrorCode.Unauthenticated => Errno.EACCES,
        ErrorCode.Busy => Errno.EAGAIN,
        ErrorCode.Storage => Errno.ENOSPC, // Also the mount's own queue: full, as a disk is to whoever logs.
        ErrorCode.Unsupported => Errno.EOPNOTSUPP,
        ErrorCode.TooManyHops => Errno.ELOOP,
        _ => Errno.EIO, // Internal, WorkerLost, BrokerLost, Protocol: it may have run, and its answer is lost.
    };

    /// <summary>What a synchronous write returns when the plugin ended with an exit code other than 0.</summary>
    public const Errno ExitedWithFailure = Errno.EIO;

    /// <summary>Why the broker did not change the tree (mkdir, rmdir, rename, chmod).</summary>
    public static Errno OfChange(ErrorCode code) => code switch
    {
        ErrorCode.NotAllowed => Errno.EACCES,
        ErrorCode.Unauthenticated => Errno.EACCES,
        ErrorCode.NotFound => Errno.ENOENT,
        ErrorCode.Exists => Errno.EEXIST,
        ErrorCode.NotEmpty => Errno.ENOTEMPTY,
        ErrorCode.Invalid => Errno.EINVAL,
        ErrorCode.Usage => Errno.EINVAL,
        ErrorCode.TooLarge => Errno.ENAMETOOLONG, // A name or a path is the only thing of it that has a size.
        ErrorCode.TimedOut => Errno.ETIMEDOUT,
        ErrorCode.Cancelled => Errno.EINTR,
        ErrorCode.BrokerUnreachable => Errno.ENOTCONN,
        ErrorCode.BrokerLost => Errno.ENOTCONN,
        ErrorCode.Busy => Errno.EBUSY,
        ErrorCode.Storage => Errno.ENOSPC,
        ErrorCode.Unsupported => Errno.EOPNOTSUPP,
        _ => Errno.EIO,
    };

    /// <summary>Why a message that was given up is not shown, sent again or dropped.</summary>
    public static Errno OfFailed(ErrorCode code) =>
        code == ErrorCode.TooLarge ? Errno.EMSGSIZE : OfChange(code); // For the trigger that it was moved onto.

    /// <summary>
    /// Why the broker did not set a rule of a trigger (setfattr): the file is there, it is the value that is not right.
    /// </summary>
    public static Errno OfRule(ErrorCode code) => code switch
    {
        ErrorCode.NotFound => Errno.EINVAL, // No such service.
        ErrorCode.TooLarge => Errno.ERANGE, // What setxattr(2) says of a value over a file system's limit.
        _ => OfChange(code),
    };
}
