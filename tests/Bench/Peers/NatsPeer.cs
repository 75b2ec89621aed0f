using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Bench.Peers;

/// <summary>
/// nats-server with TLS, NATS.Net at both ends: so many connections in one process for the workers, which share the
/// requests as a queue group, and so many in another for the clients.
/// </summary>
sealed class NatsPeer(int workers = 1, int clients = 1) : IPeer
{
    private readonly NatsServer _server = new();
    private Child? _worker;

    public string Name => "NATS, TLS";

    public string[] Client => [.. Asks, $"{clients}"];

    /// <summary>Of whoever asks, but for how many clients there are in its process.</summary>
    public string[] Asks => ["ask-nats", _server.Url];

    public async Task<string?> StartAsync()
    {
        if (await _server.StartAsync() is { } missing) return missing;
        _worker = await OwnProcess.StartAsync("nats-workers", _server.Url, $"{workers}");
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null) await _worker.DisposeAsync();
        await _server.DisposeAsync();
    }
}
