using System.Runtime.CompilerServices;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Failed;

/// <summary>Reading the files of a message that was given up: opening one asks the broker for its bytes.</summary>
static class FailedReading
{
    /// <summary>SEEK_DATA and SEEK_HOLE of linux/fs.h.</summary>
    private const uint SeekData = 3, SeekHole = 4;

    public static Errno Open(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        FailedNode node = FailedNode.Of(request.Nodeid);
        if (node.IsFolder) return Errno.EISDIR;
        if ((request.Fixed<OpenIn>().Flags & OpenFlags.AccessModeMask) != OpenFlags.ReadOnly) return Errno.EROFS;
        ulong unique = request.Unique;
        return FailedLooking.Find(fs, unique, node, Errno.ESTALE, files => Fetch(fs, unique, node, files.Message));
    }

    public static Errno Read(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        ReadIn wanted = request.Fixed<ReadIn>();
        if (!fs.Failed.Texts.TryGet(wanted.Fh, out byte[]? text)) return Errno.EBADF;
        if (wanted.Offset >= (ulong)text.Length) return Errno.None;
        ReadOnlySpan<byte> rest = text.AsSpan((int)wanted.Offset);
        reply.Put(rest[..(int)Math.Min((uint)rest.Length, Math.Min(wanted.Size, Handlers.ReadMax))]);
        return Errno.None;
    }

    public static Errno Release(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (!fs.Failed.Texts.TryRemove(request.Fixed<ReleaseIn>().Fh, out byte[]? text)) return Errno.EBADF;
        fs.Failed.Held.Return(text.Length);
        return Errno.None;
    }

    /// <summary>All is data, to the end: cp asks.</summary>
    public static Errno Lseek(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (request.Body.Length < Unsafe.SizeOf<LseekIn>()) return Errno.EIO;
        LseekIn wanted = request.Fixed<LseekIn>();
        if (!fs.Failed.Texts.TryGet(wanted.Fh, out byte[]? text)) return Errno.EBADF;
        if (wanted.Whence is not (SeekData or SeekHole)) return Errno.EINVAL;
        if (wanted.Offset >= (ulong)text.Length) return Errno.ENXIO;
        reply.Put(new LseekOut { Offset = wanted.Whence == SeekData ? wanted.Offset : (ulong)text.Length });
        return Errno.None;
    }

    /// <summary>There is always something to read, or the end.</summary>
    public static Errno Poll(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        reply.Put(new PollOut { Revents = PollEvents.In | PollEvents.ReadNormal });
        return Errno.None;
    }

    public static Errno GetAttribute(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (!request.TryName(Unsafe.SizeOf<GetxattrIn>(), out ReadOnlySpan<byte> name)) return Errno.EIO;
        return name.StartsWith("user."u8) ? Errno.ENODATA : Errno.EOPNOTSUPP;
    }

    public static Errno ListAttributes(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (request.Fixed<GetxattrIn>().Size == 0) reply.Put(default(GetxattrOut));
        return Errno.None;
    }

    private static void Fetch(FileSystem fs, ulong unique, FailedNode node, FailedMessage message)
    {
        if (node.Part == FailedPart.Reason)
        {
            Answer(fs, unique, null, Encoding.UTF8.GetBytes(message.Reason));
            return;
        }
        fs.Failed.Source.Read(message.Id, node.Part, (failure, bytes) => Answer(fs, unique, failure, bytes));
    }

    private static void Answer(FileSystem fs, ulong unique, ErrorCode? failure, byte[] text)
    {
        if (failure is not null || !fs.Failed.Held.TryTake(text.Length))
        {
            fs.Pending.TryAnswer(fs, unique, failure is { } code ? Errnos.OfFailed(code) : Errno.ENOMEM);
            return;
        }
        ulong fh = fs.Failed.Texts.Add(text);
        var answer = new OpenOut { Fh = fh, OpenFlags = FopenFlags.DirectIo | FopenFlags.Noflush };
        if (fs.Pending.TryAnswer(fs, unique, answer)) return;
        if (fs.Failed.Texts.TryRemove(fh, out _)) fs.Failed.Held.Return(text.Length);
    }
}
