using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Transport;

namespace TriggerFs.Commands.Session;

/// <summary>The session of a command that runs once: over the network, and no longer tried than a person waits.</summary>
static class NetworkSession
{
    public static async Task<UserSession> OpenAsync(
        Settings settings, PeerRole role, TimeSpan limit, CancellationToken stop)
    {
        BrokerAddress broker = settings.NeedBroker();
        UserSettings user = settings.NeedUser();
        byte[] key = Keys.ParsePublic(broker.Key);
        var session = new UserSession(
            new UserCredentials(role, user.Team, user.Identity, user.Secret, user.Jwt),
            Software.Name,
            hello => new BrokerLink(new LinkSettings(broker.Address, key, hello)));
        try
        {
            await session.OpenAsync(limit, stop);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }
}
