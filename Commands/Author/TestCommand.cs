using System.CommandLine;
using Microsoft.Extensions.Logging;
using TriggerFs.Commands.Cli;
using TriggerFs.Commands.Client;
using TriggerFs.Commands.Worker;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Author;

/// <summary>Tests a plugin on a worker of one's own.</summary>
sealed class TestCommand : Command
{
    private const string About = """
        test a plugin here: its manifest, its answer, and that it ends when it is told to
        triggerfs plugin test weather/weather
        triggerfs plugin test ./old -command hello -args mode=fast
        It is called as the 'invocation' of its manifest says, or as the options say. The real worker runs it, three
        times: to its end, cancelled, and with too little time.
        exit status: 0 all is good, 1 something is not
        """;

    private readonly Argument<string> _plugin = PluginArgument.New();
    private readonly MessageOptions _message = new();
    private readonly SharedOptions _shared;

    public TestCommand(SharedOptions shared) : base("test", About)
    {
        _shared = shared;
        Arguments.Add(_plugin);
        _message.AddTo(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        Settings settings = _shared.Read(parsed);
        PluginPlace place = PluginPlace.Of(parsed.GetValue(_plugin)!, settings);
        bool isText = parsed.GetValue(_shared.Output) == OutputFormat.Text;
        using LineLogger log = LineLogger.Open(null, LogLevel.Information, LogStamp.Local);
        List<Check> checks = [];
        ListedPlugin plugin;
        await using (var worker = new PrivateWorker(settings, place.Policy, new PluginLog(log)))
        {
            plugin = place.Find(worker.Finder);
            string contract = PluginPlace.ContractOf(plugin, place.Policy);
            var test = new PluginTest(plugin, place, contract, worker.Line);
            worker.Start();
            if (isText) Console.Out.WriteLine($"{plugin.Name} {plugin.Manifest.Version}".TrimEnd());
            Tell(test.Manifest());
            if (Call(parsed, plugin, Tell) is { } call)
                await foreach (Check check in test.RunsAsync(call).WithCancellation(stop)) Tell(check);
        }
        Tell(Leftovers());
        if (!isText) Console.Out.WriteLine(Json(plugin.Name, checks));
        return checks.Exists(check => check.IsGood == false) ? ExitCodes.Failure : ExitCodes.Ok;

        void Tell(Check check)
        {
            checks.Add(check);
            string word = check.IsGood switch { true => "ok", false => "FAILED", null => "-" };
            if (isText) Console.Out.WriteLine($"  {word,-7} {check.Name,-10} {Visible.Escape(check.Detail)}");
        }
    }

    /// <summary>How it is called; null when its example cannot be read, which is told.</summary>
    private ClientRequest? Call(ParseResult parsed, ListedPlugin plugin, Action<Check> tell)
    {
        string example = plugin.Manifest.Invocation;
        try
        {
            if (_message.IsGiven(parsed)) return _message.Request(parsed, plugin.Name);
            if (example.Length == 0)
            {
                tell(new("invocation", null, "its manifest has none; it is called with nothing"));
                return _message.Request(parsed, plugin.Name);
            }
            ClientRequest call = Invocation.Read(example);
            if (!Invocation.Means(call.Plugin, plugin.Name))
                throw new TriggerException(ErrorCode.Invalid, $"it calls the plugin {call.Plugin}, not {plugin.Name}");
            tell(new("invocation", true, example));
            return call.Timeout > TimeSpan.Zero ? call
                : call with { Timeout = plugin.Manifest.Timeout ?? Limits.TimeoutDefault };
        }
        catch (TriggerException flaw)
        {
            string why = string.Join(": ", new[] { flaw.Message, flaw.Why }.OfType<string>());
            tell(new("invocation", false, $"{example}: {why}; {flaw.Fix ?? "mend 'invocation' in the manifest"}"));
            return null;
        }
    }

    /// <summary>
    /// Whoever a run left behind has this process for a parent by now, whatever it did to get away.
    /// </summary>
    private static Check Leftovers()
    {
        ProcessEntry[] left =
            [.. ProcessTable.Read().Where(one => one.Parent == Environment.ProcessId && !one.IsZombie)];
        return left.Length == 0 ? new("leftovers", true, "no process of it is left")
            : new("leftovers", false, $"these are left: {string.Join(", ", left.Select(one => one.Pid))}");
    }

    private static string Json(string plugin, List<Check> checks) => WrittenJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteString("plugin", plugin);
        json.WriteBoolean("passed", !checks.Exists(check => check.IsGood == false));
        json.WriteStartArray("checks");
        foreach (Check check in checks)
        {
            json.WriteStartObject();
            json.WriteString("check", check.Name);
            json.WriteString("result", check.IsGood switch { true => "ok", false => "failed", null => "none" });
            json.WriteString("detail", check.Detail);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }, AuthorJson.Form);
}
