using System.CommandLine;
using System.CommandLine.Parsing;
using TriggerFs.Commands.Cli.Files;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Cli.Terminal;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli;

/// <summary>
/// The console: manages workers, services and triggers, by statements on the command line, in a file, or typed.
/// </summary>
sealed class CliCommand : Command
{
    private readonly Option<string[]> _statements = new("-c")
    {
        Description = "do this statement; may be given several times",
        HelpName = "STATEMENT",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> _file =
        new("-f") { Description = "do the statements in a file", HelpName = "FILE" };

    private readonly Option<bool> _yes =
        new("--yes", "-y") { Description = "do what is asked about first, such as delete, without asking" };

    private readonly Option<string?> _secretFile = SharedOptions.Text("secret-file", "FILE",
        "read the secret that a statement asks for from FILE, - for standard input");

    private readonly ConnectTimeout _connectTimeout = new();
    private readonly SharedOptions _shared;
    private readonly OpenSession _open;
    private readonly Func<Settings, PeerRole, UserSession> _newSession;
    private readonly Interrupts _interrupts;

    /// <param name="newSession">Makes the session of a mount, not opened yet.</param>
    public CliCommand(
        SharedOptions shared,
        OpenSession open,
        Func<Settings, PeerRole, UserSession> newSession,
        Interrupts interrupts)
        : base("cli", Description)
    {
        _shared = shared;
        _open = open;
        _newSession = newSession;
        _interrupts = interrupts;
        Options.Add(_statements);
        Options.Add(_file);
        Options.Add(_yes);
        Options.Add(_secretFile);
        Options.Add(_shared.Identity);
        Options.Add(_connectTimeout.Option);
        SetAction(RunAsync);
    }

    private static new string Description => """
        manage workers, services and triggers
        triggerfs cli -c 'set workers identity demo01' -c 'show workers'
        triggerfs cli -f setup.txt
        echo 'show triggers' | triggerfs cli --output json
        triggerfs cli -c help
        """;

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        Settings settings = _shared.Read(parsed);
        TimeSpan limit = _connectTimeout.Read(parsed);
        bool isTyped = parsed.GetValue(_file) is null && (parsed.GetValue(_statements) ?? []).Length == 0;
        await using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 64 * 1024);
        await using var session = new ConsoleSession(
            settings, (settings, stop) => _open(settings, PeerRole.Console, limit, stop));
        var names = new NameCache(kind => session.AskAsync(new(Verb.Show, kind, "", ""), stop));
        using TerminalFront? front = TerminalFront.Find(output, names, isSat: isTyped, stop);
        var audience = new Audience(output, Console.Error, Screen.Find(), front);
        var secrets = new AskedSecrets(parsed.GetValue(_secretFile), settings, front);
        var shell = new FileShell(front, audience, _interrupts, _newSession, stop);
        LetterEditor? editor = front is null ? null : new(front, _interrupts, stop);
        var options =
            new ConsoleOptions(parsed.GetValue(_shared.Output), parsed.GetValue(_yes), secrets, shell, editor);
        var run = new ConsoleRun(session, options, audience);
        if (isTyped && front is not null)
        {
            await new InteractiveConsole(session, run, front, audience, _interrupts).RunAsync(stop);
            return ExitCodes.Ok;
        }
        using Script script = ReadScript(parsed);
        return await FollowAsync(run, script, stop);
    }

    private Script ReadScript(ParseResult parsed)
    {
        string[] statements = parsed.GetValue(_statements) ?? [];
        string? file = parsed.GetValue(_file);
        if (file is not null && statements.Length > 0)
            throw new TriggerException(ErrorCode.Usage, "there are statements on the command line and in a file",
                "it is not clear which come first", "use either -c or -f");
        if (statements.Length > 0) return Script.Of(statements);
        return file is not null ? Script.Open(file) : Script.Read(Console.OpenStandardInput(), "line ");
    }

    /// <summary>A script ends at its first failure, which says where it was.</summary>
    private static async Task<int> FollowAsync(ConsoleRun run, Script script, CancellationToken stop)
    {
        while (!run.IsOver && await NextAsync(script, stop) is { } line)
        {
            try
            {
                int status = await run.DoAsync(line.Text, stop);
                if (status == ExitCodes.Ok) continue;
                if (line.Place.Length > 0)
                    Console.Error.WriteLine($"triggerfs: {line.Place}: the command ended with exit status {status}");
                return status;
            }
            catch (TriggerException problem)
            {
                throw line.Locate(problem);
            }
        }
        run.End();
        return ExitCodes.Ok;
    }

    /// <summary>Waits for the next line without holding up the end of the program.</summary>
    private static Task<ScriptLine?> NextAsync(Script script, CancellationToken stop) =>
        Task.Run(script.Next, stop).WaitAsync(stop);
}
