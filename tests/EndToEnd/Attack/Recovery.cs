using System.Diagnostics;

namespace TriggerFs.Tests.EndToEnd.Attack;

/// <summary>
/// How long it takes after a fault until something works again, without what this machine stood still meanwhile: a test
/// may run on one that has no time for anybody.
/// </summary>
sealed class Recovery
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>What is promised.</summary>
    public static TimeSpan Max { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Waits for it, a minute at the most; how long it took.</summary>
    public Task<TimeSpan> UntilAsync(Func<bool> works, string otherwise) =>
        UntilAsync(() => Task.FromResult(works()), otherwise);

    public async Task<TimeSpan> UntilAsync(Func<Task<bool>> works, string otherwise)
    {
        TimeSpan stalled = TimeSpan.Zero;
        while (!await works())
        {
            Assert.True(_clock.Elapsed < TimeSpan.FromMinutes(1), otherwise);
            TimeSpan before = _clock.Elapsed;
            await Task.Delay(Look);
            stalled += _clock.Elapsed - before - Look;
        }
        return _clock.Elapsed - stalled;
    }
}
