using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Commands;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Worker;
using TriggerFs.Transport;

namespace TriggerFs.Tests.EndToEnd.FanOut;

/// <summary>A broker, and real workers of a mirrored service, <c>web</c>, in this process.</summary>
public abstract class MirroredWorkers(int count) : IAsyncLifetime
{
    /// <summary>How many sign in at a time.</summary>
    private const int SignInMax = 20;

    private readonly List<RunningWorker> _workers = [];

    internal Site Site { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Site = await Site.StartAsync();
        await using UserSession session = Site.Session();
        await session.OpenAsync(TimeSpan.FromSeconds(60), default);
        var broker = new BrokerAddress(Site.Address, Keys.Format(Site.BrokerKey));
        foreach ((string name, string token) in await ManyWorkers.MakeAsync(session, count, "web", "mirror"))
        {
            _workers.Add(RunningWorker.Start(
                new(Site.Team, name, token), broker, ManyWorkers.OptionsOf(name, jobs: 2), NullLogger.Instance));
            if (_workers.Count >= SignInMax) await ReadyAsync(_workers[^SignInMax]);
        }
        foreach (RunningWorker worker in _workers) await ReadyAsync(worker);
    }

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_workers.Select(worker => worker.DisposeAsync().AsTask()));
        await Site.DisposeAsync();
    }

    private static Task ReadyAsync(RunningWorker worker) => worker.Ready.WaitAsync(TimeSpan.FromSeconds(60));
}
