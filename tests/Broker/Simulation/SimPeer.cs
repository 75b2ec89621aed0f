using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;

namespace TriggerFs.Tests.Broker.Simulation;

/// <summary>
/// A worker or a client: one process that connects, says Hello, keeps alive, and comes back by itself.
/// </summary>
abstract class SimPeer(Sim sim)
{
    private static readonly long SilenceMs =
        (long)Limits.HeartbeatDefault.TotalMilliseconds * Limits.HeartbeatsMissedMax;

    private long _heardMs;
    private bool _connecting;

    protected Sim Sim => sim;

    protected WireWriter Wire { get; } = new();

    public SimLink? Link { get; private set; }

    /// <summary>The broker accepted it on this link.</summary>
    public bool IsUp { get; private set; }

    /// <summary>The process is alive.</summary>
    public bool IsAlive { get; private set; }

    /// <summary>The number of the process: what an earlier one had planned does not happen any more.</summary>
    public int Life { get; private set; }

    public void Live()
    {
        IsAlive = true;
        Life++;
        Born();
        Connect(0);
        Beat();
    }

    /// <summary>The process ends. Its kernel closes the connection, or the host is gone with it.</summary>
    public void Die(bool isClean)
    {
        if (!IsAlive) return;
        IsAlive = false;
        Life++;
        if (Link is { } link)
        {
            if (isClean) sim.CloseAtPeer(link);
            else sim.Break(link);
        }
        Link = null;
        IsUp = false;
        Died();
    }

    /// <summary>The connection ends, and the process goes on.</summary>
    public void LoseLink(bool isClean)
    {
        if (Link is not { } link) return;
        if (isClean) sim.CloseAtPeer(link);
        else sim.Break(link);
        Down();
    }

    /// <summary>The line is dead and nobody has noticed.</summary>
    public void Cut()
    {
        if (Link is not { } link) return;
        link.IsCut = true;
        Disturbed();
    }

    public void Heard(SimLink link, byte[] message)
    {
        if (link != Link || !link.IsOpenAtPeer) return;
        _heardMs = sim.NowMs;
        MessageKind kind = MessageCodec.KindOf(message);
        if (kind == MessageKind.Accepted)
        {
            IsUp = true;
            Accepted(TriggerFs.Core.Messages.Accepted.Read(message));
        }
        else if (kind == MessageKind.Refused && Refused.Read(message) is { Id.Value: 0 } refused)
        {
            sim.Trace?.Invoke($"{this} turned out: {refused.What}");
            TurnedOut(refused);
        }
        else if (kind is not (MessageKind.Heartbeat or MessageKind.Goodbye))
        {
            Received(kind, message);
        }
    }

    /// <summary>The broker's side ended the connection.</summary>
    public void ClosedByBroker(SimLink link)
    {
        if (link == Link) Down();
    }

    protected abstract Hello Hello();

    protected abstract void Accepted(Accepted welcome);

    protected abstract void Received(MessageKind kind, byte[] message);

    protected virtual void TurnedOut(Refused refused)
    {
    }

    protected virtual void Born()
    {
    }

    protected virtual void Died()
    {
    }

    protected virtual void WentDown()
    {
    }

    protected virtual void Disturbed()
    {
    }

    protected void Send(ReadOnlySpan<byte> body = default, bool isDoubled = false)
    {
        if (Link is { IsOpenAtPeer: true } link) sim.ToBroker(link, [.. Wire.Written, .. body], isDoubled);
    }

    /// <summary>Does something later, if the process still lives then.</summary>
    protected void Later(long ms, Action action)
    {
        int life = Life;
        sim.At(sim.NowMs + ms, () =>
        {
            if (Life == life) action();
        });
    }

    private void Down()
    {
        if (Link is null) return;
        Link.IsOpenAtPeer = false;
        Link = null;
        IsUp = false;
        WentDown();
        if (IsAlive) Connect(sim.Random.Next(50, 1500));
    }

    private void Connect(long afterMs)
    {
        if (_connecting) return;
        _connecting = true;
        int life = Life;
        sim.At(sim.NowMs + afterMs, () =>
        {
            _connecting = false;
            if (!IsAlive || Link is not null) return;
            if (life != Life || !sim.BrokerIsUp)
            {
                Connect(sim.Random.Next(50, 500));
                return;
            }
            Link = sim.Open(this);
            _heardMs = sim.NowMs;
            Hello().Write(Wire);
            Send();
        });
    }

    private void Beat() => Later(1000, () =>
    {
        if (Link is not null && sim.NowMs - _heardMs > SilenceMs)
        {
            sim.Break(Link);
            Down();
        }
        else if (IsUp)
        {
            Heartbeat.Write(Wire);
            Send();
        }
        Beat();
    });
}
