using TriggerFs.Transport.Loop;

namespace TriggerFs.Transport.Tcp;

/// <summary>
/// Looks, twice a second, at the channels that are in the middle of a message. One that goes on coming is a sign of
/// life, however slow the line is. One inside of which the next one begins will never be whole: its length, which
/// CURVE does not seal, was changed on the way, and whoever waits for the rest of it swallows all that follows.
/// </summary>
sealed class PartWatch : IDisposable
{
    /// <summary>Seldom enough to cost nothing, often enough beside heartbeats each 2.5 s.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private readonly List<Channel> _channels = [];
    private readonly LoopTimer _looks;

    public PartWatch(EventLoop loop) => _looks = loop.Every(LookEvery, Look);

    /// <summary>A channel is in the middle of a message; it is looked at until it is not.</summary>
    public void Add(Channel channel) => _channels.Add(channel);

    public void Dispose() => _looks.Dispose();

    private void Look()
    {
        for (int i = _channels.Count - 1; i >= 0; i--)
        {
            if (_channels[i].LookAtPart()) continue;
            _channels[i] = _channels[^1];
            _channels.RemoveAt(_channels.Count - 1);
        }
    }
}
