using NetMQ;
using NetMQ.Sockets;

namespace TriggerFs.Bench.Roles;

/// <summary>
/// ROUTER to ROUTER: what a client sends goes to the one worker, behind the client's identity, and back.
/// </summary>
static class NetMqBroker
{
    public static void Run(string front, string back, string secretKey, string publicKey)
    {
        using RouterSocket clients = Bind(front, secretKey, publicKey), workers = Bind(back, secretKey, publicKey);
        using var poller = new NetMQPoller { clients, workers };
        byte[] worker = [];
        clients.ReceiveReady += (_, _) => Forward(clients, workers, ref worker, fromWorker: false);
        workers.ReceiveReady += (_, _) => Forward(workers, clients, ref worker, fromWorker: true);
        Console.WriteLine("READY");
        poller.Run();
    }

    private static RouterSocket Bind(string address, string secretKey, string publicKey)
    {
        var socket = new RouterSocket();
        socket.Options.CurveServer = true;
        socket.Options.CurveCertificate = new NetMQCertificate(secretKey, publicKey);
        NetMqSockets.NoLimits(socket);
        socket.Bind(address);
        return socket;
    }

    private static void Forward(RouterSocket from, RouterSocket to, ref byte[] worker, bool fromWorker)
    {
        var frame = new Msg();
        frame.InitEmpty();
        for (int i = 0; i < 1000 && from.TryReceive(ref frame, TimeSpan.Zero); i++)
        {
            if (fromWorker)
            {
                if (worker.Length == 0) worker = frame.Slice().ToArray();
                from.Receive(ref frame);
                if (frame.Size == 0) continue; // The worker's first word.
            }
            else
            {
                var identity = new Msg();
                identity.InitPool(worker.Length);
                worker.CopyTo(identity.Slice());
                to.Send(ref identity, more: true);
                identity.Close();
            }
            to.Send(ref frame, more: true);
            from.Receive(ref frame);
            to.Send(ref frame, more: false);
        }
        frame.Close();
    }
}

/// <summary>Sends back what comes.</summary>
static class NetMqWorker
{
    public static void Run(string back, string key)
    {
        using var socket = new DealerSocket();
        NetMqSockets.Connect(socket, back, key);
        socket.SendFrameEmpty();
        Console.WriteLine("READY");
        var frame = new Msg();
        frame.InitEmpty();
        while (true)
        {
            socket.Receive(ref frame);
            bool more = frame.HasMore;
            socket.Send(ref frame, more);
        }
    }
}
