using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Core.Wire;
using TriggerFs.Transport.Loop;
using TriggerFs.Transport.Tcp;
using TriggerFs.Transport.Zmtp;

namespace TriggerFs.Transport;

/// <summary>
/// One message to a broker and its answer, on a connection that is there for them alone: for who has no account yet,
/// and so no session.
/// </summary>
sealed class BrokerCall : IChannelOwner, IDisposable
{
    private readonly EventLoop _loop;
    private readonly ChannelSet _channels;
    private readonly Endpoint _endpoint;
    private readonly byte[] _brokerKey;
    private readonly WireWriter _message = new();
    private readonly TaskCompletionSource<byte[]> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Channel? _channel;

    private BrokerCall(string broker, byte[] brokerKey)
    {
        _endpoint = Endpoint.Parse(broker);
        _brokerKey = brokerKey;
        _loop = new(fault => _answer.TrySetException(fault));
        _channels = new(_loop, fault => _answer.TrySetException(fault), int.MaxValue);
    }

    /// <summary>Sends the message and returns the answer; refuses when there is none in time.</summary>
    /// <param name="broker">Such as <c>tcp://broker.example.com:5555</c>.</param>
    /// <param name="brokerKey">The public key that the broker has to prove.</param>
    /// <param name="write">Writes the message.</param>
    /// <param name="limit">How long all of it may take.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<byte[]> AskAsync(
        string broker, byte[] brokerKey, Action<WireWriter> write, TimeSpan limit, CancellationToken stop)
    {
        using var call = new BrokerCall(broker, brokerKey);
        write(call._message);
        var thread = new Thread(call.Run) { Name = "triggerfs-call", IsBackground = true };
        thread.Start();
        try
        {
            return await call._answer.Task.WaitAsync(limit, stop).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw Unreachable(broker, $"it did not answer within {limit.TotalSeconds:0} s");
        }
        finally
        {
            call._loop.Stop();
            thread.Join();
        }
    }

    public void Ready() => _channel!.Send(_message.Written, default, 0);

    public void Received(ReadOnlySpan<byte> message)
    {
        if (MessageCodec.KindOf(message) != MessageKind.Heartbeat) _answer.TrySetResult(message.ToArray());
    }

    public void Arriving()
    {
    }

    public void Drained()
    {
    }

    public void Ended(LinkEnd end, string why) => Fail(
        !_channel!.IsReady && _channel.IsGreeted ? $"it did not prove the key (wrong --brokerkey?): {why}" : why);

    public void Dispose() => _loop.Dispose();

    private void Run()
    {
        using var dialer = new Dialer(_loop, _endpoint, Limits.HandshakeMax, Connected, Fail);
        _loop.After(TimeSpan.Zero, dialer.Start);
        _loop.Run();
        _channels.Close();
    }

    private void Connected(int fd) =>
        _channel = new(_channels, fd, new CurveClient(_brokerKey), this, Limits.HandshakeMax)
        {
            MessageMax = Limits.MessageMax,
        };

    private void Fail(string why) => _answer.TrySetException(Unreachable(_endpoint.ToString(), why));

    private static TriggerException Unreachable(string broker, string why) => new(
        ErrorCode.BrokerUnreachable, $"the broker at {broker} cannot be reached", why,
        "check its address and its public key: --broker, --brokerkey");
}
