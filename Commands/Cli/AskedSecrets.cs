using TriggerFs.Commands.Cli.Grammar;

namespace TriggerFs.Commands.Cli;

/// <summary>
/// Where the secrets of statements come from: a file, standard input or a terminal, never the words of a statement, so
/// that no history, log or list of processes has them.
/// </summary>
/// <param name="file">The file of new secrets, <c>-</c> for standard input; null to ask.</param>
/// <param name="settings">Who is signed in, and with what.</param>
sealed class AskedSecrets(string? file, Settings settings)
{
    /// <summary>The statement with its secret, and with the asker's own of now where that is needed.</summary>
    public async Task<ConsoleStatement.Ask> CompleteAsync(ConsoleStatement.AskWithSecret asked, CancellationToken stop)
    {
        ConsoleStatement.Ask ask = asked.Statement;
        List<string> values = [.. ask.Values];
        bool isOwn = ask.Name == settings.Main.Identity;
        string? current = isOwn ? settings.Main.Secret ?? await SecretPrompt.OwnSecretAsync(ask.Name, stop) : null;
        values.Add(await SecretPrompt.NewSecretAsync(file, ask.Name, stop));
        if (current is not null) values.Add(current);
        return ask with { Values = [.. values] };
    }
}
