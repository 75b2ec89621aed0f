using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using TriggerFs.Core;

namespace TriggerFs.Transport.Tcp;

/// <summary>What this program does with TCP sockets: non-blocking, without Nagle's delay, closed on exec.</summary>
static unsafe class TcpSocket
{
    /// <summary>
    /// struct sockaddr_in6, the larger of the two: family, port (network order), flow, 16 bytes, scope.
    /// </summary>
    private const int AddressMax = 28;
    private const int Backlog = 4096;

    /// <summary>
    /// Opens a port on the first address that a host stands for; answers its descriptor and the real port.
    /// </summary>
    public static int Listen(Endpoint endpoint, out int port)
    {
        int error = 0;
        foreach (IPAddress address in AddressesToListenOn(endpoint))
        {
            int fd = TryListen(address, endpoint.Port, out error);
            if (fd < 0) continue;
            port = LocalPort(fd);
            return fd;
        }
        throw new TriggerException(ErrorCode.Settings, $"cannot listen on {endpoint}", Describe(error),
            "stop the program that uses the port, or choose another one: listen = \"tcp://…\" under [broker]");
    }

    /// <summary>Begins to connect; the descriptor becomes writable when it is done. Negative: minus errno.</summary>
    public static int Connect(IPAddress address, int port)
    {
        int fd = Open(address.AddressFamily);
        if (fd < 0) return fd;
        byte* raw = stackalloc byte[AddressMax];
        if (Native.Connect(fd, raw, WriteAddress(raw, address, port)) == 0) return fd;
        int error = Native.Errno;
        if (error == Native.EINPROGRESS) return fd;
        Native.Close(fd);
        return -error;
    }

    /// <summary>The outcome of a connection attempt: 0 or errno.</summary>
    public static int ConnectError(int fd)
    {
        int error = 0;
        uint length = sizeof(int);
        int result = Native.GetSocketOption(fd, Native.SOL_SOCKET, Native.SO_ERROR, &error, &length);
        return result == 0 ? error : Native.Errno;
    }

    /// <summary>
    /// Takes one waiting connection; negative: minus errno. Socket options come from the listening one.
    /// </summary>
    public static int Accept(int listener, out IPAddress address, out int port)
    {
        byte* raw = stackalloc byte[AddressMax];
        uint length = AddressMax;
        int fd = Native.Accept(listener, raw, &length, Native.SOCK_NONBLOCK | Native.SOCK_CLOEXEC);
        if (fd < 0)
        {
            address = IPAddress.None;
            port = 0;
            return -Native.Errno;
        }
        bool isV4 = *(ushort*)raw == Native.AF_INET;
        var bytes = new ReadOnlySpan<byte>(raw + (isV4 ? 4 : 8), isV4 ? 4 : 16);
        port = BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(raw + 2, 2));
        address = new IPAddress(bytes);
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return fd;
    }

    /// <summary>
    /// How long bytes that were sent may stay unacknowledged by the other side's kernel before the connection breaks;
    /// zero is the kernel's own idea, a quarter of an hour.
    /// </summary>
    public static void SetUnheardMax(int fd, TimeSpan max) =>
        Set(fd, Native.IPPROTO_TCP, Native.TCP_USER_TIMEOUT, (int)max.TotalMilliseconds);

    /// <summary>
    /// Whether this host still has the address that a connection leaves from. Without it nothing arrives any more, and
    /// the kernel says nothing of it.
    /// </summary>
    public static bool HasLocalAddress(int fd)
    {
        byte* raw = stackalloc byte[AddressMax];
        uint length = AddressMax;
        if (Native.GetSocketName(fd, raw, &length) != 0) return true; // Whatever is wrong, it is not this.
        new Span<byte>(raw + 2, 2).Clear(); // Any port.
        int probe = Native.Socket(*(ushort*)raw, Native.SOCK_DGRAM | Native.SOCK_CLOEXEC, 0);
        if (probe < 0) return true;
        bool isGone = Native.Bind(probe, raw, length) != 0 && Native.Errno == Native.EADDRNOTAVAIL;
        Native.Close(probe);
        return !isGone;
    }

    /// <summary>What the system calls an errno.</summary>
    public static string Describe(int error) =>
        error == 0 ? "no address was found" : Marshal.GetPInvokeErrorMessage(error);

    private static IPAddress[] AddressesToListenOn(Endpoint endpoint)
    {
        if (endpoint.IsWildcard) return [IPAddress.IPv6Any, IPAddress.Any];
        if (endpoint.TryLiteral(out IPAddress literal)) return [literal];
        try
        {
            return Dns.GetHostAddresses(endpoint.Host);
        }
        catch (SocketException problem)
        {
            throw new TriggerException(ErrorCode.Settings, $"cannot listen on {endpoint}", problem.Message,
                "name an address of this machine, or tcp://*:5555 for all", problem);
        }
    }

    private static int TryListen(IPAddress address, int port, out int error)
    {
        error = 0;
        int fd = Open(address.AddressFamily);
        if (fd < 0)
        {
            error = -fd;
            return fd;
        }
        // A restarted broker takes its port back while connections of the old one are still being forgotten.
        Set(fd, Native.SOL_SOCKET, Native.SO_REUSEADDR, 1);
        if (address.AddressFamily == AddressFamily.InterNetworkV6) Set(fd, Native.IPPROTO_IPV6, Native.IPV6_V6ONLY, 0);
        byte* raw = stackalloc byte[AddressMax];
        if (Native.Bind(fd, raw, WriteAddress(raw, address, port)) == 0 && Native.Listen(fd, Backlog) == 0) return fd;
        error = Native.Errno;
        Native.Close(fd);
        return -error;
    }

    private static int Open(AddressFamily family)
    {
        int number = family == AddressFamily.InterNetwork ? Native.AF_INET : Native.AF_INET6;
        int fd = Native.Socket(number, Native.SOCK_STREAM | Native.SOCK_NONBLOCK | Native.SOCK_CLOEXEC, 0);
        if (fd < 0) return -Native.Errno;
        Set(fd, Native.IPPROTO_TCP, Native.TCP_NODELAY, 1);
        // A second line behind the heartbeats: the kernel finds out about a peer that is silently gone.
        Set(fd, Native.SOL_SOCKET, Native.SO_KEEPALIVE, 1);
        Set(fd, Native.IPPROTO_TCP, Native.TCP_KEEPIDLE, 60);
        Set(fd, Native.IPPROTO_TCP, Native.TCP_KEEPINTVL, 15);
        Set(fd, Native.IPPROTO_TCP, Native.TCP_KEEPCNT, 4);
        return fd;
    }

    private static void Set(int fd, int level, int name, int value) =>
        Native.SetSocketOption(fd, level, name, &value, sizeof(int));

    private static int LocalPort(int fd)
    {
        byte* raw = stackalloc byte[AddressMax];
        uint length = AddressMax;
        Native.GetSocketName(fd, raw, &length);
        return BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(raw + 2, 2));
    }

    private static uint WriteAddress(byte* raw, IPAddress address, int port)
    {
        bool isV4 = address.AddressFamily == AddressFamily.InterNetwork;
        var to = new Span<byte>(raw, AddressMax);
        to.Clear();
        *(ushort*)raw = (ushort)(isV4 ? Native.AF_INET : Native.AF_INET6);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)port);
        address.TryWriteBytes(to[(isV4 ? 4 : 8)..], out _);
        if (!isV4) *(uint*)(raw + 24) = (uint)address.ScopeId;
        return isV4 ? 16u : AddressMax;
    }
}
