using System.Globalization;
using System.Runtime.InteropServices;
using TriggerFs.Commands.Worker.Plugins;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// A work in a process of its own: what a worker starts where plugins run as another user or under limits. It is a
/// plugin of the contract exec like any other.
/// </summary>
static class WorkProcess
{
    /// <summary>The first argument of this program when it is to do a work.</summary>
    public const string Word = "run-built-in";

    /// <summary>Does the work that the arguments name, with what is on standard input and in the environment.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        IWork? work = args is [Word, var name] ? BuiltInPlugins.FindWork(name) : null;
        if (work is null)
        {
            Console.Error.WriteLine($"triggerfs: {Word} is how a worker starts its plugins, and nothing to type");
            return ExitCodes.Usage;
        }
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        using var message = new MemoryStream();
        await using Stream input = Console.OpenStandardInput(), output = Console.OpenStandardOutput(),
            error = Console.OpenStandardError();
        await input.CopyToAsync(message, stop.Token);
        WorkCall call = Call(work.Manifest, message.ToArray(), new StandardOutput(output, error));
        RunEnd end = await WorkEnd.OfAsync(work, call, bug => bug.ToString(), stop.Token);
        if (end.Detail is not null) await Console.Error.WriteLineAsync(end.Detail);
        return end.ExitCode;
    }

    private static WorkCall Call(PluginManifest manifest, byte[] message, IWorkOutput output)
    {
        var args = new Dictionary<string, string>();
        foreach (PluginInput input in manifest.Inputs ?? [])
            if (Environment.GetEnvironmentVariable(ChildEnvironment.VariableOf(input.Name)) is { } value)
                args[input.Name] = value;
        return new()
        {
            Message = message,
            Args = args,
            Output = output,
            Run = ulong.TryParse(Variable("RUN_ID"), CultureInfo.InvariantCulture, out ulong run) ? run : 0,
            Team = Variable("TEAM"),
            User = Variable("USER"),
            Service = Variable("SERVICE"),
            Worker = Variable("WORKER"),
            Trigger = Variable("TRIGGER"),
            Hops = byte.TryParse(Variable("HOPS"), CultureInfo.InvariantCulture, out byte hops) ? hops : (byte)0,
        };
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable("TRIGGERFS_" + name) ?? "";

    /// <summary>The two streams of this process.</summary>
    private sealed class StandardOutput(Stream output, Stream error) : IWorkOutput
    {
        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, bool isError, CancellationToken stop) =>
            (isError ? error : output).WriteAsync(bytes, stop);
    }
}
