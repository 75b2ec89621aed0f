using System.CommandLine;
using System.Runtime.InteropServices;
using TriggerFs.Commands;
using TriggerFs.Commands.Author;
using TriggerFs.Commands.Cli;
using TriggerFs.Commands.Client;
using TriggerFs.Commands.Mount;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.SignUp;
using TriggerFs.Commands.Up;
using TriggerFs.Commands.Worker;
using TriggerFs.Commands.Worker.BuiltIn;
using TriggerFs.Core;

if (args is [Confinement.Word, ..]) return Confinement.Enter(args);
if (args is [WorkProcess.Word, ..]) return await WorkProcess.RunAsync(args);

var shared = new SharedOptions();
var interrupts = new Interrupts();
var client = new ClientCommand(shared, NetworkSession.OpenAsync, NetworkSession.New);
Command root = Modules.Root(
    shared,
    new InitCommand(shared),
    new BrokerCommand(shared),
    new WorkerCommand(shared),
    client,
    new ListenCommand(client),
    new CliCommand(shared, NetworkSession.OpenAsync, NetworkSession.New, interrupts),
    new MountCommand(shared, NetworkSession.New),
    new PluginCommand(shared, NetworkSession.OpenAsync),
    new UpCommand(shared),
    new SignUpCommand(shared));

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return await Modules.RunAsync(root, CalledAs.Expand(CalledAs.Name(), args), stop.Token);
}
catch (TriggerException problem)
{
    Console.Error.WriteLine(problem.Report());
    return problem.Code.ExitCode();
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return ExitCodes.Interrupted;
}
catch (Exception bug)
{
    Console.Error.WriteLine($"triggerfs: internal error; please report this\n{bug}");
    return ErrorCode.Internal.ExitCode();
}

// The first signal asks; the second one is not held back and ends the process as if it had no handler.
void Stop(PosixSignalContext signal)
{
    if (signal.Signal == PosixSignal.SIGINT && interrupts.Deliver())
    {
        signal.Cancel = true;
        return;
    }
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
