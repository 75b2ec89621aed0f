using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Bench.Peers;

/// <summary>
/// mosquitto with TLS that saves at each change, with a subscriber (QoS 1, persistent) that is away; MQTTnet publishes.
/// </summary>
sealed class MosquittoPeer : IPeer
{
    private readonly string _folder = Directory.CreateTempSubdirectory("triggerfs-bench-mosquitto-").FullName;
    private readonly int _port = Site.FreePort();
    private Child? _server;

    public string Name => "mosquitto, TLS";

    public string[] Client => ["publish-mosquitto", $"{_port}"];

    public async Task<string?> StartAsync()
    {
        if (Installed.Find("mosquitto") is not { } server)
            return "mosquitto is not installed (apt install mosquitto)";
        (string certificate, string key) = Certificate.Make(_folder);
        string settings = Path.Combine(_folder, "mosquitto.conf");
        File.WriteAllText(settings, $"""
            user root
            listener {_port} 127.0.0.1
            certfile {certificate}
            keyfile {key}
            allow_anonymous true
            persistence true
            persistence_location {_folder}/
            autosave_on_changes true
            autosave_interval 1
            max_queued_messages 0

            """);
        _server = new Child(Installed.Begin(server, ["-c", settings]));
        await _server.LineAsync("running");
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
