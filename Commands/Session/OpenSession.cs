using System.CommandLine;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Session;

/// <summary>Signs in with the settings' credentials and returns the open session, or throws why not.</summary>
delegate Task<UserSession> OpenSession(Settings settings, PeerRole role, TimeSpan limit, CancellationToken stop);

/// <summary>How long a command that runs once tries to reach its broker.</summary>
sealed class ConnectTimeout
{
    private static readonly TimeSpan Default = TimeSpan.FromSeconds(5);

    public Option<string?> Option { get; } =
        SharedOptions.Text("connect-timeout", "DURATION", "how long to try to reach the broker (default 5s)");

    /// <param name="otherwise">Where none is given; null for the usual one.</param>
    public TimeSpan Read(ParseResult parsed, TimeSpan? otherwise = null) =>
        parsed.GetValue(Option) is { } text ? Duration.Parse(text) : otherwise ?? Default;
}
