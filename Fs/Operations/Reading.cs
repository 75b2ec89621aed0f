using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// READ. A handle that wrote reads the answers to that, wherever it stands in the file; any other reads the
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


    /// <summary>One reading sees one answer, or one text of a reserved file, whatever comes meanwhile.</summary>
    private static byte[] LastAnswer(FileSystem fs, OpenFile file, bool isFromStart)
    {
        lock (file.Gate)
        {
            if (isFromStart || file.LastAnswer is null)
                file.LastAnswer = file.Entry.Content?.Invoke() ?? fs.Answers.Last(file.Entry.Id);
            return file.LastAnswer;
        }
    }
}
