using System.CommandLine;
using TriggerFs.Core;

namespace TriggerFs.Commands.Author;

/// <summary>Begins a plugin: a program that runs already, with its manifest and its test.</summary>
sealed class NewCommand : Command
{
    private const string About = """
        begin a plugin: a program that runs, its manifest and its test
        triggerfs plugin new weather --language python
        triggerfs plugin new metrics/cpu --language go --dir /usr/local/lib/triggerfs/plugins
        The plugin weather is the program weather/weather.
        """;

    private readonly Argument<string> _name =
        new("name") { Description = "how it is to be called, such as weather or metrics/cpu", HelpName = "NAME" };

    private readonly Option<string?> _language =
        SharedOptions.Text("language", "L", "what it is written in: bash, python, go or csharp");

    private readonly Option<string?> _contract =
        SharedOptions.Text("contract", "C", "exec (default), or lines for one that stays up (python)");

    private readonly Option<string?> _folder =
        SharedOptions.Text("dir", "FOLDER", "put it below FOLDER (default the current one)");

    public NewCommand() : base("new", About)
    {
        _language.Required = true;
        Arguments.Add(_name);
        foreach (Option option in (Option[])[_language, _contract, _folder]) Options.Add(option);
        SetAction(Make);
    }

    private int Make(ParseResult parsed)
    {
        string name = PluginName.Parse(parsed.GetValue(_name)!).Value;
        if (!name.Contains('/')) name = $"{name}/{name}";
        var skeleton = Skeleton.Find(parsed.GetValue(_language)!, parsed.GetValue(_contract));
        string folder = parsed.GetValue(_folder) ?? "";
        IReadOnlyList<(string Path, string What)> files;
        try
        {
            files = skeleton.Write(folder, name);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(ErrorCode.Storage, $"{Path.Join(folder, name)} cannot be written",
                problem.Message, "name another folder: --dir FOLDER");
        }
        Tell(files, Path.Join(folder, name));
        return ExitCodes.Ok;
    }

    private static void Tell(IReadOnlyList<(string Path, string What)> files, string program)
    {
        int width = files.Max(file => file.Path.Length);
        foreach ((string path, string what) in files) Console.Out.WriteLine($"{path.PadRight(width)}  {what}");
        Console.Out.WriteLine($"""

            Try it:
              triggerfs plugin test {Shell.Quote(program)}
              echo world | triggerfs plugin run {Shell.Quote(program)} -args who=me
            """);
    }
}
