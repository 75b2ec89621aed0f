using System.Globalization;
using System.Text;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>
/// One line on a terminal that says how many of several workers are done, have failed and run, kept below what they
/// write and gone at the end.
/// </summary>
/// <param name="isShared">What they write goes to the same terminal.</param>
sealed class ProgressPrinter(IAnswerPrinter shown, RunTally tally, Descriptor terminal, bool isShared) : IAnswerPrinter
{
    private bool _isDrawn;

    public bool IsMidLine => shown.IsMidLine;

    public void Dispatched(Dispatched dispatched)
    {
        shown.Dispatched(dispatched);
        Draw();
    }

    public void Output(OutputChunk chunk)
    {
        if (isShared) Erase();
        shown.Output(chunk);
        if (isShared) Draw();
    }

    public void Ended(RunEnd end)
    {
        Erase();
        shown.Ended(end);
        Draw();
    }

    public void Close(RequestEnd end)
    {
        Erase();
        shown.Close(end);
    }

    private void Draw()
    {
        if (tally.Workers < 2 || shown.IsMidLine) return;
        Write(string.Create(CultureInfo.InvariantCulture,
            $"{tally.Done} done, {tally.Failed.Count} failed, {tally.Running} running of {tally.Workers} workers"));
        _isDrawn = true;
    }

    /// <summary>Back to the beginning of the line, and all of it away (ECMA-48: CR, EL).</summary>
    private void Erase()
    {
        if (_isDrawn) Write("\r\u001b[K");
        _isDrawn = false;
    }

    private void Write(string text)
    {
        terminal.Append(Encoding.UTF8.GetBytes(text));
        terminal.Flush();
    }
}
