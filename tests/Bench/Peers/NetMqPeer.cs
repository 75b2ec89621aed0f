using NetMQ;
using TriggerFs.Tests.EndToEnd;
using TriggerFs.Transport;

namespace TriggerFs.Bench.Peers;

/// <summary>
/// A bare ROUTER-ROUTER broker with NetMQ at both ends and CURVE: no sessions, no rights, no dispatch.
/// </summary>
sealed class NetMqPeer : IPeer
{
    private readonly NetMQCertificate _keys = new();
    private readonly string _front = $"tcp://127.0.0.1:{Site.FreePort()}";
    private readonly string _back = $"tcp://127.0.0.1:{Site.FreePort()}";
    private readonly List<Child> _children = [];

    public string Name => "NetMQ, bare";

    public string[] Client => ["ask-netmq", _front, _keys.PublicKeyZ85];

    public async Task<string?> StartAsync()
    {
        string secret = Z85.Encode(_keys.SecretKey);
        _children.Add(await OwnProcess.StartAsync("netmq-broker", _front, _back, secret, _keys.PublicKeyZ85));
        _children.Add(await OwnProcess.StartAsync("netmq-worker", _back, _keys.PublicKeyZ85));
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Child child in _children)
        {
            child.Kill(); // NetMQ can hang when it is asked to stop.
            await child.DisposeAsync();
        }
    }
}
