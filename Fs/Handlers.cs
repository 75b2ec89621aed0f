using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using TriggerFs.Core;
using TriggerFs.Fs.Failed;
using TriggerFs.Fs.Operations;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs;

/// <summary>Answers one opcode: writes the reply's body and returns the error, or Later.</summary>
delegate Errno Handler(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply);

/// <summary>All that is known of one opcode.</summary>
/// <param name="FixedSize">Bytes of the struct at the body's beginning; a shorter request is refused.</param>
/// <param name="Silent">The kernel wants no reply.</param>
/// <param name="Named">A name follows the struct, which a log of the requests shows.</param>
/// <param name="Why">Why it is refused, for one that always is.</param>
/// <param name="Failed">What answers it in <c>.triggerfs/failed</c>; null where that is the same.</param>
sealed record Row(
    Opcode Opcode, int FixedSize, Handler Handler, bool Silent = false, bool Named = false, string? Why = null,
    Handler? Failed = null)
{
    /// <summary>
    /// An operation that is never done, with the errno of a careful file system and the reason for it.
    /// </summary>
    public static Row Refused(Opcode opcode, Errno errno, string why) =>
        new(opcode, 0, (FileSystem _, scoped in FuseRequest _, ref ReplyWriter _) => errno, Why: why);
}

/// <summary>
/// Bytes of a kernel request in, bytes of a reply out. No descriptor, so that tests and a fuzzer need no mount; what
/// takes time is answered later through <see cref="IKernelReplies"/>. From any thread.
/// </summary>
static class Handlers
{
    /// <summary>Bytes that a reply buffer needs: the largest READ or READDIR that we answer, and a header.</summary>
    public const int ReplyMax = ReadMax + 4096;

    /// <summary>Bytes of one READ or READDIR reply; the kernel asks again for more.</summary>
    public const int ReadMax = 128 * 1024;

    private const string NoSpecialFiles = "the tree holds directories and triggers only";
    private const string MadeInConsole = "a trigger is made in the console, with its service and plugin";
    private const string NotNegotiated = "never sent: not negotiated in INIT";

    /// <summary>One row for each opcode that Linux can send.</summary>
    public static readonly FrozenDictionary<Opcode, Row> Rows = new Row[]
    {
        new(Opcode.Init, 16, Starting.Init),
        new(Opcode.Destroy, 0, Starting.Destroy),
        new(Opcode.Interrupt, Size<InterruptIn>(), Starting.Interrupt, Silent: true),
        new(Opcode.NotifyReply, 0, Starting.Ignore, Silent: true),

        new(Opcode.Lookup, 0, Looking.Lookup, Named: true, Failed: FailedLooking.Lookup),
        new(Opcode.Forget, Size<ForgetIn>(), Looking.Forget, Silent: true),
        new(Opcode.BatchForget, Size<BatchForgetIn>(), Looking.BatchForget, Silent: true),
        new(Opcode.Getattr, Size<GetattrIn>(), Looking.Getattr, Failed: FailedLooking.Getattr),
        new(Opcode.Statfs, 0, Looking.Statfs),
        new(Opcode.Opendir, Size<OpenIn>(), Listing.Opendir, Failed: FailedLooking.Opendir),
        new(Opcode.Readdir, Size<ReadIn>(), Listing.Readdir, Failed: FailedLooking.Readdir),
        new(Opcode.Readdirplus, Size<ReadIn>(), Listing.Readdirplus, Failed: FailedLooking.Readdirplus),
        new(Opcode.Releasedir, Size<ReleaseIn>(), Listing.Releasedir, Failed: FailedLooking.Releasedir),
        new(Opcode.Fsyncdir, Size<FsyncIn>(), Starting.Succeed),

        new(Opcode.Open, Size<OpenIn>(), Opening.Open, Failed: FailedReading.Open),
        new(Opcode.Create, Size<CreateIn>(), Opening.Create, Named: true, Failed: FailedChanging.Refuse),
        new(Opcode.Release, Size<ReleaseIn>(), Opening.Release, Failed: FailedReading.Release),
        new(Opcode.Flush, Size<FlushIn>(), Opening.Flush, Failed: Starting.Succeed),
        new(Opcode.Fsync, Size<FsyncIn>(), Opening.Fsync, Failed: Starting.Succeed),
        new(Opcode.Write, Size<WriteIn>(), Writing.Write, Failed: FailedChanging.Write),
        new(Opcode.Read, Size<ReadIn>(), Reading.Read, Failed: FailedReading.Read),
        new(Opcode.Poll, Size<PollIn>(), Polling.Poll, Failed: FailedReading.Poll),

        new(Opcode.Setattr, Size<SetattrIn>(), Changing.Setattr, Failed: FailedChanging.Refuse),
        new(Opcode.Mkdir, Size<MkdirIn>(), Changing.Mkdir, Named: true, Failed: FailedChanging.Refuse),
        new(Opcode.Rmdir, 0, Changing.Rmdir, Named: true, Failed: FailedChanging.Rmdir),
        new(Opcode.Rename, Size<RenameIn>(), Changing.Rename, Named: true, Failed: FailedChanging.Rename),
        new(Opcode.Rename2, Size<Rename2In>(), Changing.Rename2, Named: true, Failed: FailedChanging.Rename2),

        new(Opcode.Getxattr, Size<GetxattrIn>(), ExtendedAttributes.Get, Named: true,
            Failed: FailedReading.GetAttribute),
        new(Opcode.Listxattr, Size<GetxattrIn>(), ExtendedAttributes.List, Failed: FailedReading.ListAttributes),
        new(Opcode.Setxattr, Size<SetxattrIn>(), ExtendedAttributes.Set, Named: true, Failed: FailedChanging.Refuse),
        new(Opcode.Removexattr, 0, ExtendedAttributes.Remove, Named: true, Failed: FailedChanging.Refuse),

        Row.Refused(Opcode.Unlink, Errno.EPERM, "a trigger is deleted in the console: rm -r must not empty a tree") with
        {
            Named = true,
            Failed = FailedChanging.Unlink,
        },
        Row.Refused(Opcode.Mknod, Errno.EPERM, MadeInConsole),
        Row.Refused(Opcode.Tmpfile, Errno.EOPNOTSUPP, MadeInConsole),
        Row.Refused(Opcode.Symlink, Errno.EPERM, NoSpecialFiles),
        Row.Refused(Opcode.Link, Errno.EPERM, NoSpecialFiles),
        Row.Refused(Opcode.Readlink, Errno.EINVAL, "what readlink(2) says of what is no symbolic link"),
        Row.Refused(Opcode.Fallocate, Errno.EOPNOTSUPP, "a trigger holds no bytes that room could be kept for"),
        Row.Refused(Opcode.Lseek, Errno.ENXIO, "SEEK_DATA and SEEK_HOLE in a file of size 0 are behind its end") with
        {
            Failed = FailedReading.Lseek,
        },
        Row.Refused(Opcode.CopyFileRange, Errno.ENOSYS, "the kernel copies by reading and writing instead"),
        Row.Refused(Opcode.CopyFileRange64, Errno.ENOSYS, "the kernel copies by reading and writing instead"),
        Row.Refused(Opcode.Ioctl, Errno.ENOTTY, "isatty(3) of python and perl; a trigger is no terminal"),
        Row.Refused(Opcode.Statx, Errno.ENOSYS, "GETATTR says all; the kernel asks it from then on"),
        Row.Refused(Opcode.Access, Errno.ENOSYS, "default_permissions: the kernel checks the mode bits itself"),
        Row.Refused(Opcode.Bmap, Errno.ENOSYS, "there is no block device"),
        Row.Refused(Opcode.Getlk, Errno.ENOSYS, NotNegotiated + ": locks are the kernel's own"),
        Row.Refused(Opcode.Setlk, Errno.ENOSYS, NotNegotiated + ": locks are the kernel's own"),
        Row.Refused(Opcode.Setlkw, Errno.ENOSYS, NotNegotiated + ": locks are the kernel's own"),
        Row.Refused(Opcode.Setupmapping, Errno.ENOSYS, NotNegotiated + ": virtiofs only"),
        Row.Refused(Opcode.Removemapping, Errno.ENOSYS, NotNegotiated + ": virtiofs only"),
        Row.Refused(Opcode.Syncfs, Errno.ENOSYS, "virtiofs only; each write is safe when it returns"),
    }.ToFrozenDictionary(row => row.Opcode);

