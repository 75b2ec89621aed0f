using System.Net;
using Microsoft.Extensions.Logging;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Transport.Tcp;

/// <summary>
/// An open port: takes connections while it may, and leaves them in the kernel's queue while it may not or no
/// descriptor is free.
/// </summary>
sealed class Listener : IDisposable
{
    /// <summary>Connections taken in one turn, so that those who are connected get theirs.</summary>
    private const int AcceptMax = 64;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(250);

    private readonly EventLoop _loop;
    private readonly int _fd;
    private readonly ILogger _logger;
    private Watch? _watch;
    private LoopTimer? _retry;
    private Func<bool>? _hasRoom;
    private Action<int, IPAddress, int>? _accepted;
    private bool _disposed;

    public Listener(EventLoop loop, Endpoint endpoint, ILogger logger)
    {
        _loop = loop;
        _logger = logger;
        _fd = TcpSocket.Listen(endpoint, out int port);
        Endpoint = endpoint with { Port = port };
    }

    /// <summary>The address with its real port.</summary>
    public Endpoint Endpoint { get; }

    /// <summary>Begins to accept.</summary>
    /// <param name="hasRoom">Whether one more may come; while not, they wait in the kernel's queue.</param>
    /// <param name="accepted">Gets the descriptor, which is its own from then on, and where it comes from.</param>
    public void Start(Func<bool> hasRoom, Action<int, IPAddress, int> accepted)
    {
        _hasRoom = hasRoom;
        _accepted = accepted;
        _watch = _loop.Watch(_fd, Interest.Read, _ => Accept());
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _retry?.Dispose();
        _watch?.Dispose();
        Native.Close(_fd);
    }

    private void Accept()
    {
        for (int i = 0; i < AcceptMax && !_disposed; i++)
        {
            if (!_hasRoom!())
            {
                Pause();
                return;
            }
            int fd = TcpSocket.Accept(_fd, out IPAddress address, out int port);
            if (fd >= 0) _accepted!(fd, address, port);
            else if (-fd is Native.EMFILE or Native.ENFILE or Native.ENOBUFS or Native.ENOMEM)
            {
                Log.AcceptPaused(_logger, TcpSocket.Describe(-fd));
                Pause();
                return;
            }
            // A connection that was gone before it was taken says nothing about the next one.
            else if (-fd is not Native.ECONNABORTED and not Native.EINTR) return;
        }
    }

    private void Pause()
    {
        _watch!.Interest = Interest.None;
        _retry = _loop.After(RetryAfter, () => _watch.Interest = Interest.Read);
    }
}
