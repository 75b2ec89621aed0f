using System.Net;
using System.Net.Sockets;

namespace TriggerFs.Bench.Roles;

/// <summary>Copies bytes between a client's and a worker's connection, a thread for each direction.</summary>
static class Relay
{
    public static void Run(int front, int back)
    {
        using Socket clients = Listen(front), workers = Listen(back);
        Console.WriteLine("READY");
        using Socket worker = Accept(workers);
        while (true)
        {
            using Socket client = Accept(clients);
            var answers = new Thread(() => Copy(worker, client)) { IsBackground = true };
            answers.Start();
            Copy(client, worker);
            return; // One client for each run.
        }
    }

    /// <summary>The worker: sends back what comes.</summary>
    public static void Echo(int port)
    {
        using Socket socket = Connect(port);
        Console.WriteLine("READY");
        Copy(socket, socket);
    }

    public static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    private static Socket Listen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen();
        return socket;
    }

    private static Socket Accept(Socket listener)
    {
        Socket socket = listener.Accept();
        socket.NoDelay = true;
        return socket;
    }

    private static void Copy(Socket from, Socket to)
    {
        byte[] buffer = new byte[256 * 1024];
        try
        {
            while (from.Receive(buffer) is > 0 and int count)
                for (int sent = 0; sent < count;) sent += to.Send(buffer.AsSpan(sent, count - sent));
        }
        catch (SocketException)
        {
            // The other end is gone, and with it this one.
        }
    }
}
