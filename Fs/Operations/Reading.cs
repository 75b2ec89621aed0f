using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// READ. A handle that wrote reads the answers to that, wherever it stands in the file; any other reads the last answer
/// that this mount saw, and behind its end what comes meanwhile.
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
            return answers.Read(request.Unique, size, mayWait, ref reply);
        }
        ReadOnlySpan<byte> last = LastAnswer(fs, file, isFromStart: wanted.Offset == 0);
        if (wanted.Offset < (ulong)last.Length)
        {
            last = last[(int)wanted.Offset..];
            reply.Put(last[..Math.Min(last.Length, size)]);
        }
        else if (file.Follower is { } follower)
        {
            bool begins = !follower.HasSeenEnd;
            reply.Advance(fs.Followers.Read(follower, reply.Rest[..Math.Min(size, reply.Left)]));
            if (begins) fs.Tree.TellAttributes(file.Entry); // The kernel believes that it has no size.
        }
        return Errno.None;
    }

    /// <summary>One reading sees one answer, or one text of a reserved file, whatever comes meanwhile.</summary>
    private static byte[] LastAnswer(FileSystem fs, OpenFile file, bool isFromStart)
    {
        lock (file.Gate)
        {
            // After an empty answer offset 0 is where one goes on.
            bool goesOn = !isFromStart || file.Follower is { HasSeenEnd: true, Served: 0 };
            if (file.LastAnswer is not null && goesOn) return file.LastAnswer;
            if (file.Entry.Content is { } content) return file.LastAnswer = content();
            // Followed before it is read: what comes in between would be in neither.
            file.Follower = fs.Followers.Begin(file.Entry, file.Follower, last: 0);
            file.LastAnswer = fs.Answers.Last(file.Entry.Id);
            file.Follower.Served = file.LastAnswer.Length;
            return file.LastAnswer;
        }
    }
}
