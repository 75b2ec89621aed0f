using System.Runtime.InteropServices;
using TriggerFs.Fs.Kernel;

namespace TriggerFs.Fs;

/// <summary>
/// The threads that read a request, answer it with one system call, and read the next. One at first, and one more when
/// all are busy: the kernel wakes those that wait in turn, and each that is woken for nothing better to do has cold
/// caches. They end when the connection does.
/// </summary>
sealed unsafe class Readers
{
    /// <summary>
    /// "The read buffer must hold max_write and the headers", or the kernel refuses each read with EINVAL.
    /// </summary>
    private const int RequestMax = FileSystemOptions.WriteMax + 4096;

    private readonly FuseDevice _device;
    private readonly FileSystem _fs;
    private readonly int _max;
    private readonly Action _ended;
    private readonly Lock _gate = new();
    private readonly List<Thread> _threads = [];
    private int _running;
    private int _waiting;

    /// <param name="max">Threads at the most.</param>
    /// <param name="ended">Called when the last of them has ended.</param>
    public Readers(FuseDevice device, FileSystem fs, int max, Action ended) =>
        (_device, _fs, _max, _ended) = (device, fs, max, ended);

    public void Start() => Add();

    /// <summary>Waits for their end; false when they have not ended in time.</summary>
    public bool Join(TimeSpan timeMax)
    {
        Thread[] threads;
        lock (_gate) threads = [.. _threads];
        return Array.TrueForAll(threads, thread => thread.Join(timeMax));
    }

    /// <summary>One more, unless another thread was quicker, or there are enough.</summary>
    private void Add()
    {
        lock (_gate)
        {
            if (_threads.Count >= _max || Volatile.Read(ref _waiting) > 0) return;
            var thread = new Thread(Serve) { IsBackground = true, Name = $"fuse {_threads.Count}" };
            _threads.Add(thread);
            Interlocked.Increment(ref _running);
            Interlocked.Increment(ref _waiting);
            thread.Start();
        }
    }

    private void Serve()
    {
        byte* memory = (byte*)NativeMemory.AlignedAlloc(RequestMax + Handlers.ReplyMax, 4096);
        try
        {
            Serve(new Span<byte>(memory, RequestMax), new Span<byte>(memory + RequestMax, Handlers.ReplyMax));
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
            if (Interlocked.Decrement(ref _running) == 0) _ended();
        }
    }

    private void Serve(Span<byte> request, Span<byte> reply)
    {
        while (true)
        {
            int length = _device.Read(request, out Errno error);
            switch (error)
            {
                case Errno.None:
                    if (Interlocked.Decrement(ref _waiting) == 0) Add();
                    int replyLength = Handlers.Handle(_fs, request[..length], reply);
                    if (replyLength > 0) _device.Write(reply[..replyLength]);
                    Interlocked.Increment(ref _waiting);
                    break;
                case Errno.EINTR or Errno.EAGAIN or Errno.ENOENT:
                    break; // ENOENT: the request was interrupted before we read it.
                case Errno.ENODEV or Errno.ECONNABORTED or Errno.EBADF: // Unmounted, or aborted.
                    return;
                default:
                    Log.DeviceFailed(_fs.Log, FuseDevice.Path, error);
                    return;
            }
        }
    }
}
