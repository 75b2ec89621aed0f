using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Core;

namespace TriggerFs.Commands.Cli;

/// <summary>
/// Where the secrets of statements come from: a file, standard input or a terminal, never the words of a statement, so
/// that no history, log or list of processes has them.
/// </summary>
/// <param name="file">The file of new secrets, <c>-</c> for standard input; null to ask.</param>
/// <param name="settings">Who is signed in, and with what.</param>
/// <param name="keyboard">The terminal to ask at; null when there is none.</param>
sealed class AskedSecrets(string? file, Settings settings, IKeyboard? keyboard)
{
    /// <summary>The statement with its secret, and with the asker's own of now where that is needed.</summary>
    public ConsoleStatement.Ask Complete(ConsoleStatement.AskWithSecret asked)
    {
        ConsoleStatement.Ask ask = asked.Statement;
        List<string> values = [.. ask.Values];
        bool isOwn = ask.Name == settings.Main.Identity;
        string? current = isOwn ? settings.Main.Secret ?? SecretPrompt.OwnSecret(ask.Name, AskAtKeyboard) : null;
        values.Add(SecretPrompt.NewSecret(file, ask.Name, AskAtKeyboard));
        if (current is not null) values.Add(current);
        return ask with { Values = [.. values] };
    }

    private Func<string, string>? AskAtKeyboard => keyboard is null ? null : question =>
        keyboard.AskHidden(question)
            ?? throw new TriggerException(ErrorCode.Cancelled, "no secret was given", "nothing was changed");
}
