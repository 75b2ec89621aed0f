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
        if (!rules.Usable) return Errno.EACCES; // It was, when the file was opened.
        // As a FIFO that nobody reads: the broker would refuse each message, out of the writer's sight.
        if (rules.Service.Length == 0 || rules.Plugin.Length == 0) return Errno.ENXIO;
        if (bytes.IsEmpty) return WriteCall.Taken(0, ref reply);
        if (rules.Messages == MessageMode.Close) return Keep(fs, file, rules.Limit, bytes, ref reply);
        bool mayWait = (wanted.Flags & OpenFlags.NonBlocking) == 0;
        if (!mayWait && Earlier(file, rules) is not Errno.None and var earlier) return earlier;
        var call = new WriteCall(fs, file, rules, mayWait, request.Unique);
        return rules.Messages == MessageMode.Line
            ? WriteLines(fs, call, bytes, ref reply)
            : WriteWhole(fs, call, bytes, ref reply);
    }

    /// <summary>
    /// Why who may not wait has to wait for what it wrote before, or how that failed. One synchronous write at a time,
    /// as with waiting.
    /// </summary>
    private static Errno Earlier(OpenFile file, TreeNode rules)
    {
        if (file.Unsettled is not { } unsettled) return Errno.None;
        return rules.Synchronous && !unsettled.IsEmpty ? Errno.EAGAIN : unsettled.TakeFailure();
    }

    /// <summary>
    /// One write is one message. A request as large as the kernel's largest may be the first piece of a larger write:
    /// refused, never sent in pieces.
    /// </summary>
    private static Errno WriteWhole(
        FileSystem fs, in WriteCall call, ReadOnlySpan<byte> bytes, ref ReplyWriter reply)
    {
        if (bytes.Length > Math.Min(call.Limit, fs.Options.WholeWriteMax)) return call.Refuse(Errno.EMSGSIZE);
        call.Send(bytes, start: 0);
        return call.Settle(bytes.Length, ref reply);
    }

    /// <summary>
    /// Each line is one message, its newline included. The rest is kept for its newline, the last close, or a second.
    /// </summary>
    private static Errno WriteLines(
        FileSystem fs, in WriteCall call, ReadOnlySpan<byte> bytes, ref ReplyWriter reply)
    {
        int taken = 0;
        lock (call.File.Gate)
        {
            PartialMessage partial = call.File.Partial ??= fs.FreePartials.Take();
            Errno why;
            while (bytes[taken..].IndexOf((byte)'\n') is >= 0 and int end)
            {
                ReadOnlySpan<byte> line = bytes.Slice(taken, end + 1);
                int kept = partial.Bytes.Length;
                why = PutTogether(partial, line, call.Limit, out ReadOnlySpan<byte> whole);
                if (why != Errno.None) return Shorten(call, partial, taken, why, ref reply);
                Errno failure = call.Send(whole, taken, kept);
                partial.Truncate(failure == Errno.None ? 0 : kept);
                if (failure != Errno.None) return call.Settle(taken, ref reply);
                taken += line.Length;
            }
            why = partial.Append(bytes[taken..], call.Limit);
            if (why != Errno.None) return Shorten(call, partial, taken, why, ref reply);
            if (!partial.Bytes.IsEmpty) fs.Lines.Add(call.File);
        }
        return call.Settle(bytes.Length, ref reply);
    }

    /// <summary>A line that began in an earlier write is put together; one that did not is sent as it stands.</summary>
    private static Errno PutTogether(
        PartialMessage partial, ReadOnlySpan<byte> line, long limit, out ReadOnlySpan<byte> whole)
    {
        whole = line;
        if (partial.Bytes.IsEmpty) return line.Length <= limit ? Errno.None : Errno.EMSGSIZE;
        Errno why = partial.Append(line, limit);
        whole = partial.Bytes;
        return why;
    }

    /// <summary>
    /// A line over the limit is dropped as a whole. Lines before it were taken: the write is short then, as POSIX has
    /// it, and the writer learns of it when it tries the rest again.
    /// </summary>
    private static Errno Shorten(
        in WriteCall call, PartialMessage partial, int taken, Errno why, ref ReplyWriter reply)
    {
        if (taken > 0) return call.Settle(taken, ref reply);
        if (why == Errno.EMSGSIZE) partial.Clear();
        return call.Refuse(why);
    }

    /// <summary>
    /// Everything between open and close is one message: kept until RELEASE. One that misses bytes is not sent at all.
    /// </summary>
    private static Errno Keep(FileSystem fs, OpenFile file, long limit, ReadOnlySpan<byte> bytes, ref ReplyWriter reply)
    {
        file.ExpectAnswers(fs);
        lock (file.Gate)
        {
            PartialMessage partial = file.Partial ??= fs.FreePartials.Take();
            if (partial.Spoilt != Errno.None) return partial.Spoilt;
            Errno why = partial.Append(bytes, limit);
            if (why == Errno.None) return WriteCall.Taken(bytes.Length, ref reply);
            partial.Spoil(why);
            return why;
        }
    }
}
