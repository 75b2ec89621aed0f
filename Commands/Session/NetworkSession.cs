using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Transport;

namespace TriggerFs.Commands.Session;

/// <summary>Sessions over the network.</summary>
static class NetworkSession
{
    /// <summary>A session that is not opened yet, for who stays when the broker is away (the mount).</summary>
    public static UserSession New(Settings settings, PeerRole role)
    {
        BrokerAddress broker = settings.NeedBroker();
        UserSettings user = settings.NeedUser();
        byte[] key = Keys.ParsePublic(broker.Key);
        return new(
            new UserCredentials(role, user.Team, user.Identity, user.Secret, user.Jwt),
            Software.Name,
            hello => new BrokerLink(new LinkSettings(broker.Address, key, hello)));
    }

    /// <summary>The session of a command that runs once: no longer tried than a person waits.</summary>
    public static async Task<UserSession> OpenAsync(
        Settings settings, PeerRole role, TimeSpan limit, CancellationToken stop)
    {
        UserSession session = New(settings, role);
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
