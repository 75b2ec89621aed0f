using System.CommandLine;
using System.Runtime.InteropServices;
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
        foreach (Command part in (Command[])[new AuditCommand(shared), new BackupCommand(shared), new RestoreCommand()])
            Subcommands.Add(part);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        BrokerSettings settings = Read(parsed);
        LogLevel level = LevelOf(parsed, settings);
        string state = InstallationPlaces.StateOf(settings);

        using LineLogger log = LineLogger.Open(settings.Logfile, level, LogStamp.Utc);
        BrokerServer.TakeDescriptors();
        Log.Starting(log, Software.Name, state);
        using BrokerServer server = BrokerServer.Open(
            settings with { Listen = settings.Listen ?? "tcp://*:5555", State = state }, log);
        var reload = new BrokerReload(() => Read(parsed), again => LevelOf(parsed, again), settings, log, server);
        await ServeAsync(server, reload, log, stop);
        Log.Stopped(log);
        return ExitCodes.Ok;
    }

    private BrokerSettings Read(ParseResult parsed) => _shared.Read(parsed, (_listen, "broker.listen"),
        (_state, "broker.state"), (_logLevel, "broker.loglevel"), (_logfile, "broker.logfile")).Broker;

    private LogLevel LevelOf(ParseResult parsed, BrokerSettings settings) =>
        parsed.GetValue(_shared.Debug) ? LogLevel.Debug : settings.LogLevel ?? LogLevel.Information;

    private static async Task ServeAsync(
        BrokerServer server, BrokerReload reload, LineLogger log, CancellationToken stop)
    {
        Systemd manager = Systemd.OfThisProcess();
        server.Start();
        Log.Ready(log, server.Address, server.Key);
        manager.Ready($"listening on {server.Address}");
        using var trim = MemoryTrim.WhenQuiet();
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            reload.Run();
        });
        var asked = new TaskCompletionSource();
        using (stop.Register(asked.SetResult)) await Task.WhenAny(asked.Task, server.Ended);
        manager.Stopping();
        await server.StopAsync(reload.Current.Drain ?? TimeSpan.Zero);
    }
}
