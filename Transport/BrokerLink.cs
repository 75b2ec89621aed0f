using TriggerFs.Core.Ports;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Transport;

/// <summary>A peer's link to its broker: a ZeroMQ DEALER on an event loop and thread of its own.</summary>
sealed class BrokerLink(LinkSettings settings) : IBrokerLink
{
    /// <summary>The link's loop, for descriptors of the owner that belong on the same thread.</summary>
    public EventLoop Loop { get; } = new(_ => { }, settings.SpinMicroseconds);

    public long Unsent => throw new NotImplementedException();

    public void Start(ILinkEvents events) => throw new NotImplementedException();

    public bool Send(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default) => throw new NotImplementedException();

    public void Post(Action action) => Loop.Post(action);

    public Task LeaveAsync(string reason) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
