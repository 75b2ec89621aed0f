using System.Globalization;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>How many workers took a broadcast, and why others did not.</summary>
sealed class BroadcastPrinter(string plugin, Descriptor output, Descriptor errors, bool isQuiet) : IAnswerPrinter
{
    private readonly Frame _problems = new(errors);
    private int _workers;
    private int _taken;

    public void Dispatched(Dispatched dispatched)
    {
    }

    /// <summary>There is none: nobody reads what a broadcast writes.</summary>
    public void Output(OutputChunk chunk)
    {
    }

    public void Ended(RunEnd end)
    {
        _workers++;
        if (end.Outcome == Outcome.Taken) _taken++;
        else if (Problem(end) is { } problem) _problems.Tell(problem);
    }

    private TriggerException? Problem(RunEnd end) => end.Outcome == Outcome.TimedOut
        ? new(ErrorCode.TimedOut, $"worker '{NameRule.Shown(end.Worker)}' did not take it",
            $"it was busy for {Limits.BroadcastTakeMax.TotalSeconds:0} s",
            "send it again, or give the worker more --jobs")
        : end.Problem(plugin);

    public void Close(RequestEnd end)
    {
        if (isQuiet || end.Problem is not null) return;
        string workers = _workers == 1 ? "worker" : "workers";
        output.Append(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"taken by {_taken} of {_workers} {workers}\n")));
        output.Flush();
    }
}
