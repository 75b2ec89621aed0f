using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;
using TriggerFs.Commands;
using TriggerFs.Commands.Worker;
using TriggerFs.Commands.Worker.BuiltIn;
using TriggerFs.Commands.Worker.Groups;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Tests.Commands.Worker;

/// <summary>A worker with its real plugins and processes on a fake link.</summary>
sealed class WorkerStage : IDisposable
{
    private readonly PluginDesk _desk;
    private static long s_run = Random.Shared.NextInt64(1 << 40) << 16;

    public WorkerStage(
        string environ = "", bool sole = false, WorkerPolicy? policy = null, SecretsSettings? secrets = null,
        IReadOnlyList<PluginSection>? sections = null, ControlGroups? groups = null)
    {
        if (environ.Length == 0) environ = $"PATH={Environment.GetEnvironmentVariable("PATH")}";
        policy ??= new();
        var options = new WorkerOptions("demo01", 8, Debug: true)
        {
            Policy = policy,
            Secrets = secrets ?? new(),
            Sections = sections ?? [],
            StateFolder = policy.State ?? "",
        };
        Processes = new(
            Link.Loop,
            new(Encoding.UTF8.GetBytes(environ), "demo01", policy.Environment),
            sole,
            policy.WorkDir,
            Confinement.Of(policy, RealProgram.Executable, groups is not null),
            groups);
        _desk = RunningWorker.Desk(
            Link.Loop, BuiltInPlugins.Of(new(Link.Loop, Processes, options, Log)), Processes, options, Log);
        Session = new(Link, Link.Loop, _desk, Processes, options, Log);
        Link.Start(Session);
        Link.GoUp();
        Link.Deliver(new Assigned(["demoservice"]).Write);
    }

    /// <summary>What it tells the broker of its plugins.</summary>
    public PluginList List => _desk.List;

    public FakeLink Link { get; } = new();

    public ProcessHost Processes { get; }

    public WorkerSession Session { get; }

    public ListLogger Log { get; } = new();

    public static ulong NextRun() => (ulong)Interlocked.Increment(ref s_run);

    public static byte[] RunMessage(
        ulong run, string plugin, ReadOnlySpan<byte> payload, int timeoutMs = 30_000, int window = Limits.OutputWindow,
        params KeyValuePair<string, string>[] args)
    {
        var wire = new WireWriter();
        new Run
        {
            Id = new(run),
            Session = new(77),
            Request = new(5),
            Attempt = 1,
            TimeoutMs = (uint)timeoutMs,
            Window = (uint)window,
            Team = "team1"u8,
            User = "hp"u8,
            Service = "demoservice"u8,
            Trigger = "/newtrigger/demotrigger"u8,
            Plugin = Encoding.UTF8.GetBytes(plugin),
            ArgsBytes = Args.Encode(args),
            Payload = payload,
        }.WriteHead(wire);
        return [.. wire.Written, .. payload];
    }

    /// <summary>Calls a plugin and returns its run at once.</summary>
    public ulong Call(
        string plugin, string message = "", int timeoutMs = 30_000, params (string Key, string Value)[] args)
    {
        ulong run = NextRun();
        KeyValuePair<string, string>[] pairs = [.. args.Select(arg => KeyValuePair.Create(arg.Key, arg.Value))];
        Link.Deliver(RunMessage(
            run, plugin, Encoding.UTF8.GetBytes(message), timeoutMs, Limits.OutputWindow, pairs));
        return run;
    }

    /// <summary>Sends a command and returns its run at once.</summary>
    public ulong Begin(string command, int timeoutMs = 30_000, int window = Limits.OutputWindow)
    {
        ulong run = NextRun();
        Link.Deliver(RunMessage(run, "command/command", Encoding.UTF8.GetBytes(command), timeoutMs, window));
        return run;
    }

    /// <summary>Runs a command to its end.</summary>
    public End Run(string command, int timeoutMs = 30_000) => EndOf(Begin(command, timeoutMs));

    public End EndOf(ulong run, int withinMs = 20_000)
    {
        Wait(() => Link.Ends.Exists(end => end.Run == run), $"run {run} does not end", withinMs);
        return Link.Ends.Find(end => end.Run == run)!;
    }

    public byte[] OutputOf(ulong run, bool isError = false) =>
        [.. Link.Pieces.Where(piece => piece.Run == run && piece.IsError == isError).SelectMany(piece => piece.Bytes)];

    public string TextOf(ulong run, bool isError = false) => Encoding.UTF8.GetString(OutputOf(run, isError));

    public static void Wait(Func<bool> condition, string what, int withinMs = 10_000)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.ElapsedMilliseconds < withinMs, $"{what} within {withinMs} ms");
            Thread.Sleep(5);
        }
    }

    /// <summary>The processes that live and have a text in their command line.</summary>
    public static int[] Living(string mark)
    {
        var found = new List<int>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int pid)) continue;
            try
            {
                if (File.ReadAllText($"{folder}/cmdline").Contains(mark, StringComparison.Ordinal)) found.Add(pid);
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }
        return [.. found];
    }

    public void Dispose()
    {
        Session.StopAsync().Wait(TimeSpan.FromSeconds(10));
        _desk.Dispose();
        Processes.Dispose();
        Link.Dispose();
        Assert.Empty(Link.Faults);
    }
}

/// <summary>Keeps what is logged.</summary>
sealed class ListLogger : ILogger
{
    private readonly List<string> _lines = [];

    public List<string> Lines { get { lock (_lines) return [.. _lines]; } }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        lock (_lines) _lines.Add($"{logLevel.ToString()[0]}: {formatter(state, exception)}");
    }
}
