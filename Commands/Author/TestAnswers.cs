using System.Diagnostics;
using System.Text;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Author;

/// <summary>How a run of a test ended.</summary>
/// <param name="Ms">Milliseconds from its start to its end.</param>
/// <param name="Lines">Lines that it wrote, standard output and standard error.</param>
/// <param name="Said">The last of what it wrote.</param>
sealed record TestRun(Outcome Outcome, int ExitCode, string Detail, long Ms, int Lines, string Said);

/// <summary>Waits for the start and the end of one run, and counts what it says.</summary>
sealed class TestAnswers : IAnswers, IHearsStart
{
    private const int SaidMax = 2000;

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TestRun> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _said = new();
    private long _begun = Stopwatch.GetTimestamp();
    private int _lines;

    public bool ConsumesAtOnce => true;

    /// <summary>Done when it begins, or will not.</summary>
    public Task Started => Task.WhenAny(_started.Task, _ended.Task);

    public Task<TestRun> Ended => _ended.Task;

    void IHearsStart.Started()
    {
        _begun = Stopwatch.GetTimestamp();
        _started.TrySetResult();
    }

    public void Dispatched(Dispatched dispatched)
    {
    }

    public void Output(in Output output) => Take(output.Bytes);

    public void Finished(in Finished finished)
    {
        Take(finished.Tail);
        if (_said.Length > 0 && _said[^1] != '\n') _lines++;
        _ended.TrySetResult(new(
            finished.Outcome, finished.ExitCode, Encoding.UTF8.GetString(finished.Detail),
            (long)Stopwatch.GetElapsedTime(_begun).TotalMilliseconds, _lines, _said.ToString()));
    }

    public void Failed(TriggerException problem) => _ended.TrySetException(problem);

    private void Take(ReadOnlySpan<byte> bytes)
    {
        _lines += bytes.Count((byte)'\n');
        _said.Append(Encoding.UTF8.GetString(bytes[^Math.Min(bytes.Length, SaidMax)..]));
        if (_said.Length > SaidMax) _said.Remove(0, _said.Length - SaidMax);
    }
}
