using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Bench.Peers;

/// <summary>nats-server with TLS.</summary>
sealed class NatsServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("triggerfs-bench-nats-").FullName;
    private readonly int _port = Site.FreePort();
    private Child? _server;

    public string Url => $"tls://127.0.0.1:{_port}";

    /// <summary>Null when it runs, else why it cannot.</summary>
    public async Task<string?> StartAsync(bool withJetStream = false)
    {
        if (Installed.Find("nats-server") is not { } server)
            return "nats-server is not installed (apt install nats-server)";
        (string certificate, string key) = Certificate.Make(_folder);
        string[] files = withJetStream ? ["-js", "-sd", Path.Combine(_folder, "store")] : [];
        _server = new Child(Installed.Begin(server,
            ["-a", "127.0.0.1", "-p", $"{_port}", "--tls", "--tlscert", certificate, "--tlskey", key, .. files]));
        await _server.LineAsync("Server is ready");
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
