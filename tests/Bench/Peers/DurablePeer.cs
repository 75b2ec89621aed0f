namespace TriggerFs.Bench.Peers;

/// <summary>Ours: asynchronous messages of a trigger whose service has no worker yet.</summary>
sealed class DurablePeer(string binary) : IPeer
{
    private Site? _site;

    public string Name => "triggerfs";

    public string[] Client => ["fire-triggerfs", _site!.Address, _site.Key];

    public async Task<string?> StartAsync()
    {
        if (!File.Exists(binary)) return $"{binary} is not there: make native";
        _site = await Site.StartWithLongQueueAsync(binary);
        await _site.MakeWaitingTriggerAsync();
        return null;
    }

    public ValueTask DisposeAsync() => _site?.DisposeAsync() ?? default;
}
