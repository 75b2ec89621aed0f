using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Transport;

/// <summary>The broker's port: a ZeroMQ ROUTER on one event loop.</summary>
sealed class BrokerRouter(RouterSettings settings) : IRouter
{
    /// <summary>The loop that everything of this port runs on.</summary>
    public EventLoop Loop { get; } = new(_ => { }, settings.SpinMicroseconds);

    public string Address => throw new NotImplementedException();

    public void Run(IRouterEvents events) => throw new NotImplementedException();

    public void Stop() => Loop.Stop();

    public void Send(PeerId peer, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default) =>
        throw new NotImplementedException();

    public void Dismiss(PeerId peer, string why) => throw new NotImplementedException();

    public void Admit(PeerId peer, int messageMax) => throw new NotImplementedException();

    public void SetReading(PeerId peer, bool reading) => throw new NotImplementedException();

    public long Unsent(PeerId peer) => throw new NotImplementedException();

    public void Post(Action action) => Loop.Post(action);

    public void Dispose() => Loop.Dispose();
}
