using System.Text;
using TriggerFs.Core;
using Xunit.Abstractions;

namespace TriggerFs.Tests.EndToEnd.FanOut;

/// <summary>A thousand workers in one process take the time of everybody beside them.</summary>
[CollectionDefinition(nameof(Crowded), DisableParallelization = true)]
public sealed class Crowded;

/// <summary>What one request to as many workers as a service may have takes of the broker's memory.</summary>
[Collection(nameof(Crowded))]
public sealed class ThousandWorkersTests(ITestOutputHelper report)
{
    /// <summary>
    /// Above what an idle broker has: what workers may leave unread, what may be under way to the one who asked, and
    /// the message, what is read and written at the moment, and what waits to be collected.
    /// </summary>
    private const long BytesMax = Limits.WorkersUnreadMax
        + (Limits.WorkersPerServiceMax * (long)Limits.OutputWindowMin) + (32L * 1024 * 1024);

    [SkippableFact]
    public async Task A_hundred_megabytes_to_a_thousand_workers_and_back_come_whole_and_take_bounded_memory()
    {
        Skip.IfNot(RealProgram.IsNative, "what takes how much memory is said of the native program");
        await using var many = new ThousandWorkers();
        await many.InitializeAsync();
        Child broker = many.Site.Broker;
        broker.ForgetPeak();
        long before = broker.PeakKiB;
        string message = new('x', 100_000);
        Ended ended = await many.Site.RunAsync(
            ["client", "-service", "web", "-plugin", "echo", "-timeout", "100s"],
            Encoding.UTF8.GetBytes(message), TimeSpan.FromSeconds(120));
        report.WriteLine($"the broker went from {before} to {broker.PeakKiB} KiB");
        Assert.True(ended.ExitCode == 0, ended.Err);
        Assert.Equal(Limits.WorkersPerServiceMax * message.Length, ended.OutBytes.AsSpan().Count((byte)'x'));
        Assert.InRange(broker.PeakKiB - before, 0, BytesMax / 1024);
    }

    private sealed class ThousandWorkers() : MirroredWorkers(Limits.WorkersPerServiceMax), IAsyncDisposable
    {
        async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
    }
}
