using TriggerFs.Core.Ports;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// Sends what a handle has kept for its newline (message line) or its close (message close), when that comes, and when
/// it does not come.
/// </summary>
static class Keeping
{
    /// <summary>The last close. The writer is gone, so nobody waits.</summary>
    public static void Finish(FileSystem fs, OpenFile file)
    {
        lock (file.Gate)
        {
            if (file.Partial is not { } partial) return;
            file.Partial = null;
            fs.Lines.Remove(file);
            Send(fs, file, partial, WriterWaits.ForRoom);
            partial.End();
            fs.FreePartials.Return(partial);
        }
    }

    /// <summary>A line that did not end in time is sent as it is.</summary>
    public static void SendOverdue(FileSystem fs, OpenFile file)
    {
        lock (file.Gate)
        {
            if (file.Partial is { } partial) Send(fs, file, partial, WriterWaits.ForRoom);
        }
    }

    /// <summary>
    /// fsync(2) ends a message: what is kept cannot be safe or answered otherwise. Its outcome is the file's
    /// <see cref="Unsettled"/>.
    /// </summary>
    public static Errno Sync(FileSystem fs, OpenFile file)
    {
        lock (file.Gate)
        {
            if (file.Partial is not { } partial) return Errno.None;
            Send(fs, file, partial, file.Entry.Node.Synchronous ? WriterWaits.ForAnswer : WriterWaits.ForRoom);
            return partial.Spoilt;
        }
    }

    private static void Send(FileSystem fs, OpenFile file, PartialMessage partial, WriterWaits waits)
    {
        if (partial.Bytes.IsEmpty) return;
        if (file.Entry.IsGone) Log.NotSent(fs.Log, partial.Bytes.Length, file.Entry.Node.Name, Errno.ESTALE);
        else fs.Outbox.Send(file, waits, partial.Bytes);
        partial.Clear();
    }
}
