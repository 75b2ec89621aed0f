using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// READ and POLL. A handle that wrote reads the answers to that, wherever it stands in the file; any other reads the
/// last answer that this mount saw.
/// </summary>
static class Reading
{
    public static Errno Read(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        ReadIn wanted = request.Fixed<ReadIn>();
        if (!fs.Files.TryGet(wanted.Fh, out OpenFile? file) || !file.CanRead) return Errno.EBADF;
        int size = (int)Math.Min(wanted.Size, Handlers.ReadMax);
        if (file.Answers is { } answers)
        {
            bool mayWait = (wanted.Flags & OpenFlags.NonBlocking) == 0;
            return answers.Read(fs, request.Unique, size, mayWait, ref reply);
        }
        ReadOnlySpan<byte> last = LastAnswer(fs, file, isFromStart: wanted.Offset == 0);
        if (wanted.Offset < (ulong)last.Length) last = last[(int)wanted.Offset..];
        else last = [];
        reply.Put(last[..Math.Min(last.Length, size)]);
        return Errno.None;
    }

    /// <summary>Writing never waits for room; reading is ready when a READ would return at once.</summary>
    public static Errno Poll(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        PollIn wanted = request.Fixed<PollIn>();
        if (!fs.Files.TryGet(wanted.Fh, out OpenFile? file)) return Errno.EBADF;
        bool wake = (wanted.Flags & PollEvents.ScheduleNotify) != 0;
        bool isReadable = file.Answers?.IsReadable(wanted.Kh, wake) ?? true;
        var answer = new PollOut { Revents = PollEvents.Out | PollEvents.WriteNormal };
        if (isReadable) answer.Revents |= PollEvents.In | PollEvents.ReadNormal;
        reply.Put(in answer);
        return Errno.None;
    }

    /// <summary>One reading sees one answer, whatever comes meanwhile.</summary>
    private static byte[] LastAnswer(FileSystem fs, OpenFile file, bool isFromStart)
    {
        lock (file.Gate)
        {
            if (isFromStart || file.LastAnswer is null) file.LastAnswer = fs.Answers.Last(file.Entry.Id);
            return file.LastAnswer;
        }
    }
}
