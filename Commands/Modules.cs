using System.CommandLine;
using System.CommandLine.Parsing;
using TriggerFs.Core;

namespace TriggerFs.Commands;

/// <summary>
/// The root of the command line: what is on it besides the modules, how it is parsed, how a slip is told.
/// </summary>
static class Modules
{
    // Posix bundling would take -debug for -d -e -b -u -g; response files, a command that begins with '@' for a file.
    private static readonly ParserConfiguration Parser = new()
    {
        EnablePosixBundling = false,
        ResponseFileTokenReplacer = null,
    };

    // Program.cs turns exceptions into exit codes and signals into cancellation, in one place.
    private static readonly InvocationConfiguration Invocation = new()
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
    };

    /// <summary>The whole command line of some modules and the options that they share.</summary>
    public static Command Root(SharedOptions shared, params Command[] modules)
    {
        // A RootCommand is called as the program's file is: as mount.triggerfs it would be a second 'mount'.
        var root = new Command(
            "triggerfs", "Write to a file, and a server runs it: messages and triggers between machines.");
        root.Options.Add(Help.Option());
        var version = new Option<bool>("--version", "-version") { Description = "print the version" };
        root.Options.Add(version);
        shared.AddTo(root);
        foreach (Command module in modules) root.Subcommands.Add(module);
        root.SetAction(parsed =>
        {
            if (parsed.GetValue(version)) parsed.InvocationConfiguration.Output.WriteLine(Software.Name);
            else new Help().Invoke(parsed);
            return parsed.GetValue(version) ? ExitCodes.Ok : ExitCodes.Usage;
        });
        return root;
    }

    /// <summary>Runs what the arguments say; refuses what they cannot mean with one line and a hint.</summary>
    public static Task<int> RunAsync(Command root, string[] args, CancellationToken stop) =>
        Parse(root, args).InvokeAsync(Invocation, stop);

    /// <summary>What the arguments say; refuses what they cannot mean.</summary>
    public static ParseResult Parse(Command root, string[] args)
    {
        ParseResult parsed = root.Parse(args, Parser);
        return parsed.Errors.Count == 0 || parsed.Action is Help ? parsed : throw Slip(parsed);
    }

    private static string NameOf(Command command)
    {
        Command? above = command.Parents.OfType<Command>().FirstOrDefault();
        return above is null ? "triggerfs" : $"{NameOf(above)} {command.Name}";
    }

    private static TriggerException Slip(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string called = NameOf(command);
        if (parsed.UnmatchedTokens is [string word, ..])
            return new(ErrorCode.Usage, $"'{NameRule.Shown(word)}' is not an option or command of {called}",
                fix: Spelling.Suggest(word, Words(parsed.CommandResult)) ?? $"{called} --help");
        return new(ErrorCode.Usage, parsed.Errors[0].Message.TrimEnd('.'), fix: $"{called} --help");
    }

    /// <summary>
    /// All that may stand in the place of a word: the command's own, and the options of those above it.
    /// </summary>
    private static IEnumerable<string> Words(CommandResult result)
    {
        foreach (Command command in result.Command.Subcommands) yield return command.Name;
        for (CommandResult? at = result; at is not null; at = at.Parent as CommandResult)
            foreach (Option option in at.Command.Options)
                if (at == result || option.Recursive) yield return option.Name;
    }
}
