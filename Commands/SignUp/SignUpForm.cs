using TriggerFs.Broker.Access;
using TriggerFs.Core;

namespace TriggerFs.Commands.SignUp;

/// <summary>
/// The questions of a signup: what the command line does not say is asked on the terminal, again until it is right.
/// </summary>
/// <param name="isTerminal">Whether somebody is there to be asked.</param>
sealed class SignUpForm(bool isTerminal)
{
    public bool IsTerminal => isTerminal;

    /// <summary>What was given, else what is typed, checked; the flag is for who cannot be asked.</summary>
    public async Task<T> AskAsync<T>(
        string? given, string question, string flag, Func<string, T> check, CancellationToken stop)
    {
        if (given is not null) return check(given);
        if (!isTerminal)
            throw new TriggerException(ErrorCode.Usage, $"{flag} is needed", "there is no terminal to ask on",
                "triggerfs signup --help");
        while (true)
        {
            string typed = await ReadAsync(question, stop);
            try
            {
                return check(typed.Trim());
            }
            catch (TriggerException problem)
            {
                Say(problem);
            }
        }
    }

    /// <summary>The secret, typed twice and not shown, or out of a file.</summary>
    public async Task<string> SecretAsync(string? file, string identity, CancellationToken stop)
    {
        while (true)
        {
            string secret = await SecretPrompt.NewSecretAsync(file, identity, stop);
            try
            {
                Secrets.CheckNew(secret);
                return secret;
            }
            catch (TriggerException problem) when (file is null)
            {
                Say(problem);
            }
        }
    }

    public static void Say(TriggerException problem) => Console.Error.WriteLine(problem.Report());

    private static async Task<string> ReadAsync(string question, CancellationToken stop)
    {
        Console.Error.Write(question);
        // Reading cannot be cancelled, so Ctrl-C leaves the reader behind; the process ends anyway.
        return await Task.Run(TerminalInput.ReadLine, stop).WaitAsync(stop)
            ?? throw new TriggerException(ErrorCode.Cancelled, "the input ended; no account was made");
    }
}
