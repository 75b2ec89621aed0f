using System.CommandLine;
using Microsoft.Extensions.Logging;
using TriggerFs.Commands.Memory;
using TriggerFs.Commands.Mount;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Worker;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Up;

/// <summary>Everything at once, for trying it out: broker, worker and mount in one process.</summary>
sealed class UpCommand : Command
{
    private const string About = """
        try everything at once: broker, worker and mount in one process

        triggerfs up
        triggerfs up --dir ./try
        """;

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(15);

    private readonly SharedOptions _shared;
    private readonly Option<string?> _folder =
        SharedOptions.Text("dir", "FOLDER", "keep everything below FOLDER (default ~/.local/share/triggerfs)");
    private readonly Option<string?> _listen =
        SharedOptions.Text("listen", "ADDRESS", "where a new broker listens (default tcp://127.0.0.1:5555, if free)");

    public UpCommand(SharedOptions shared) : base("up", About)
    {
        _shared = shared;
        foreach (Option option in (Option[])[_folder, _listen]) Options.Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        bool isDebug = parsed.GetValue(_shared.Debug);
        Trial trial = Trial.Open(parsed.GetValue(_folder), _shared.ConfigFile(parsed), parsed.GetValue(_listen));
        using LineLogger log = LineLogger.Open(
            isDebug ? null : trial.Logfile, isDebug ? LogLevel.Debug : LogLevel.Information, LogStamp.Utc);
        BrokerSettings broker = trial.Settings.Broker;
        using var trim = MemoryTrim.WhenQuiet();
        using BrokerServer server = BrokerServer.Open(broker, log);
        server.Start();
        try
        {
            await WorkAsync(trial, server, log, isDebug, stop);
        }
        finally
        {
            await server.StopAsync();
        }
        Console.Out.WriteLine("triggerFS is down.");
        return ExitCodes.Ok;
    }

    private static async Task WorkAsync(
        Trial trial, BrokerServer server, ILogger log, bool isDebug, CancellationToken stop)
    {
        await using UserSession session =
            await NetworkSession.OpenAsync(trial.Settings, PeerRole.Console, StartMax, stop);
        string token = await DemoTeam.FurnishAsync(session, stop);
        var identity = new WorkerSettings(trial.Settings.Main.Team!, DemoTeam.Worker, token);
        var options = new WorkerOptions(DemoTeam.Worker, WorkerOptions.JobsDefault, isDebug)
        {
            Policy = trial.Settings.PolicyOf(identity),
            Secrets = trial.Settings.Secrets,
            Sections = trial.Settings.Plugins,
            StateFolder = Path.Join(InstallationPlaces.StateOf(trial.Settings.Broker), "worker"),
            OpenUser = () => NetworkSession.New(trial.Settings, PeerRole.Client),
        };
        await using var worker = RunningWorker.Start(identity, trial.Settings.NeedBroker(), options, log);
        await DemoTeam.OnlineAsync(session, stop).WaitAsync(StartMax, stop);

        // The mount ends before what answers its last messages.
        await using var files = await UpFiles.StartAsync(trial, stop);
        files.Say(Greeting(trial, files));
        var asked = new TaskCompletionSource();
        using (stop.Register(asked.SetResult)) await Task.WhenAny(asked.Task, server.Ended);
    }

    private static string Greeting(Trial trial, UpFiles files)
    {
        string demo = Shell.Quote(Path.Join(trial.Mountpoint, "demo"));
        string export = trial.Link is null ? $"  export TRIGGERFS_CONFIG={Shell.Quote(trial.Settings.File!)}\n" : "";
        string first = files.AreThere
            ? "triggerFS is up: broker, worker and mount, all in this process."
            : $"triggerFS is up: broker and worker, in this process. There are no files:\n{files.Why}";
        string write = files.AreThere
            ? $"  ls -l {demo}\n  echo uptime > {demo}/uptime     # the answer appears here\n"
            : "";
        return $"""
            {first}

            Type in another terminal:
            {export}{write}  triggerfs client -service {DemoTeam.Service} -plugin command/command -command 'df -h /'
              triggerfs cli -c 'show triggers'

            Ctrl-C ends it. Settings: {trial.Link ?? trial.Settings.File}; log: {trial.Logfile}
            """;
    }
}
