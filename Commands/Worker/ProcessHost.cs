using TriggerFs.Commands.Worker.Groups;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Commands.Worker;

/// <summary>What plugins that are programs have in common: how they are started, watched and ended.</summary>
sealed class ProcessHost : IDisposable
{
    private static long s_served;

    private readonly EventLoop _loop;
    private readonly Launcher _launcher;
    private readonly Reaper _reaper;
    private readonly ChildEnvironment _environment;
    private readonly string? _folder;
    private readonly Confinement? _confinement;
    private readonly ControlGroups? _groups;

    /// <param name="loop">The loop that the runs live on.</param>
    /// <param name="environment">What the programs find in their environment.</param>
    /// <param name="sole">See <see cref="Reaper"/>.</param>
    /// <param name="folder">The folder that they start in; null for the worker's own.</param>
    /// <param name="confinement">The limits under which they run; null for the worker's own.</param>
    /// <param name="groups">Where each gets a control group; null for none.</param>
    public ProcessHost(
        EventLoop loop,
        ChildEnvironment environment,
        bool sole,
        string? folder = null,
        Confinement? confinement = null,
        ControlGroups? groups = null)
    {
        Spawner.TakeStandardDescriptors();
        _loop = loop;
        _environment = environment;
        _folder = folder;
        _confinement = confinement;
        _groups = groups;
        _launcher = new(loop);
        _reaper = new(loop, sole);
    }

    /// <summary>The worker's identity.</summary>
    public string Worker => _environment.Worker;

    /// <summary>They run as another user than the worker, or under limits.</summary>
    public bool IsConfined => _confinement is not null;

    /// <summary>Programs that serve many runs and have not ended.</summary>
    public int Served { get; private set; }

    /// <summary>A run of a program, not started yet.</summary>
    /// <param name="call">The call.</param>
    /// <param name="start">What to start.</param>
    /// <param name="hasArgs">Whether the arguments are in its environment; it may be told them in another way.</param>
    public ProcessRun Run(in PluginCall call, ProgramStart start, bool hasArgs = true) =>
        New(call.Run.Id.Value, start, hasArgs ? _environment.For(call) : _environment.ForTold(call));

    /// <summary>A run of a program that finds some of its arguments at descriptors, not started yet.</summary>
    /// <param name="call">The call.</param>
    /// <param name="start">What to start, with what is handed to it.</param>
    /// <param name="handed">The arguments that are handed to it, in their order.</param>
    public ProcessRun Run(in PluginCall call, ProgramStart start, ReadOnlySpan<string> handed) =>
        New(call.Run.Id.Value, start, _environment.For(call, handed));

    /// <summary>A program that serves many runs, not started yet.</summary>
    /// <param name="contract">What it is told to speak, such as <c>lines/1</c>.</param>
    /// <param name="start">What to start.</param>
    public ProcessRun Serve(string contract, ProgramStart start)
    {
        ulong mark = ulong.MaxValue - (ulong)Interlocked.Increment(ref s_served);
        ProcessRun run = New(mark, start, _environment.ForMany(mark, contract));
        Served++;
        run.Over = () => Served--;
        return run;
    }

    private ProcessRun New(ulong mark, ProgramStart start, StringBlock environment) =>
        new(_loop, _launcher, _reaper, mark, new(start, environment, _folder, _confinement, _groups));

    /// <summary>Nothing of any run is left that is known of.</summary>
    public bool IsSettled => _reaper.IsSettled;

    /// <summary>How often it was looked, by reading /proc, who lives.</summary>
    public long Looks => _reaper.Looks;

    /// <summary>The worker ends: what runs have left is to be found at once.</summary>
    public void Hurry() => _reaper.Hurry();

    /// <summary>Told about every 50 ms that time passed.</summary>
    public event Action<long>? Ticked;

    /// <summary>Time passed: called about every 50 ms.</summary>
    public void Tick(long nowMs)
    {
        _reaper.Tick(nowMs);
        _groups?.Tick();
        Ticked?.Invoke(nowMs);
    }

    public void Dispose() => _launcher.Dispose();
}
