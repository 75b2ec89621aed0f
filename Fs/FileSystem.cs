using Microsoft.Extensions.Logging;
using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Failed;
using TriggerFs.Fs.Nodes;
using TriggerFs.Fs.Operations;

namespace TriggerFs.Fs;

/// <summary>Who the files belong to and how large a write the kernel hands over in one piece.</summary>
/// <param name="Uid">Owner of every file: the user who mounts.</param>
/// <param name="Gid">Group of every file.</param>
/// <param name="PageSize">Of this machine, in bytes: 4 KiB, on a Raspberry Pi 5 also 16 KiB.</param>
/// <param name="PagesMax">
/// Pages in one request at the most: /proc/sys/fs/fuse/max_pages_limit, 256 before it was there.
/// </param>
/// <param name="Umask">Permission bits that no mode has, in place of the tree's modes; null to show those.</param>
sealed record FileSystemOptions(uint Uid, uint Gid, int PageSize = 4096, int PagesMax = 256, uint? Umask = null)
{
    /// <summary>Bytes of one WRITE that we ask the kernel for; it takes no more than 1 MiB.</summary>
    public const int WriteMax = Limits.PayloadMax;

    /// <summary>max_pages of INIT.</summary>
    public int Pages => Math.Min(PagesMax, WriteMax / PageSize);

    /// <summary>
    /// The largest write that certainly is whole. A larger request may be the first piece of one that the kernel had to
    /// split: a buffer that does not begin at a page's beginning loses up to a page.
    /// </summary>
    public int WholeWriteMax => (Pages - 1) * PageSize;
}

/// <summary>What the handlers work on: the tree, what is open, what is under way, and where things go.</summary>
sealed class FileSystem
{
    public FileSystem(
        FileSystemOptions options, TriggerTree tree, ITriggerSink sink, IKernelReplies replies, ILogger log)
    {
        Options = options;
        Tree = tree;
        Sink = sink;
        Replies = replies;
        Log = log;
        RoomMade = () => RoomPolls.Wake(this);
        Outbox = new(this);
        FreePartials = new(() => new(Kept));
        Lines = new(this);
        Failed = new(sink.GivenUp);
    }

    public FileSystemOptions Options { get; }

    public TriggerTree Tree { get; }

    public ITriggerSink Sink { get; }

    public IKernelReplies Replies { get; }

    public ILogger Log { get; }

    /// <summary>Requests whose replies come later.</summary>
    public PendingReplies Pending { get; } = new();

    public HandleTable<OpenFile> Files { get; } = new();

    public HandleTable<OpenDirectory> Directories { get; } = new();

    public Pool<OpenFile> FreeFiles { get; } = new(static () => new());

    public Pool<OpenDirectory> FreeDirectories { get; } = new(static () => new());

    public Pool<PartialMessage> FreePartials { get; }

    /// <summary>The last answer of each trigger.</summary>
    public AnswerStore Answers { get; } = new();

    /// <summary>Who reads triggers, and what came for them.</summary>
    public Followers Followers { get; } = new();

    /// <summary>Messages on their way to the sink.</summary>
    public Outbox Outbox { get; }

    /// <summary>What all open files keep of messages that are not whole yet.</summary>
    public KeptBytes Kept { get; } = new();

    /// <summary>What all open files keep of answers that are not read yet.</summary>
    public KeptBytes Unread { get; } = new();

    /// <summary>Lines that have not ended yet.</summary>
    public PartialLines Lines { get; }

    /// <summary>The messages that were given up, as files.</summary>
    public FailedFolder Failed { get; }

    /// <summary>Files and directories that programs have open now.</summary>
    public int OpenCount => Files.Count + Directories.Count + Failed.OpenCount;

    /// <summary>Callers of poll(2) that wait for room in the sink.</summary>
    public PollWaiters RoomPolls { get; } = new();

    /// <summary>Wakes those; one delegate, as it is handed to the sink often.</summary>
    public Action RoomMade { get; }

    /// <summary>Renames of a moment ago, for the log line that a rotated log file needs.</summary>
    public RecentRenames Renames { get; } = new();

    /// <summary>Whether the kernel can expire a name without dropping it; known after INIT.</summary>
    public bool CanExpireNames { get; set; }

    /// <summary>The kernel's minor protocol version; 0 before INIT.</summary>
    public uint Minor { get; set; }

    /// <summary>Called once, when the kernel has said INIT.</summary>
    public event Action? Ready;

    public void BecomeReady() => Ready?.Invoke();
}
