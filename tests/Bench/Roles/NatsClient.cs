using System.Diagnostics;
using System.Threading.Channels;
using NATS.Client.Core;

namespace TriggerFs.Bench.Roles;

/// <summary>As many loops as there are requests under way, each awaiting its answer: how NATS.Net is used.</summary>
sealed class NatsClient : IAsker
{
    private readonly NatsConnection _nats;
    private readonly Lock _gate = new();

    public NatsClient(string url)
    {
        _nats = new(Options(url));
        _nats.ConnectAsync().AsTask().GetAwaiter().GetResult();
    }

    public static NatsOpts Options(string url) => NatsOpts.Default with
    {
        Url = url,
        TlsOpts = new() { InsecureSkipVerify = true },
        ConnectTimeout = TimeSpan.FromSeconds(30),
        RequestTimeout = TimeSpan.FromSeconds(30),
        SubPendingChannelCapacity = 65536,
        SubPendingChannelFullMode = BoundedChannelFullMode.Wait,
    };

    public void Ask(Meter meter) =>
        Task.WhenAll(Enumerable.Range(0, meter.Cell.Outstanding).Select(_ => Task.Run(() => LoopAsync(meter))))
            .GetAwaiter().GetResult();

    public void Dispose() => _nats.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task LoopAsync(Meter meter)
    {
        ReadOnlyMemory<byte> payload = new byte[meter.Cell.Size];
        bool goOn = true;
        while (goOn)
        {
            long asked = Stopwatch.GetTimestamp();
            NatsMsg<NatsMemoryOwner<byte>> answer =
                await _nats.RequestAsync<ReadOnlyMemory<byte>, NatsMemoryOwner<byte>>("echo", payload);
            long now = Stopwatch.GetTimestamp();
            answer.Data.Dispose();
            lock (_gate) goOn = meter.Answered(asked, now);
        }
    }
}

/// <summary>Connections of one queue group, each of which sends back what comes to it.</summary>
static class NatsWorkers
{
    public static async Task RunAsync(string url, int count)
    {
        var runs = new List<Task>();
        while (runs.Count < count)
        {
            var ready = new TaskCompletionSource();
            runs.Add(Task.Run(() => RunOneAsync(url, ready)));
            await await Task.WhenAny(runs[^1], ready.Task); // One that fails says so.
        }
        Console.WriteLine("READY");
        await Task.WhenAll(runs);
    }

    private static async Task RunOneAsync(string url, TaskCompletionSource ready)
    {
        await using var nats = new NatsConnection(NatsClient.Options(url));
        await using var requests = await nats.SubscribeCoreAsync<NatsMemoryOwner<byte>>("echo", "workers");
        await nats.PingAsync();
        ready.SetResult();
        await foreach (NatsMsg<NatsMemoryOwner<byte>> request in requests.Msgs.ReadAllAsync())
        {
            await request.ReplyAsync(request.Data.Memory);
            request.Data.Dispose();
        }
    }
}
