using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>
/// For people, and for the log: every line says where it comes from, with the frame of 2018 around them.
/// </summary>
/// <param name="errors">Where failed runs are told.</param>
/// <param name="isQuiet">No frame, and no names while one worker answers.</param>
/// <param name="done">Told of each chunk that was written.</param>
sealed class TerminalPrinter(
    string plugin, Descriptor output, Descriptor errors, bool isQuiet, Action<OutputChunk> done) : IAnswerPrinter
{
    private readonly Frame _frame = new(output);
    private readonly Frame _problems = new(errors);
    private LinePrinter? _lines;

    public bool IsMidLine => _lines?.IsMidLine ?? false;

    private LinePrinter Lines => _lines ??= NewLines(workerCount: 1);

    public void Dispatched(Dispatched dispatched)
    {
        if (!isQuiet) _frame.Begin(dispatched);
        _lines ??= NewLines(dispatched.Workers);
    }

    public void Output(OutputChunk chunk) => Lines.Output(chunk);

    public void Ended(RunEnd end)
    {
        Lines.Ended(end);
        if (end.Problem(plugin) is { } problem) _problems.Tell(problem);
    }

    public void Close(RequestEnd end)
    {
        Lines.Close(end);
        if (!isQuiet && end.Problem is null) _frame.End(end, Lines.LineCount);
    }

    private LinePrinter NewLines(int workerCount) =>
        new(plugin, output, errors, isPrefixed: !isQuiet || workerCount > 1, isEager: workerCount <= 1, done);
}
