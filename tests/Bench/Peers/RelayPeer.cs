using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Bench.Peers;

/// <summary>The limit: a process that copies bytes between two TCP connections, plain, and an echo behind it.</summary>
sealed class RelayPeer : IPeer
{
    private readonly int _front = Site.FreePort();
    private readonly int _back = Site.FreePort();
    private readonly List<Child> _children = [];

    public string Name => "TCP relay, plain";

    public string[] Client => ["ask-relay", $"{_front}"];

    public async Task<string?> StartAsync()
    {
        _children.Add(await OwnProcess.StartAsync("relay", $"{_front}", $"{_back}"));
        _children.Add(await OwnProcess.StartAsync("relay-worker", $"{_back}"));
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Child child in Enumerable.Reverse(_children)) await child.DisposeAsync();
    }
}
