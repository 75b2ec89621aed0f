namespace TriggerFs.Bench.Peers;

/// <summary>Ours with many real workers of one service in one process, and many clients in another.</summary>
sealed class TriggerFsFleet(string binary, int workers, int clients) : IPeer
{
    private Site? _site;

    public string Name => "triggerfs";

    public string[] Client => ["ask-triggerfs", _site!.Address, _site.Key, Site.Service, $"{clients}"];

    public async Task<string?> StartAsync()
    {
        if (!File.Exists(binary)) return $"{binary} is not there: make native";
        _site = await Site.StartAsync(binary);
        await _site.StartManyWorkersAsync(workers, "roundrobin");
        return null;
    }

    public ValueTask DisposeAsync() => _site?.DisposeAsync() ?? default;
}
