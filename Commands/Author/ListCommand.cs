using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Commands.Cli;
using TriggerFs.Commands.Cli.Terminal;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Author;

/// <summary>Lists the plugins of this host, or of a worker somewhere.</summary>
sealed class ListCommand : Command
{
    private const string About = """
        list the plugins that this host has, or a worker
        triggerfs plugin list
        triggerfs plugin list --worker demo01 --output json
        """;

    private readonly Option<string?> _worker =
        SharedOptions.Text("worker", "W", "ask the broker what worker W has, not this host");

    private readonly ConnectTimeout _connectTimeout = new();
    private readonly SharedOptions _shared;
    private readonly OpenSession _open;

    public ListCommand(SharedOptions shared, OpenSession open) : base("list", About)
    {
        (_shared, _open) = (shared, open);
        foreach (Option option in (Option[])[_worker, shared.Identity, _connectTimeout.Option]) Options.Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        long begun = Stopwatch.GetTimestamp();
        Settings settings = _shared.Read(parsed);
        OutputFormat format = parsed.GetValue(_shared.Output);
        StatementAnswer rows = parsed.GetValue(_worker) is { } worker
            ? await AskAsync(parsed, settings, worker, stop)
            : await HereAsync(settings, isFull: format != OutputFormat.Text);
        await using var output = new StreamWriter(Console.OpenStandardOutput());
        if (format == OutputFormat.Json) ListingJson.WriteArray(output, rows);
        else if (format == OutputFormat.JsonLines) ListingJson.WriteLines(output, rows);
        else if (format == OutputFormat.Csv) ListingCsv.Write(output, rows);
        else TableText.Write(output, rows, Elapsed.Nanoseconds(begun), Screen.Find()?.Columns);
        return ExitCodes.Ok;
    }

    private async Task<StatementAnswer> AskAsync(
        ParseResult parsed, Settings settings, string worker, CancellationToken stop)
    {
        settings.NeedBroker();
        settings.NeedUser();
        await using UserSession session =
            await _open(settings, PeerRole.Console, _connectTimeout.Read(parsed), stop);
        return await session.ManageAsync(Verb.Show, ObjectKind.Plugin, worker, "", [], stop);
    }

    private static async Task<StatementAnswer> HereAsync(Settings settings, bool isFull)
    {
        WorkerPolicy policy = PluginPlace.PolicyOf(settings);
        await using var worker = new PrivateWorker(settings, policy, NullLogger.Instance);
        foreach (string flaw in worker.Finder.Flaws()) Console.Error.WriteLine($"triggerfs: warning: {flaw}");
        IReadOnlyList<ListedPlugin> plugins = worker.Finder.List();
        bool hasProblems = isFull || plugins.Any(plugin => plugin.Flaw is not null);
        string[] names =
        [
            "name", "version", "contract", "description",
            .. isFull ? ["file"] : Array.Empty<string>(), .. hasProblems ? ["problem"] : Array.Empty<string>(),
        ];
        return new([.. names.Select(name => new Column(name, ColumnType.Text))], [.. plugins.Select(Row)], "");

        string[] Row(ListedPlugin plugin) =>
        [
            plugin.Name, plugin.Manifest.Version,
            plugin.Flaw is null ? PluginPlace.ContractOf(plugin, policy) : "", plugin.Manifest.Description,
            .. isFull ? [plugin.File?.Path ?? ""] : Array.Empty<string>(),
            .. hasProblems ? [plugin.Flaw ?? ""] : Array.Empty<string>(),
        ];
    }
}
