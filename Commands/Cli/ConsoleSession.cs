using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Session;

namespace TriggerFs.Commands.Cli;

/// <summary>The console's session with the broker, which is opened when it is needed for the first time.</summary>
sealed class ConsoleSession(Func<CancellationToken, Task<UserSession>> open) : IAsyncDisposable
{
    private UserSession? _session;

    /// <summary>Connects and signs in, unless it has.</summary>
    public async Task<UserSession> OpenAsync(CancellationToken stop) => _session ??= await open(stop);

    /// <summary>What the broker answers to a statement; a refusal is thrown.</summary>
    public async Task<StatementAnswer> AskAsync(ConsoleStatement.Ask ask, CancellationToken stop)
    {
        UserSession session = await OpenAsync(stop);
        return await session.ManageAsync(ask.Verb, ask.Kind, ask.Name, ask.Property, ask.Values, stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is not null) await _session.DisposeAsync();
    }
}
