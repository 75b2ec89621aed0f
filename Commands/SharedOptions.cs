using System.CommandLine;
using System.CommandLine.Parsing;
using TriggerFs.Core;

namespace TriggerFs.Commands;

/// <summary>How a command prints what it has to say.</summary>
enum OutputFormat
{
    /// <summary>For people: text and tables.</summary>
    Text,

    /// <summary>One JSON document.</summary>
    Json,

    /// <summary>One JSON document a line, as it comes.</summary>
    JsonLines,

    /// <summary>Comma-separated values, for listings only.</summary>
    Csv,
}

/// <summary>
/// The options that every command understands anywhere on the line, and the settings that follow from them.
/// </summary>
sealed class SharedOptions
{
    private readonly Option<string?> _config = Anywhere("config", "FILE", "read the settings from FILE");
    private readonly Option<string?> _team = Anywhere("team", "T", "act in team T");
    private readonly Option<string?> _broker = Anywhere("broker", "ADDRESS", "where the broker is: tcp://host:5555");
    private readonly Option<string?> _brokerKey = Anywhere("brokerkey", "KEY", "the broker's public key");

    /// <summary>Who signs in, for the commands of users; a worker has an identity of its own kind.</summary>
    public Option<string?> Identity { get; } = Text("identity", "I", "sign in as user I");

    /// <summary>Whether to log in detail; takes a value, too: <c>-debug true</c>.</summary>
    public Option<bool> Debug { get; } =
        new("--debug", "-debug") { Description = "log in detail", Recursive = true };

    /// <summary>The format of the output.</summary>
    public Option<OutputFormat> Output { get; } = new("--output", "-output")
    {
        Description = "print text (default), json, jsonl or, in the cli, csv",
        HelpName = "FORMAT",
        Recursive = true,
        CustomParser = ParseFormat,
    };

    /// <summary>Puts the options on the root, from where they reach every command.</summary>
    public void AddTo(Command root)
    {
        foreach (Option option in (Option[])[_config, _team, _broker, _brokerKey, Output, Debug])
            root.Options.Add(option);
    }

    /// <summary>
    /// The settings: flags over environment over file. Warns on standard error about secrets that others can read.
    /// </summary>
    /// <param name="more">The command's own options and the keys that they win over.</param>
    public Settings Read(ParseResult parsed, params IEnumerable<(Option<string?> Option, string Key)> more) =>
        ReadFile(parsed, parsed.GetValue(_config), more);

    /// <summary>
    /// The same from a file that the command names in a way of its own; null for the one that is found.
    /// </summary>
    public Settings ReadFile(
        ParseResult parsed, string? file, params IEnumerable<(Option<string?> Option, string Key)> more)
    {
        string? path = SettingsFile.Find(file ?? parsed.GetValue(_config), Environment.GetEnvironmentVariable);
        Settings settings = path is null ? new() : SettingsFile.Read(path);
        if (path is not null && SecretFile.Warning(path, settings) is { } warning) Console.Error.WriteLine(warning);
        return Over(settings, parsed, more);
    }

    /// <summary>The settings of the environment and the command line, for who has no file yet.</summary>
    public Settings ReadAround(ParseResult parsed) => Over(new(), parsed, []);

    private Settings Over(
        Settings settings, ParseResult parsed, IEnumerable<(Option<string?> Option, string Key)> more)
    {
        settings = SettingKeys.FromEnvironment(settings, Environment.GetEnvironmentVariable);
        foreach ((Option<string?> option, string key) in
            more.Concat([(_team, "main.team"), (Identity, "main.identity"), (_broker, "main.broker"),
                (_brokerKey, "main.brokerkey")]))
            if (parsed.GetValue(option) is { } value)
                settings = SettingKeys.Find(key).Apply(settings, new(option.Name, value, "the command line"));
        return settings;
    }

    /// <summary>The settings file that was given on the command line, or null.</summary>
    public string? ConfigFile(ParseResult parsed) => parsed.GetValue(_config);

    /// <summary>The team that was given on the command line, or null.</summary>
    public string? Team(ParseResult parsed) => parsed.GetValue(_team);

    /// <summary>An option in both spellings, <c>--name</c> and <c>-name</c>.</summary>
    public static Option<string?> Text(string name, string placeholder, string help) =>
        new("--" + name, "-" + name) { Description = help, HelpName = placeholder };

    private static Option<string?> Anywhere(string name, string placeholder, string help)
    {
        Option<string?> option = Text(name, placeholder, help);
        option.Recursive = true;
        return option;
    }

    private static OutputFormat ParseFormat(ArgumentResult result)
    {
        switch (result.Tokens[0].Value)
        {
            case "text" or "table":
                return OutputFormat.Text;
            case "json":
                return OutputFormat.Json;
            case "jsonl":
                return OutputFormat.JsonLines;
            case "csv":
                return OutputFormat.Csv;
            default:
                string shown = NameRule.Shown(result.Tokens[0].Value);
                result.AddError($"'{shown}' is not a format: use text, json, jsonl or csv");
                return default;
        }
    }
}
