using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>POLL: whether a READ or a WRITE would return at once, and a wake-up when that changes.</summary>
static class Polling
{
    public static Errno Poll(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        PollIn wanted = request.Fixed<PollIn>();
        if (!fs.Files.TryGet(wanted.Fh, out OpenFile? file)) return Errno.EBADF;
        bool wake = (wanted.Flags & PollEvents.ScheduleNotify) != 0;
        var answer = new PollOut();
        if (IsWritable(fs, file, wanted.Kh, wake)) answer.Revents |= PollEvents.Out | PollEvents.WriteNormal;
        if (IsReadable(file, wanted.Kh, wake)) answer.Revents |= PollEvents.In | PollEvents.ReadNormal;
        reply.Put(in answer);
        return Errno.None;
    }

    private static bool IsReadable(OpenFile file, ulong poll, bool wake) =>
        file.Answers?.IsReadable(poll, wake) ?? true;

    /// <summary>Synchronous: when the answer to the write before is there. Asynchronous: when there is room.</summary>
    private static bool IsWritable(FileSystem fs, OpenFile file, ulong poll, bool wake)
    {
        if (file.Entry.Node.Synchronous) return file.Unsettled?.IsWritable(poll, wake) ?? true;
        if (fs.Sink.HasRoom(fs.RoomMade)) return true;
        if (!wake) return false;
        fs.RoomPolls.Add(poll);
        return fs.Sink.HasRoom(fs.RoomMade); // Room that was made in between woke nobody.
    }
}
