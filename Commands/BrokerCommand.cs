using System.CommandLine;
using Microsoft.Extensions.Logging;
using TriggerFs.Commands.Memory;

namespace TriggerFs.Commands;

/// <summary>Runs a broker in the foreground until it is told to stop.</summary>
sealed class BrokerCommand : Command
{
    private const string About = """
        run a broker in the foreground

        triggerfs init --team team1 --identity admin
        triggerfs broker
        """;

    private readonly SharedOptions _shared;
    private readonly Option<string?> _listen =
        SharedOptions.Text("listen", "ADDRESS", "where to listen (default tcp://*:5555)");
    private readonly Option<string?> _state = SharedOptions.Text("state", "FOLDER", "the state folder");
    private readonly Option<string?> _logLevel =
        SharedOptions.Text("loglevel", "LEVEL", "trace, debug, information (default), warning or error");
    private readonly Option<string?> _logfile =
        SharedOptions.Text("logfile", "FILE", "log to FILE, not to standard error");

    public BrokerCommand(SharedOptions shared) : base("broker", About)
    {
        _shared = shared;
        foreach (Option option in (Option[])[_listen, _state, _logLevel, _logfile]) Options.Add(option);
        Subcommands.Add(new AuditCommand(shared));
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        BrokerSettings settings = _shared.Read(parsed, (_listen, "broker.listen"), (_state, "broker.state"),
            (_logLevel, "broker.loglevel"), (_logfile, "broker.logfile")).Broker;
        LogLevel level = parsed.GetValue(_shared.Debug) ? LogLevel.Debug : settings.LogLevel ?? LogLevel.Information;
        string state = InstallationPlaces.StateOf(settings);

        using LineLogger log = LineLogger.Open(settings.Logfile, level, LogStamp.Utc);
        BrokerServer.TakeDescriptors();
        Log.Starting(log, Software.Name, state);
        using BrokerServer server = BrokerServer.Open(
            settings with { Listen = settings.Listen ?? "tcp://*:5555", State = state }, log);
        await ServeAsync(server, log, stop);
        Log.Stopped(log);
        return ExitCodes.Ok;
    }

    private static async Task ServeAsync(BrokerServer server, LineLogger log, CancellationToken stop)
    {
        Systemd manager = Systemd.OfThisProcess();
        server.Start();
        Log.Ready(log, server.Address, server.Key);
        manager.Ready($"listening on {server.Address}");
        using var trim = MemoryTrim.WhenQuiet();
        var asked = new TaskCompletionSource();
        using (stop.Register(asked.SetResult)) await Task.WhenAny(asked.Task, server.Ended);
        manager.Stopping();
        await server.StopAsync();
    }
}
