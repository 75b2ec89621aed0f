using TriggerFs.Fs.Nodes;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>One open(2) of a trigger. Used for another when it is closed.</summary>
sealed class OpenFile
{
    private uint _flags;

    public TreeEntry Entry { get; private set; } = null!;

    public bool CanRead => (_flags & OpenFlags.AccessModeMask) != OpenFlags.WriteOnly;

    public bool CanWrite => (_flags & OpenFlags.AccessModeMask) != OpenFlags.ReadOnly;

    /// <summary>As it was opened; each read and write says how it is then.</summary>
    public bool IsNonBlocking => (_flags & OpenFlags.NonBlocking) != 0;

    /// <summary>Guards what is below.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Answers to what this handle wrote; null as long as it wrote nothing or cannot read.</summary>
    public AnswerQueue? Answers { get; set; }

    /// <summary>What was written and is not settled; nothing may have been written yet.</summary>
    public Unsettled? Unsettled { get; set; }

    /// <summary>Reads the trigger's output; null as long as it has not read, and once it has written.</summary>
    public Follower? Follower { get; set; }

    /// <summary>The trigger's last answer as it was when the reading began; for a handle that wrote nothing.</summary>
    public byte[]? LastAnswer { get; set; }

    /// <summary>
    /// What was written and is no whole message yet (message line and close); null when nothing is kept.
    /// </summary>
    public PartialMessage? Partial { get; set; }

    public void Begin(TreeEntry entry, uint flags)
    {
        Entry = entry;
        _flags = flags;
    }

    /// <summary>
    /// The last close: nothing of it is there for who opens it next. Messages that are under way keep what is theirs.
    /// </summary>
    public void End(FileSystem fs)
    {
        lock (Gate)
        {
            Answers?.Close();
            Answers = null;
            Unfollow(fs);
            LastAnswer = null;
            if (Unsettled is { IsEmpty: true } settled) _ = settled.TakeFailure();
            else Unsettled = null;
        }
    }

    /// <summary>Something is about to be written.</summary>
    public Unsettled ExpectAnswers(FileSystem fs)
    {
        lock (Gate)
        {
            Unfollow(fs);
            if (CanRead) Answers ??= new(fs);
            return Unsettled ??= new();
        }
    }

    /// <summary>Nobody reads the trigger's last answer here any more.</summary>
    public void Unfollow(FileSystem fs)
    {
        lock (Gate)
        {
            if (Follower is { } follower) fs.Followers.End(follower);
            Follower = null;
        }
    }

    /// <summary>What is kept becomes what it was before a write that was not taken.</summary>
    public void Rewind(ReadOnlySpan<byte> kept)
    {
        lock (Gate)
        {
            Partial?.Rewind(kept);
        }
    }
}
