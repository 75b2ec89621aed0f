using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>
/// Shows the answers and keeps them in the log as well. A log that cannot be written does not end a request.
/// </summary>
sealed class LoggedPrinter(IAnswerPrinter shown, string plugin, Descriptor log) : IAnswerPrinter, IDisposable
{
    private readonly TerminalPrinter _logged = new(plugin, log, log, isQuiet: false, static _ => { });
    private bool _isBroken;

    public bool IsMidLine => shown.IsMidLine;

    public void Dispatched(Dispatched dispatched)
    {
        Log(() => _logged.Dispatched(dispatched));
        shown.Dispatched(dispatched);
    }

    public void Output(OutputChunk chunk)
    {
        Log(() => _logged.Output(chunk));
        shown.Output(chunk);
    }

    public void Ended(RunEnd end)
    {
        Log(() => _logged.Ended(end));
        shown.Ended(end);
    }

    public void Close(RequestEnd end)
    {
        Log(() =>
        {
            _logged.Close(end);
            if (end.Problem is { } problem) new Frame(log).Tell(problem);
        });
        shown.Close(end);
    }

    public void Dispose() => log.Dispose();

    private void Log(Action write)
    {
        if (_isBroken) return;
        try
        {
            write();
        }
        catch (TriggerException problem)
        {
            _isBroken = true;
            Console.Error.WriteLine($"triggerfs: warning: {problem.Message}: {problem.Why}");
        }
    }
}
