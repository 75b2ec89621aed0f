using System.Collections.Concurrent;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Core.Wire;
using TriggerFs.Transport;

namespace TriggerFs.Tests.Transport;

/// <summary>A router on a thread of its own that notes what it is told, and answers as a test wants.</summary>
sealed class RunningRouter : IRouterEvents, IDisposable
{
    private readonly Thread _thread;

    public RunningRouter(RouterSettings? settings = null, bool isEcho = false)
    {
        Router = new(settings ?? new("tcp://127.0.0.1:0", null));
        if (isEcho) OnReceived = (peer, message) => Router.Send(peer, message);
        _thread = new Thread(() => Router.Run(this)) { Name = "test-router" };
        _thread.Start();
    }

    public delegate void Heard(PeerId peer, ReadOnlySpan<byte> message);

    public BrokerRouter Router { get; }

    public int Port => int.Parse(Router.Address[(Router.Address.LastIndexOf(':') + 1)..],
        System.Globalization.CultureInfo.InvariantCulture);

    public ConcurrentQueue<PeerId> Peers { get; } = [];

    public ConcurrentQueue<byte[]> Messages { get; } = [];

    public ConcurrentQueue<(PeerId Peer, LinkEnd End, string Why)> Gone { get; } = [];

    public ConcurrentQueue<PeerId> DrainedPeers { get; } = [];

    public int Ticks { get; private set; }

    public int Arrivals { get; private set; }

    /// <summary>Instead of noting a message.</summary>
    public Heard? OnReceived { get; set; }

    public Action<PeerId>? OnJoined { get; set; }

    public Action<PeerId>? OnDrained { get; set; }

    /// <summary>A router that plays the broker of one session: it accepts every Hello, and notes the rest.</summary>
    public static RunningRouter Accepting(
        KeyPair? keys = null, uint heartbeatMs = 2500, string listen = "tcp://127.0.0.1:0", Heard? then = null)
    {
        var router = new RunningRouter(new(listen, keys));
        router.OnReceived = (peer, message) =>
        {
            var kind = (MessageKind)message[0];
            router.Messages.Enqueue(message.ToArray());
            if (kind == MessageKind.Hello)
            {
                router.Router.Admit(peer, Limits.MessageMax);
                var welcome = new Accepted(new(1), false, "team", "worker", "jwt", heartbeatMs, 0, "test");
                router.Router.Send(peer, Written(welcome.Write));
            }
            else then?.Invoke(peer, message);
        };
        return router;
    }

    public static byte[] Written(Action<WireWriter> write)
    {
        var wire = new WireWriter();
        write(wire);
        return wire.Written.ToArray();
    }

    /// <summary>Does something on the loop's thread and waits for it.</summary>
    public T Do<T>(Func<BrokerRouter, T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Router.Post(() => done.SetResult(work(Router)));
        Assert.True(done.Task.Wait(TimeSpan.FromSeconds(20)));
        return done.Task.Result;
    }

    public void Do(Action<BrokerRouter> work) => Do(router =>
    {
        work(router);
        return true;
    });

    public PeerId FirstPeer()
    {
        Wait.Until(() => !Peers.IsEmpty);
        return Peers.First();
    }

    public void Joined(PeerId peer, string address)
    {
        OnJoined?.Invoke(peer);
        Peers.Enqueue(peer);
    }

    public void Received(PeerId peer, ReadOnlySpan<byte> message)
    {
        if (OnReceived is { } handler) handler(peer, message);
        else Messages.Enqueue(message.ToArray());
    }

    public void Arriving(PeerId peer) => Arrivals++;

    public void Left(PeerId peer, LinkEnd end, string why) => Gone.Enqueue((peer, end, why));

    public void Drained(PeerId peer)
    {
        DrainedPeers.Enqueue(peer);
        OnDrained?.Invoke(peer);
    }

    public void Ticked() => Ticks++;

    public void Dispose()
    {
        Router.Stop();
        Assert.True(_thread.Join(TimeSpan.FromSeconds(20)));
        Router.Dispose();
    }
}
