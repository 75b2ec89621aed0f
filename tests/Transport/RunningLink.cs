using System.Collections.Concurrent;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Transport;

namespace TriggerFs.Tests.Transport;

/// <summary>A started link that notes what it is told.</summary>
sealed class RunningLink : ILinkEvents, IDisposable
{
    public RunningLink(LinkSettings settings)
    {
        Link = new(settings);
        Link.Start(this);
    }

    public RunningLink(RunningRouter router, KeyPair? keys = null)
        : this(new LinkSettings(router.Router.Address, keys?.Public.ToArray(), () => Hello))
    {
    }

    public static Hello Hello => new(PeerRole.Client, "team", "user", ProofKind.Secret, "secret", "test");

    public BrokerLink Link { get; }

    public ConcurrentQueue<byte[]> Messages { get; } = [];

    public ConcurrentQueue<(string Why, TimeSpan RetryIn)> Downs { get; } = [];

    public ConcurrentQueue<(Refused Refusal, bool Retrying)> Refusals { get; } = [];

    public int Ups { get; private set; }

    public int Attempts { get; private set; }

    public int Heartbeats { get; private set; }

    public bool IsUp { get; private set; }

    public Action? OnUp { get; set; }

    public RunningLink WaitUp(int times = 1)
    {
        Wait.Until(() => Ups >= times && IsUp, $"not up {times} times; last: {Downs.LastOrDefault().Why}");
        return this;
    }

    public void Connecting(string address) => Attempts++;

    public void Up(Accepted welcome)
    {
        IsUp = true;
        Ups++;
        OnUp?.Invoke();
    }

    public void Refused(Refused refusal, bool retrying)
    {
        IsUp = false;
        Refusals.Enqueue((refusal, retrying));
    }

    public void Received(MessageKind kind, ReadOnlySpan<byte> message)
    {
        Assert.Equal((byte)kind, message[0]);
        Messages.Enqueue(message.ToArray());
    }

    public void Down(string why, TimeSpan retryIn)
    {
        IsUp = false;
        Downs.Enqueue((why, retryIn));
    }

    public void Heard() => Heartbeats++;

    public void Ticked()
    {
    }

    public void Dispose() => Assert.True(Link.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(20)));
}
