namespace TriggerFs.Bench.Peers;

/// <summary>Ours: asynchronous messages of a trigger whose service has no worker yet.</summary>
/// <param name="sync">When what was taken is on the disk; null for always.</param>
sealed class DurablePeer(string binary, string? sync = null) : IPeer
{
    private Site? _site;

    public string Name => sync is null ? "triggerfs" : $"triggerfs, {sync}";

    public string[] Client => ["fire-triggerfs", _site!.Address, _site.Key];

    public async Task<string?> StartAsync()
    {
        if (!File.Exists(binary)) return $"{binary} is not there: make native";
        _site = await Site.StartWithLongQueueAsync(binary, sync is null ? "" : $"queuesync = \"{sync}\"");
        await _site.MakeWaitingTriggerAsync();
        return null;
    }

    public ValueTask DisposeAsync() => _site?.DisposeAsync() ?? default;
}
