namespace TriggerFs.Bench.Peers;

/// <summary>nats-server with TLS and a stream in files, to which NATS.Net publishes and awaits each receipt.</summary>
sealed class JetStreamPeer : IPeer
{
    private readonly NatsServer _server = new();

    public string Name => "NATS JetStream, TLS";

    public string[] Client => ["publish-nats", _server.Url];

    public Task<string?> StartAsync() => _server.StartAsync(withJetStream: true);

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
