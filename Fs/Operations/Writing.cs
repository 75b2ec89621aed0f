using System.Runtime.CompilerServices;
using TriggerFs.Core.Messages;
using TriggerFs.Fs.Nodes;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>WRITE: bytes become messages by the rule of their trigger. Offsets mean nothing.</summary>
static class Writing
{
    /// <summary>Body: WriteIn, then the bytes.</summary>
    public static Errno Write(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        WriteIn wanted = request.Fixed<WriteIn>();
        ReadOnlySpan<byte> bytes = request.Body[Unsafe.SizeOf<WriteIn>()..];
        if (wanted.Size > (uint)bytes.Length) return Errno.EIO;
        bytes = bytes[..(int)wanted.Size];
        if (!fs.Files.TryGet(wanted.Fh, out OpenFile? file) || !file.CanWrite) return Errno.EBADF;
        if (file.Entry.IsGone) return Errno.ESTALE;
        TreeNode rules = file.Entry.Node;
        // As a FIFO that nobody reads: the broker would refuse each message, out of the writer's sight.
        if (rules.Service.Length == 0 || rules.Plugin.Length == 0) return Errno.ENXIO;
        if (bytes.IsEmpty) return Taken(0, ref reply);
        if (file.CanRead && file.Answers is null) file.Answers = new();
        return rules.Messages switch
        {
            MessageMode.Line => WriteLines(fs, file, rules.Synchronous, request.Unique, bytes, ref reply),
            MessageMode.Close => Keep(file, bytes, ref reply),
            _ => WriteWhole(fs, file, rules.Synchronous, request.Unique, bytes, ref reply),
        };
    }

    /// <summary>The last close: what is kept is sent. The writer is gone, so nobody waits.</summary>
    public static void Finish(FileSystem fs, OpenFile file)
    {
        lock (file.Gate)
        {
            if (file.Partial is not { } partial) return;
            file.Partial = null;
            fs.Lines.Remove(file);
            Send(fs, file, partial);
        }
    }

    /// <summary>A line that did not end in time is sent as it is.</summary>
    public static void SendOverdue(FileSystem fs, OpenFile file)
    {
        lock (file.Gate)
        {
            if (file.Partial is { } partial) Send(fs, file, partial);
        }
    }

    private static void Send(FileSystem fs, OpenFile file, PartialMessage partial)
    {
        if (!partial.Bytes.IsEmpty && !file.Entry.IsGone)
            fs.Outbox.Send(file, file.Entry, isSynchronous: false, partial.Bytes, writer: null);
        partial.Clear();
    }

    /// <summary>
    /// One write is one message. A request as large as the kernel's largest may be the first piece of a larger write:
    /// refused, never sent in pieces.
    /// </summary>
    private static Errno WriteWhole(
        FileSystem fs, OpenFile file, bool isSynchronous, ulong unique, ReadOnlySpan<byte> bytes, ref ReplyWriter reply)
    {
        if (bytes.Length > fs.Options.WholeWriteMax) return Errno.EMSGSIZE;
        WriteReply write = fs.Outbox.BeginWrite(unique);
        fs.Outbox.Send(file, file.Entry, isSynchronous, bytes, write);
        return write.Settle(fs, bytes.Length, ref reply);
    }

    /// <summary>
    /// Each line is one message, its newline included. The rest is kept for its newline, the last close, or a second.
    /// </summary>
    private static Errno WriteLines(
        FileSystem fs, OpenFile file, bool isSynchronous, ulong unique, ReadOnlySpan<byte> bytes, ref ReplyWriter reply)
    {
        WriteReply write = fs.Outbox.BeginWrite(unique);
        int taken = 0;
        lock (file.Gate)
        {
            PartialMessage partial = file.Partial ??= new();
            while (bytes[taken..].IndexOf((byte)'\n') is >= 0 and int end)
            {
                ReadOnlySpan<byte> line = bytes.Slice(taken, end + 1);
                if (!TrySendLine(fs, file, isSynchronous, partial, line, write))
                    return Refuse(fs, write, partial, taken, ref reply);
                taken += line.Length;
            }
            if (!partial.TryAppend(bytes[taken..])) return Refuse(fs, write, partial, taken, ref reply);
            if (!partial.Bytes.IsEmpty) fs.Lines.Add(file);
        }
        return write.Settle(fs, bytes.Length, ref reply);
    }

    private static bool TrySendLine(
        FileSystem fs,
        OpenFile file,
        bool isSynchronous,
        PartialMessage partial,
        ReadOnlySpan<byte> line,
        WriteReply write)
    {
        if (partial.Bytes.IsEmpty)
        {
            if (line.Length > fs.Options.WholeWriteMax) return false;
            fs.Outbox.Send(file, file.Entry, isSynchronous, line, write);
        }
        else
        {
            int kept = partial.Bytes.Length;
            if (!partial.TryAppend(line)) return false;
            fs.Outbox.Send(file, file.Entry, isSynchronous, partial.Bytes, write);
            partial.Truncate(isSynchronous || write.Failure == Errno.None ? 0 : kept);
        }
        // A synchronous failure counts for the whole write: a repeated line would run twice.
        return isSynchronous || write.Failure == Errno.None;
    }

    /// <summary>
    /// A line was not taken. Lines before it were: the write is short then, as POSIX has it, and the writer tries the
    /// rest again. A line over the limit is dropped as a whole.
    /// </summary>
    private static Errno Refuse(
        FileSystem fs, WriteReply write, PartialMessage partial, int taken, ref ReplyWriter reply)
    {
        Errno why = write.Failure;
        if (taken > 0)
        {
            write.Forgive();
            return write.Settle(fs, taken, ref reply);
        }
        if (why == Errno.None) partial.Clear();
        Errno settled = write.Settle(fs, 0, ref reply);
        return settled == Errno.None ? Errno.EMSGSIZE : settled;
    }

    /// <summary>Everything between open and close is one message: kept until RELEASE.</summary>
    private static Errno Keep(OpenFile file, ReadOnlySpan<byte> bytes, ref ReplyWriter reply)
    {
        lock (file.Gate)
        {
            PartialMessage partial = file.Partial ??= new();
            if (partial.IsSpoilt) return Errno.EMSGSIZE;
            if (partial.TryAppend(bytes)) return Taken(bytes.Length, ref reply);
            partial.Spoil();
            return Errno.EMSGSIZE;
        }
    }

    private static Errno Taken(int size, ref ReplyWriter reply)
    {
        var answer = new WriteOut { Size = (uint)size };
        reply.Put(in answer);
        return Errno.None;
    }
}
