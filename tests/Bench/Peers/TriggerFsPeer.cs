namespace TriggerFs.Bench.Peers;

/// <summary>
/// Ours: the real broker and a real worker with its plugin echo, CURVE on, sessions, rights and dispatch and all.
/// </summary>
sealed class TriggerFsPeer(string binary) : IPeer
{
    private Site? _site;

    public string Name => "triggerfs";

    public string[] Client => ["ask-triggerfs", _site!.Address, _site.Key, Site.WorkerName, "1"];

    public async Task<string?> StartAsync()
    {
        if (!File.Exists(binary)) return $"{binary} is not there: make native";
        _site = await Site.StartAsync(binary);
        await _site.StartWorkerAsync(jobs: 1024);
        return null;
    }

    public ValueTask DisposeAsync() => _site?.DisposeAsync() ?? default;
}
