using System.Collections.Concurrent;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// A thread that starts programs, one after another: loading one takes a fraction of a millisecond from memory and far
/// longer from a slow disk, and the loop must not wait for that.
/// </summary>
sealed class Launcher : IDisposable
{
    private readonly BlockingCollection<(Launch Launch, Action Done)> _waiting = [];
    private readonly EventLoop _loop;

    /// <param name="loop">Where the results are told.</param>
    public Launcher(EventLoop loop)
    {
        _loop = loop;
        new Thread(Work) { Name = "launcher", IsBackground = true }.Start();
    }

    /// <summary>
    /// Starts a program soon; then calls back on the loop's thread, also when it could not be started.
    /// </summary>
    public void Start(Launch launch, Action done) => _waiting.Add((launch, done));

    public void Dispose() => _waiting.CompleteAdding();

    private void Work()
    {
        foreach ((Launch launch, Action done) in _waiting.GetConsumingEnumerable())
        {
            launch.Group = launch.Groups?.Make();
            Spawner.Start(launch);
            _loop.Post(done);
        }
        _waiting.Dispose();
    }
}
