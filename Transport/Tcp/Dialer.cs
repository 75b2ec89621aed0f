using System.Net;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Transport.Tcp;

/// <summary>
/// One attempt to connect: looks the name up without blocking the loop and tries each address in turn. Ends in exactly
/// one of two callbacks, unless it is disposed first. Loop's thread only.
/// </summary>
sealed class Dialer : IDisposable
{
    private readonly EventLoop _loop;
    private readonly Endpoint _endpoint;
    private readonly TimeSpan _timeout;
    private readonly Action<int> _connected;
    private readonly Action<string> _failed;
    private IPAddress[] _addresses = [];
    private int _tried;
    private string _why = "the name has no address";
    private int _fd = -1;
    private Watch? _watch;
    private LoopTimer? _deadline;
    private bool _over;

    /// <param name="loop">The loop that it runs on.</param>
    /// <param name="endpoint">Where to.</param>
    /// <param name="timeout">For the name, and then for each address.</param>
    /// <param name="connected">Gets the connected descriptor, which is its own from then on.</param>
    /// <param name="failed">Gets the reason of the last failure.</param>
    public Dialer(EventLoop loop, Endpoint endpoint, TimeSpan timeout, Action<int> connected, Action<string> failed)
    {
        _loop = loop;
        _endpoint = endpoint;
        _timeout = timeout;
        _connected = connected;
        _failed = failed;
    }

    /// <summary>Which of the addresses is tried first, counted around.</summary>
    public int Turn { get; init; }

    public void Start()
    {
        if (_endpoint.TryLiteral(out IPAddress literal))
        {
            Try([literal]);
            return;
        }
        _deadline = _loop.After(_timeout, () => Fail($"looking up {_endpoint.Host} took too long"));
        _ = Task.Run(() => Dns.GetHostAddresses(_endpoint.Host)).ContinueWith(
            lookup => _loop.Post(() => Resolved(lookup)), TaskScheduler.Default);
    }

    public void Dispose()
    {
        _over = true;
        LetGo();
        if (_fd >= 0) Native.Close(_fd);
        _fd = -1;
    }

    private void Resolved(Task<IPAddress[]> lookup)
    {
        if (_over) return;
        if (lookup.IsCompletedSuccessfully) Try(lookup.Result);
        else Fail($"looking up {_endpoint.Host} failed: {lookup.Exception?.InnerException?.Message}");
    }

    private void Try(IPAddress[] addresses)
    {
        _addresses = addresses;
        TryNext();
    }

    private void TryNext()
    {
        LetGo();
        while (_tried < _addresses.Length)
        {
            IPAddress address = _addresses[(Turn + _tried++) % _addresses.Length];
            int fd = TcpSocket.Connect(address, _endpoint.Port);
            if (fd < 0)
            {
                _why = $"{address}: {TcpSocket.Describe(-fd)}";
                continue;
            }
            _fd = fd;
            _watch = _loop.Watch(fd, Interest.Write, _ => Answered(address, TcpSocket.ConnectError(fd)));
            _deadline = _loop.After(_timeout, () => Answered(address, Native.ETIMEDOUT));
            return;
        }
        Fail(_why);
    }

    private void Answered(IPAddress address, int error)
    {
        LetGo();
        int fd = _fd;
        _fd = -1;
        if (error == 0)
        {
            _over = true;
            _connected(fd);
            return;
        }
        Native.Close(fd);
        _why = $"{address}: {TcpSocket.Describe(error)}";
        TryNext();
    }

    private void Fail(string why)
    {
        Dispose();
        _failed(why);
    }

    private void LetGo()
    {
        _watch?.Dispose();
        _deadline?.Dispose();
    }
}
