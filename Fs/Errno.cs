namespace TriggerFs.Fs;

/// <summary>
/// The errno values that we answer or meet, under their own names; the same numbers on x64 and arm64.
/// </summary>
enum Errno
{
    /// <summary>No error: the reply has what was asked for.</summary>
    None = 0,
    EPERM = 1,
    ENOENT = 2,
    EINTR = 4,
    EIO = 5,
    ENXIO = 6,
    EBADF = 9,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    EBUSY = 16,
    EEXIST = 17,
    EXDEV = 18,
    ENODEV = 19,
    ENOTDIR = 20,
    EISDIR = 21,
    EINVAL = 22,
    ENOTTY = 25,
    ENOSPC = 28,
    EROFS = 30,
    ERANGE = 34,
    ENAMETOOLONG = 36,
    ENOSYS = 38,
    ENOTEMPTY = 39,
    ELOOP = 40,
    ENODATA = 61,
    EPROTO = 71,
    EMSGSIZE = 90,
    EOPNOTSUPP = 95,
    ECONNABORTED = 103,
    ENOTCONN = 107,
    ETIMEDOUT = 110,
    EHOSTUNREACH = 113,
    ESTALE = 116,
    ECANCELED = 125,

    /// <summary>Not the kernel's: no reply now, it comes later by the request's unique number.</summary>
    Later = -1,
}
