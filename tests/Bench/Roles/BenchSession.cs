using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;
using TriggerFs.Transport;

namespace TriggerFs.Bench.Roles;

/// <summary>The product's own session, of who may sign in at a <see cref="Site"/>.</summary>
static class BenchSession
{
    /// <summary>One that is not opened yet.</summary>
    public static UserSession New(PeerRole role, string address, string key)
    {
        byte[] brokerKey = Keys.ParsePublic(key);
        return new(
            new(role, Site.Team, Site.Identity, Site.Secret),
            "bench",
            hello => new BrokerLink(new(address, brokerKey, hello)));
    }
}
