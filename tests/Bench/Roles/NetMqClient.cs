using System.Diagnostics;
using System.Runtime.InteropServices;
using NetMQ;
using NetMQ.Sockets;

namespace TriggerFs.Bench.Roles;

/// <summary>A DEALER that sends and receives on one thread. The time of asking travels in the payload.</summary>
sealed class NetMqClient : IAsker
{
    private readonly DealerSocket _socket = new();

    public NetMqClient(string address, string key)
    {
        NetMqSockets.Connect(_socket, address, key);
    }

    public void Ask(Meter meter)
    {
        int underWay = meter.Cell.Outstanding;
        for (int i = 0; i < underWay; i++) Send(meter.Cell.Size);
        var answer = new Msg();
        answer.InitEmpty();
        while (underWay > 0)
        {
            _socket.Receive(ref answer);
            long asked = MemoryMarshal.Read<long>(answer.Slice());
            if (meter.Answered(asked, Stopwatch.GetTimestamp())) Send(meter.Cell.Size);
            else underWay--;
        }
        answer.Close();
    }

    public void Dispose() => _socket.Dispose();

    private void Send(int size)
    {
        var message = new Msg();
        message.InitPool(size);
        MemoryMarshal.Write(message.Slice(), Stopwatch.GetTimestamp());
        _socket.Send(ref message, more: false);
        message.Close();
    }
}

/// <summary>Sockets with CURVE and without limits on what waits.</summary>
static class NetMqSockets
{
    public static void Connect(NetMQSocket socket, string address, string serverKey)
    {
        socket.Options.CurveServerCertificate = NetMQCertificate.FromPublicKey(serverKey);
        socket.Options.CurveCertificate = new NetMQCertificate();
        NoLimits(socket);
        socket.Connect(address);
    }

    public static void NoLimits(NetMQSocket socket)
    {
        socket.Options.SendHighWatermark = 0;
        socket.Options.ReceiveHighWatermark = 0;
        socket.Options.Linger = TimeSpan.Zero;
    }
}
