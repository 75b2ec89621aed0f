using System.Text;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>
/// Takes answers off the link's loop thread, which must not wait for a terminal, to the thread that writes them. What
/// it holds is bounded by the runs' windows, as output is credited only after it was written.
/// </summary>
sealed class AnswerQueue : IAnswers
{
    private readonly Queue<object> _answers = new();
    private bool _isOver;

    public bool ConsumesAtOnce => false;

    public void Dispatched(Dispatched dispatched) => Add(dispatched);

    public void Output(in Output output) => Add(new OutputChunk(
        Encoding.UTF8.GetString(output.Worker),
        (output.Flags & Core.Messages.Output.IsError) != 0,
        output.Bytes.ToArray(),
        IsTail: false)
    {
        IsNotice = (output.Flags & Core.Messages.Output.IsNotice) != 0,
    });

    public void Finished(in Finished finished)
    {
        string worker = Encoding.UTF8.GetString(finished.Worker);
        if (!finished.Tail.IsEmpty) Add(new OutputChunk(worker, IsError: false, finished.Tail.ToArray(), IsTail: true));
        string detail = Encoding.UTF8.GetString(finished.Detail);
        Add(new RunEnd(worker, finished.Outcome, finished.ExitCode, finished.DurationMs, detail)
        {
            RawExitCode = (finished.Flags & Core.Messages.Finished.Was200) != 0 ? 200 : null,
        });
        if ((finished.Flags & Core.Messages.Finished.Last) != 0) End();
    }

    public void Failed(TriggerException problem)
    {
        Add(problem);
        End();
    }

    /// <summary>
    /// The next answer, waited for: a Dispatched, OutputChunk, RunEnd or TriggerException; null at the end.
    /// </summary>
    public object? Take()
    {
        lock (_answers)
        {
            while (_answers.Count == 0 && !_isOver) Monitor.Wait(_answers);
            return _answers.Count > 0 ? _answers.Dequeue() : null;
        }
    }

    private void Add(object answer)
    {
        lock (_answers)
        {
            _answers.Enqueue(answer);
            Monitor.Pulse(_answers);
        }
    }

    private void End()
    {
        lock (_answers)
        {
            _isOver = true;
            Monitor.PulseAll(_answers);
        }
    }
}
