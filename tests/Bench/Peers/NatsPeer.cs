using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Bench.Peers;

/// <summary>nats-server with TLS, NATS.Net at both ends.</summary>
sealed class NatsPeer : IPeer
{
    private readonly NatsServer _server = new();
    private Child? _worker;

    public string Name => "NATS, TLS";

    public string[] Client => ["ask-nats", _server.Url];

    public async Task<string?> StartAsync()
    {
        if (await _server.StartAsync() is { } missing) return missing;
        _worker = await OwnProcess.StartAsync("nats-worker", _server.Url);
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null) await _worker.DisposeAsync();
        await _server.DisposeAsync();
    }
}