    // Opcodes are small: an array finds the row of each request without hashing.
    private static readonly Row?[] ByNumber =
        [.. Enumerable.Range(0, 64).Select(number => Rows.GetValueOrDefault((Opcode)number))];

    /// <summary>
    /// Answers one request. Returns the reply's length in <paramref name="buffer"/> (of <see cref="ReplyMax"/>
    /// bytes), or 0 when there is nothing to send now: the kernel wants no reply, it comes later, or the bytes are no
    /// request.
    /// </summary>
    public static int Handle(FileSystem fs, ReadOnlySpan<byte> bytes, Span<byte> buffer)
    {
        if (bytes.Length < Size<InHeader>()) return 0;
        ulong unique = MemoryMarshal.Read<InHeader>(bytes).Unique;
        uint number = (uint)MemoryMarshal.Read<InHeader>(bytes).Opcode;
        Row? row = number < (uint)ByNumber.Length ? ByNumber[number] : null;
        // A reply with the unique number 0 would be a notification: nobody can be told what became of it.
        if (unique == 0 && row is not { Silent: true }) return 0;
        var reply = new ReplyWriter(buffer);
        Errno errno = row is null ? Errno.ENOSYS : Run(fs, row, bytes, ref reply);
        if (fs.Log.IsEnabled(LogLevel.Debug)) Tell(fs, row, bytes, errno);
        if (unique == 0 || errno == Errno.Later || row is { Silent: true } && errno != Errno.EAGAIN) return 0;
        return reply.Finish(unique, errno).Length;
    }

    private static Errno Run(FileSystem fs, Row row, ReadOnlySpan<byte> bytes, ref ReplyWriter reply)
    {
        var request = new FuseRequest(bytes);
        if (request.Header.Len != bytes.Length || request.Body.Length < row.FixedSize) return Errno.EIO;
        try
        {
            Handler handler = FailedNode.Is(request.Nodeid) ? row.Failed ?? row.Handler : row.Handler;
            return handler(fs, in request, ref reply);
        }
        catch (Exception bug) // A bug in one operation must not take the mount away from everybody.
        {
            Log.HandlerFailed(fs.Log, bug, row.Opcode);
            return Errno.EIO;
        }
    }

    /// <summary>One line for a request, as <c>triggerfs mount -debug true</c> shows it.</summary>
    private static void Tell(FileSystem fs, Row? row, ReadOnlySpan<byte> bytes, Errno errno)
    {
        var request = new FuseRequest(bytes);
        string name = row is { Named: true } && request.TryName(row.FixedSize, out ReadOnlySpan<byte> utf8)
            ? $" '{NameRule.Shown(Encoding.UTF8.GetString(utf8))}'" : "";
        InHeader header = request.Header;
        Log.Handled(fs.Log, header.Opcode, header.Nodeid, name, header.Pid, header.Uid, errno);
    }

    private static int Size<T>() where T : unmanaged => Unsafe.SizeOf<T>();
}
