using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Author;

/// <summary>Shows what a plugin says of itself: its manifest, what it takes, an example.</summary>
sealed class ShowCommand : Command
{
    private const string About = """
        show a plugin's manifest, its inputs and an example
        triggerfs plugin show command/command
        triggerfs plugin show ./weather/weather --output json
        """;

    private readonly Argument<string> _plugin = PluginArgument.New();
    private readonly SharedOptions _shared;

    public ShowCommand(SharedOptions shared) : base("show", About)
    {
        _shared = shared;
        Arguments.Add(_plugin);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        Settings settings = _shared.Read(parsed);
        PluginPlace place = PluginPlace.Of(parsed.GetValue(_plugin)!, settings);
        await using var worker = new PrivateWorker(settings, place.Policy, NullLogger.Instance);
        ListedPlugin plugin = place.Find(worker.Finder);
        string contract = PluginPlace.ContractOf(plugin, place.Policy);
        if (parsed.GetValue(_shared.Output) == OutputFormat.Text) Print(Console.Out, plugin, contract);
        else Console.Out.WriteLine(Json(plugin, contract));
        if (plugin.File is { UnknownKeys.Length: > 0 } file)
            Console.Error.WriteLine($"triggerfs: warning: its manifest: {file.UnknownKeys}");
        return ExitCodes.Ok;
    }

    private static void Print(TextWriter output, ListedPlugin plugin, string contract)
    {
        PluginManifest manifest = plugin.Manifest;
        output.WriteLine($"{plugin.Name} {manifest.Version}".TrimEnd());
        if (manifest.Description.Length > 0) output.WriteLine($"  {Cli.Visible.Escape(manifest.Description)}");
        output.WriteLine();
        foreach ((string name, string value) in Facts(plugin, contract))
            if (value.Length > 0) output.WriteLine($"  {name,-10} {Cli.Visible.Escape(value)}");
        output.WriteLine();
        output.WriteLine(manifest.Inputs switch
        {
            null => "inputs: it does not say, and is given any",
            { Count: 0 } => "inputs: none",
            _ => "inputs:",
        });
        int width = manifest.Inputs is { Count: > 0 } inputs ? inputs.Max(input => input.Name.Length) : 0;
        foreach (PluginInput input in manifest.Inputs ?? [])
            output.WriteLine($"  {input.Name.PadRight(width)}  {Cli.Visible.Escape(Told(input))}");
        if (manifest.Invocation.Length == 0) return;
        output.WriteLine();
        output.WriteLine($"example:\n  {Cli.Visible.Escape(manifest.Invocation)}");
    }

    private static IEnumerable<(string Name, string Value)> Facts(ListedPlugin plugin, string contract)
    {
        PluginManifest manifest = plugin.Manifest;
        yield return ("contract", manifest.Stream ? contract + ", a stream" : contract);
        yield return ("file", plugin.File?.Path ?? "");
        yield return ("author", manifest.Author);
        yield return ("licence", manifest.Licence);
        yield return ("timeout", manifest.Timeout is { } most ? Duration.Print(most) : "");
        yield return ("platforms", string.Join(", ", manifest.Platforms));
        if (contract != "lines") yield break;
        yield return ("processes", $"{manifest.Processes}, {manifest.Runs} runs at once in each");
        yield return ("idle", Duration.Print(manifest.Idle));
    }

    private static string Told(PluginInput input)
    {
        var told = new List<string> { input.Type.ToString().ToLowerInvariant() };
        if (input.Required) told.Add("required");
        if (input.Default is { } value) told.Add($"default '{value}'");
        if (input.Pattern is not null) told.Add($"must match {input.Pattern}");
        if (input.Secret) told.Add("secret");
        if (input.IsByDescriptor) told.Add("by descriptor");
        return string.Join(", ", told);
    }

    private static string Json(ListedPlugin plugin, string contract) => WrittenJson.Text(json =>
    {
        PluginManifest manifest = plugin.Manifest;
        json.WriteStartObject();
        json.WriteString("name", plugin.Name);
        json.WriteString("version", manifest.Version);
        json.WriteString("description", manifest.Description);
        foreach ((string name, string value) in Facts(plugin, contract))
            if (value.Length > 0) json.WriteString(name, value);
        if (manifest.Inputs is { } inputs)
        {
            json.WriteStartArray("inputs");
            foreach (PluginInput input in inputs) Write(json, input);
            json.WriteEndArray();
        }
        json.WriteString("invocation", manifest.Invocation);
        json.WriteEndObject();
    }, AuthorJson.Form);

    private static void Write(Utf8JsonWriter json, PluginInput input)
    {
        json.WriteStartObject();
        json.WriteString("name", input.Name);
        json.WriteString("type", input.Type.ToString().ToLowerInvariant());
        json.WriteBoolean("required", input.Required);
        if (input.Default is { } value) json.WriteString("default", value);
        if (input.Pattern is not null) json.WriteString("pattern", input.Pattern.ToString());
        json.WriteBoolean("secret", input.Secret);
        json.WriteEndObject();
    }
}
