using TriggerFs.Core;
using TriggerFs.Core.Ports;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// A change of the tree under way: asked of the broker, then waited for until the tree shows it, so that the program
/// that made it sees it. Answered exactly once.
/// </summary>
/// <param name="isShown">Whether the tree shows the change; called within the tree's lock.</param>
/// <param name="finish">Writes the reply; gets None, or the error.</param>
/// <param name="errnoOf">From the broker's failures to errno.</param>
sealed class ChangeReply(FileSystem fs, Func<bool> isShown, Action<Errno> finish, Func<ErrorCode, Errno> errnoOf)
    : IReplyTo, IPending
{
    /// <summary>
    /// How long the tree may lag behind the broker's answer, in ms; they come over the same connection.
    /// </summary>
    private const int LagMaxMs = 2000;

    /// <summary>Asks the broker for a change on behalf of a request, which is answered later.</summary>
    public static Errno Ask(
        FileSystem fs,
        ulong unique,
        TreeChange change,
        Func<bool> isShown,
        Action<Errno> finish,
        Func<ErrorCode, Errno> errnoOf)
    {
        var reply = new ChangeReply(fs, isShown, finish, errnoOf);
        fs.Pending.Add(unique, reply);
        fs.Sink.Change(change, reply);
        return Errno.Later;
    }

    public void Answer(ErrorCode? failure)
    {
        if (failure is { } code)
        {
            finish(errnoOf(code));
            return;
        }
        if (!fs.Tree.When(isShown, Shown)) _ = GiveUpLaterAsync();
    }

    /// <summary>What was asked of the broker cannot be taken back; its answer comes to nobody.</summary>
    Errno IPending.Interrupted(FileSystem from, ref ReplyWriter reply) => Errno.EINTR;

    private void Shown() => finish(Errno.None);

    private async Task GiveUpLaterAsync()
    {
        await Task.Delay(LagMaxMs);
        if (fs.Tree.StopWaiting(Shown)) finish(Errno.None);
    }
}
