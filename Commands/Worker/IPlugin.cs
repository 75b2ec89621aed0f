using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker;

/// <summary>Something that a worker runs by name. It is one of the two kinds below.</summary>
interface IPlugin
{
    /// <summary>The name that requests use, such as <c>command/command</c>.</summary>
    string Name { get; }

    /// <summary>What it says of itself.</summary>
    PluginManifest Manifest { get; }
}

/// <summary>
/// A plugin that answers within the call, on the loop's thread, in microseconds: no Started, no Output.
/// </summary>
interface IInstantPlugin : IPlugin
{
    /// <summary>The answer; its output may point into the request, which is valid until it has been sent.</summary>
    InstantAnswer Answer(scoped in Run run);
}

/// <summary>How an instant plugin ended, and its standard output.</summary>
readonly ref struct InstantAnswer(int exitCode, ReadOnlySpan<byte> output)
{
    public int ExitCode { get; } = exitCode;

    public ReadOnlySpan<byte> Output { get; } = output;
}

/// <summary>A plugin whose runs take their time: a program, or a conversation with one.</summary>
interface IRunningPlugin : IPlugin
{
    /// <summary>
    /// Takes what it needs out of a call, whose bytes are valid during it only, and does nothing yet that can be seen
    /// from outside. A call that it will not run is refused with a <see cref="TriggerException"/>.
    /// </summary>
    IPluginRun Prepare(in PluginCall call);
}

/// <summary>A running plugin that keeps something running between its runs.</summary>
interface IWarmPlugin : IRunningPlugin
{
    /// <summary>No run begins any more: what is kept ends as soon as its runs have ended.</summary>
    void Retire();
}

/// <summary>One run of a plugin. Every call comes on the loop's thread; none may block.</summary>
interface IPluginRun
{
    /// <summary>Begins. From here on <see cref="IRunOutput.End"/> is called exactly once, whatever happens.</summary>
    void Start(IRunOutput output);

    /// <summary>There is room for output again, after <see cref="IRunOutput.Room"/> had none.</summary>
    void Resume();

    /// <summary>
    /// Ends everything that the run started, whole trees, soon; the end follows. May be called again.
    /// </summary>
    void Stop();

    /// <summary>Time passed: called about every 50 ms between the start and the end.</summary>
    void Tick(long nowMs);
}

/// <summary>Where a run's output and its end go. Loop's thread only.</summary>
interface IRunOutput
{
    /// <summary>
    /// Space to read output into, at most <see cref="Core.Limits.OutputChunkMax"/> bytes; none when the window is
    /// used up, and then the plugin stops reading until <see cref="IPluginRun.Resume"/>. Valid until the next call.
    /// </summary>
    Span<byte> Room();

    /// <summary>The first bytes of the last <see cref="Room"/> are output.</summary>
    void Write(int length, bool isError);

    /// <summary>The run has ended and nothing of it is left.</summary>
    void End(RunEnd end);
}

/// <summary>How a plugin's run ended by its own account; why it was stopped is known to who stopped it.</summary>
/// <param name="Outcome">Done, or NotStarted when it could not begin.</param>
/// <param name="ExitCode">The plugin's own, or 128 + n for signal n; 126 and 127 as a shell has them.</param>
/// <param name="Detail">What a person should know beside that, or null.</param>
readonly record struct RunEnd(Outcome Outcome, int ExitCode, string? Detail = null)
{
    public static RunEnd NotStarted(int exitCode, string detail) => new(Outcome.NotStarted, exitCode, detail);

    /// <summary>A run that was refused, with the exit code that a shell has for it.</summary>
    public static RunEnd NotStarted(TriggerException refusal)
    {
        string detail = refusal.Message;
        if (!string.IsNullOrEmpty(refusal.Why)) detail += $": {refusal.Why}";
        if (!string.IsNullOrEmpty(refusal.Fix)) detail += $"; {refusal.Fix}";
        return NotStarted(refusal.Code == ErrorCode.NotFound ? 127 : 126, detail);
    }

    /// <summary>The plugin gave 200, which means success where it comes from, and so the exit code is 0.</summary>
    public bool Was200 { get; init; }
}
