using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace TriggerFs.Commands;

/// <summary>
/// Prints help in our form. The first line of a command's description is its summary; what follows, its examples.
/// Options are shown with two dashes; the single-dash spelling of 2018 is understood, but not advertised.
/// </summary>
sealed class Help : SynchronousCommandLineAction
{
    /// <summary>The option that asks for help; without the Windows spellings, which could be paths here.</summary>
    public static HelpOption Option() =>
        new("--help", "-h", "-?", "-help") { Description = "print this", Action = new Help() };

    /// <summary>Prints the help of the command that was parsed.</summary>
    public override int Invoke(ParseResult parseResult)
    {
        Print(parseResult.CommandResult.Command, parseResult.InvocationConfiguration.Output);
        return ExitCodes.Ok;
    }

    /// <summary>The first line of a description.</summary>
    public static string Summary(string? description) => (description ?? "").Split('\n')[0];

    private static void Print(Command command, TextWriter output)
    {
        output.WriteLine($"{Name(command)}: {Summary(command.Description)}");
        string[] more = (command.Description ?? "").Split('\n')[1..];
        foreach (string line in more) output.WriteLine(line.Length == 0 ? "" : "  " + line);
        PrintUsage(command, output);
        var modules = command.Subcommands.Where(one => !one.Hidden).Select(one => (one.Name, Summary(one.Description)));
        PrintColumns("commands", [.. modules], output);
        PrintColumns("options", [.. Rows(command.Options, command)], output);
        for (Command? above = Above(command); above is not null; above = Above(above))
            PrintColumns("options of every command", [.. Rows(above.Options.Where(Reaches), command)], output);
    }

    private static void PrintUsage(Command command, TextWriter output)
    {
        string usage = Name(command);
        if (command.Subcommands.Count > 0) usage += " COMMAND";
        usage += " [OPTIONS]";
        foreach (Argument argument in command.Arguments.Where(one => !one.Hidden))
            usage += argument.Arity.MinimumNumberOfValues == 0
                ? $" [{Placeholder(argument)}]"
                : $" {Placeholder(argument)}";
        output.WriteLine($"\nusage: {usage}");
    }

    private static IEnumerable<(string, string)> Rows(IEnumerable<Option> options, Command command)
    {
        foreach (Option option in options.Where(one => !one.Hidden))
        {
            string shorts = string.Concat(option.Aliases.Where(IsShort).Select(alias => alias + ", "));
            string value = option.HelpName is { } name ? " " + name : "";
            yield return (shorts + option.Name + value, option.Description + (option.Required ? " (required)" : ""));
        }
        foreach (Argument argument in command.Arguments.Where(one => !one.Hidden && options == command.Options))
            yield return (Placeholder(argument), argument.Description ?? "");
    }

    private static void PrintColumns(string title, List<(string Left, string Right)> rows, TextWriter output)
    {
        if (rows.Count == 0) return;
        int width = rows.Max(row => row.Left.Length);
        output.WriteLine($"\n{title}:");
        foreach ((string left, string right) in rows) output.WriteLine($"  {left.PadRight(width)}  {right}");
    }

    private static bool Reaches(Option option) => option.Recursive;

    private static bool IsShort(string alias) => alias.Length == 2 && alias[1] != '?';

    private static string Placeholder(Argument argument) => argument.HelpName ?? argument.Name.ToUpperInvariant();

    private static string Name(Command command) =>
        Above(command) is { } above ? $"{Name(above)} {command.Name}" : "triggerfs";

    private static Command? Above(Command command) => command.Parents.OfType<Command>().FirstOrDefault();
}
