using System.Diagnostics;
using System.Text;
using NATS.Client.Core;

namespace TriggerFs.Bench.Roles;

/// <summary>As many loops as there are messages under way, each awaiting the receipt of the stream.</summary>
sealed class NatsPublisher : IAsker
{
    private const string Stream = """{"name":"bench","subjects":["kept"],"storage":"file","retention":"limits"}""";

    private readonly NatsConnection _nats;
    private readonly Lock _gate = new();

    public NatsPublisher(string url)
    {
        _nats = new(NatsClient.Options(url));
        _nats.ConnectAsync().AsTask().GetAwaiter().GetResult();
        MakeStreamAsync().GetAwaiter().GetResult();
    }

    public void Ask(Meter meter) =>
        Task.WhenAll(Enumerable.Range(0, meter.Cell.Outstanding).Select(_ => Task.Run(() => LoopAsync(meter))))
            .GetAwaiter().GetResult();

    public void Dispose() => _nats.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task MakeStreamAsync()
    {
        NatsMsg<string> made = await _nats.RequestAsync<string, string>("$JS.API.STREAM.CREATE.bench", Stream);
        if (made.Data?.Contains("\"error\"", StringComparison.Ordinal) != false)
            throw new InvalidOperationException(made.Data);
    }

    private async Task LoopAsync(Meter meter)
    {
        ReadOnlyMemory<byte> payload = new byte[meter.Cell.Size];
        bool goOn = true;
        while (goOn)
        {
            long asked = Stopwatch.GetTimestamp();
            NatsMsg<NatsMemoryOwner<byte>> receipt =
                await _nats.RequestAsync<ReadOnlyMemory<byte>, NatsMemoryOwner<byte>>("kept", payload);
            long now = Stopwatch.GetTimestamp();
            if (receipt.Data.Span.IndexOf("\"seq\""u8) < 0)
                throw new InvalidOperationException(Encoding.UTF8.GetString(receipt.Data.Span));
            receipt.Data.Dispose();
            lock (_gate) goOn = meter.Answered(asked, now);
        }
    }
}
