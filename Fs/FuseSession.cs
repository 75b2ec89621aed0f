using Microsoft.Extensions.Logging;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Kernel;
using TriggerFs.Fs.Nodes;
using TriggerFs.Fs.Operations;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs;

/// <summary>
/// A file system that is mounted and served, until it is unmounted, by us or by anybody.
/// </summary>
sealed class FuseSession : IKernelReplies, IDisposable
{
    /// <summary>Reader threads at the most: each has buffers for the largest request.</summary>
    public const int ThreadsMax = 16;

    private const string PagesLimit = "/proc/sys/fs/fuse/max_pages_limit";

    private readonly KernelMount _mount;
    private readonly Notifier _notifier;
    private readonly Readers _readers;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FuseSession(KernelMount mount, MountOptions options, TriggerTree tree, ITriggerSink sink, ILogger log)
    {
        _mount = mount;
        var shown = new FileSystemOptions(
            options.Uid ?? Native.Geteuid(),
            options.Gid ?? Native.Getegid(),
            Environment.SystemPageSize,
            ReadPagesMax(),
            options.Umask);
        FileSystem = new(shown, tree, sink, this, log);
        FileSystem.Ready += () => _ready.TrySetResult();
        _notifier = new(FileSystem);
        _readers = new(mount.Device, FileSystem, options.Threads ?? ThreadsDefault, End);
    }

    /// <summary>
    /// Reader threads at the most when nobody says how many: one for each processor, and one more for a handler that
    /// holds one up.
    /// </summary>
    public static int ThreadsDefault => Math.Min(Environment.ProcessorCount + 1, 4);

    public FileSystem FileSystem { get; }

    /// <summary>The real path of the mountpoint.</summary>
    public string Path => _mount.Path;

    /// <summary>Completes when the kernel has agreed and programs can use the files.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Completes when it is unmounted.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Mounts and begins to serve.</summary>
    /// <param name="report">Hears what was done to make the mountpoint usable.</param>
    public static FuseSession Start(
        MountOptions options, TriggerTree tree, ITriggerSink sink, ILogger log, Action<string> report)
    {
        var session = new FuseSession(KernelMount.Mount(options, report), options, tree, sink, log);
        session._notifier.Start();
        session._readers.Start();
        return session;
    }

    /// <summary>
    /// Unmounts: politely within the grace, else lazily. True when no program had a file open any more.
    /// </summary>
    public bool Unmount(TimeSpan grace) => _mount.Unmount(grace);

    public Errno Send(ReadOnlySpan<byte> message) => _mount.Device.Write(message);

    /// <summary>Unmounts at once if that was not done, and ends the threads.</summary>
    public void Dispose()
    {
        if (!_ended.Task.IsCompleted) _mount.Unmount(TimeSpan.Zero);
        foreach (OpenFile file in FileSystem.Files.All()) Keeping.Finish(FileSystem, file);
        bool areOver = _readers.Join(TimeSpan.FromSeconds(2));
        _notifier.Dispose();
        FileSystem.Lines.Dispose();
        // With a thread in read(2) the number must not be given to another file; it ends with the process then.
        if (areOver) _mount.Dispose();
    }

    private static int ReadPagesMax()
    {
        try
        {
            return int.TryParse(File.ReadAllText(PagesLimit), out int pages) && pages > 1 ? pages : 256;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return 256; // FUSE_MAX_MAX_PAGES before 6.13, where the file appeared.
        }
    }

    private void End()
    {
        _ready.TrySetCanceled();
        _ended.TrySetResult();
    }
}
