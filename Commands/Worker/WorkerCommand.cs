using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using TriggerFs.Commands.Memory;
using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker;

/// <summary>Connects out to the broker and runs what is sent to the worker and its services.</summary>
sealed class WorkerCommand : Command
{
    private readonly Option<string?> _identity =
        SharedOptions.Text("identity", "I", "which worker of the settings this is; needless when there is only one");

    private readonly Option<string?> _jobs =
        SharedOptions.Text("jobs", "N", "how many requests run at once (default 4 for each processor); more wait");

    private readonly SharedOptions _shared;

    public WorkerCommand(SharedOptions shared) : base("worker", Description)
    {
        _shared = shared;
        foreach (Option option in (Option[])[_identity, _jobs]) Options.Add(option);
        SetAction(RunAsync);
    }

    private static new string Description => """
        run what is sent to this worker and its services
        triggerfs worker -identity demo01 -debug true
        It connects out to the broker, comes back by itself when the link is lost, and runs commands as the user that
        started it.
        """;

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        Settings settings = _shared.Read(parsed);
        WorkerSettings worker = settings.NeedWorker(parsed.GetValue(_identity));
        BrokerAddress broker = settings.NeedBroker();
        bool isDebug = parsed.GetValue(_shared.Debug);
        using LineLogger log = LineLogger.Open(null, isDebug ? LogLevel.Debug : LogLevel.Information, LogStamp.Local);
        var options = new WorkerOptions(worker.Identity, Jobs(parsed, settings, worker), isDebug, IsSole: true)
        {
            Policy = settings.PolicyOf(worker),
            Secrets = settings.Secrets with { Own = settings.File },
            Sections = settings.Plugins,
            StateFolder = InstallationPlaces.StateOf(settings.PolicyOf(worker), worker),
            OpenUser = settings.HasUser ? () => NetworkSession.New(settings, PeerRole.Client) : null,
            Tokens = new SettingsTokenKeeper(settings.File, worker, isElsewhere: settings.Workers.Token is not null),
        };
        bool isInterrupted = false;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => isInterrupted = true);

        await using RunningWorker running = RunningWorker.Start(worker, broker, options, log);
        Systemd manager = Systemd.OfThisProcess();
        await using CancellationTokenRegistration stopping = stop.Register(manager.Stopping);
        _ = running.Ready.ContinueWith(_ => manager.Ready($"{worker} is connected"), TaskScheduler.Default);
        using var trim = MemoryTrim.WhenQuiet();
        await running.RunAsync(stop);
        return isInterrupted ? ExitCodes.Interrupted : ExitCodes.Ok;
    }

    private int Jobs(ParseResult parsed, Settings settings, WorkerSettings worker) =>
        parsed.GetValue(_jobs) is { } text
            ? SettingKeys.Jobs(text)
            : settings.PolicyOf(worker).Jobs ?? WorkerOptions.JobsDefault;
}
