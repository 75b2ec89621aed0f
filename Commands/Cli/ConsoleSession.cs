using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli;

/// <summary>
/// The console's session with the broker, which is opened when it is needed for the first time, and replaced by one in
/// another team when somebody goes there.
/// </summary>
sealed class ConsoleSession(Settings settings, Func<Settings, CancellationToken, Task<UserSession>> open)
    : IAsyncDisposable
{
    private UserSession? _session;

    /// <summary>Those of the session: the team may be another one than in the file.</summary>
    public Settings Settings { get; private set; } = settings;

    /// <summary>Such as <c>(team1) hp@broker.example.com$ </c>.</summary>
    public string Prompt
    {
        get
        {
            UserSettings user = Settings.NeedUser();
            string broker = Settings.NeedBroker().Address;
            string host = Uri.TryCreate(broker, UriKind.Absolute, out Uri? address) ? address.Host : broker;
            return $"({user.Team}) {user.Identity}@{host}$ ";
        }
    }

    /// <summary>Letters that were new in the mailbox when the session began.</summary>
    public uint Unread => _session?.Welcome?.Unread ?? 0;

    /// <summary>Connects and signs in, unless it has.</summary>
    public async Task<UserSession> OpenAsync(CancellationToken stop) => _session ??= await open(Settings, stop);

    /// <summary>Signs in to another team; the session in this one goes on when that is refused.</summary>
    public async Task SwitchAsync(string team, CancellationToken stop)
    {
        if (Settings.Main.Secret is null)
            throw new TriggerException(ErrorCode.Settings, $"there is no secret to sign in to team '{team}' with",
                "a JWT is good for one team", "set 'secret' under [main] in the settings, or TRIGGERFS_SECRET");
        // A spool that the file names is for the file's team.
        Settings there = Settings with
        {
            Main = Settings.Main with { Team = team, Jwt = null },
            Mount = Settings.Mount with { Spool = null },
        };
        UserSession session = await open(there, stop);
        UserSession? before = _session;
        (Settings, _session) = (there, session);
        if (before is not null) await before.DisposeAsync();
    }

    /// <summary>What the broker answers to a statement; a refusal is thrown.</summary>
    public async Task<StatementAnswer> AskAsync(ConsoleStatement.Ask ask, CancellationToken stop)
    {
        UserSession session = await OpenAsync(stop);
        return await session.ManageAsync(ask.Verb, ask.Kind, ask.Name, ask.Property, ask.Values, stop);
    }

    /// <summary>What the broker answers to statements that belong together; a refusal is thrown.</summary>
    public async Task<StatementAnswer> CommitAsync(Func<RequestId, Commit> commit, CancellationToken stop) =>
        await (await OpenAsync(stop)).CommitAsync(commit, stop);

    public async ValueTask DisposeAsync()
    {
        if (_session is not null) await _session.DisposeAsync();
    }
}
