using System.CommandLine;
using Microsoft.Extensions.Logging;
using TriggerFs.Commands.Client;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Author;

/// <summary>Runs a plugin here, as a worker would, and without any broker.</summary>
sealed class RunCommand : Command
{
    private const string About = """
        run a plugin here, as a worker does, without a broker
        echo hello | triggerfs plugin run ./greet/greet -- who=me
        triggerfs plugin run ./greet/greet -args who=me -command hello -timeout 5s
        exit status: the plugin's; 124 timed out, 126 it cannot be run, 127 it is not there, 130 interrupted
        """;

    /// <summary>A stream runs until somebody ends it.</summary>
    private static readonly TimeSpan NoTimeout = TimeSpan.Zero;

    private readonly Argument<string> _plugin = PluginArgument.New();

    private readonly Argument<string[]> _words = new("arguments")
    {
        Description = "arguments for the plugin, behind --",
        HelpName = "KEY=VALUE…",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly MessageOptions _message = new();
    private readonly SharedOptions _shared;

    public RunCommand(SharedOptions shared) : base("run", About)
    {
        _shared = shared;
        Arguments.Add(_plugin);
        Arguments.Add(_words);
        _message.AddTo(this);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        OutputFormat format = parsed.GetValue(_shared.Output);
        if (format == OutputFormat.Csv)
            throw new TriggerException(ErrorCode.Usage, "what a plugin says is no table", fix: "use --output json");
        Settings settings = _shared.Read(parsed);
        PluginPlace place = PluginPlace.Of(parsed.GetValue(_plugin)!, settings);
        using LineLogger log = LineLogger.Open(null, LogLevel.Information, LogStamp.Local);
        await using var worker = new PrivateWorker(settings, place.Policy, new PluginLog(log));
        string[] args = [.. _message.Args(parsed), .. parsed.GetValue(_words) ?? []];
        var request = new ClientRequest(
            PrivateWorker.Name,
            place.Name,
            _message.Timeout(parsed) ?? (IsStream(place, worker) ? NoTimeout : Limits.TimeoutDefault),
            Args.Encode(ClientCommand.ReadArgs(args)),
            await _message.ReadAsync(parsed, stop));

        worker.Start();
        return await new RequestRun(worker.Line, request).RunAsync(
            done => ClientCommand.Printer(request, format, isQuiet: true, isFolded: false, done), stop);
    }

    /// <summary>What cannot be found is none; the worker says why when it is to run.</summary>
    private static bool IsStream(PluginPlace place, PrivateWorker worker)
    {
        try
        {
            return place.Find(worker.Finder).Manifest.Stream;
        }
        catch (TriggerException)
        {
            return false;
        }
    }
}
