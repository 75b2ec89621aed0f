using System.Text;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Session;

/// <summary>Keeps what a request was answered, as text, and how often it ended.</summary>
sealed class RecordedAnswers(bool consumesAtOnce = true) : IAnswers
{
    public bool ConsumesAtOnce => consumesAtOnce;

    public StringBuilder Text { get; } = new();

    public List<string> Ends { get; } = [];

    public TriggerException? Problem { get; private set; }

    public Dispatched? Plan { get; private set; }

    public int EndCount { get; private set; }

    public void Dispatched(Dispatched dispatched) => Plan = dispatched;

    public void Output(in Output output) => Text.Append(Encoding.UTF8.GetString(output.Bytes));

    public void Finished(in Finished finished)
    {
        Text.Append(Encoding.UTF8.GetString(finished.Tail));
        Ends.Add($"{Encoding.UTF8.GetString(finished.Worker)}:{finished.Outcome}:{finished.ExitCode}");
        if ((finished.Flags & TriggerFs.Core.Messages.Finished.Last) != 0) EndCount++;
    }

    public void Failed(TriggerException problem)
    {
        Problem = problem;
        EndCount++;
    }
}
