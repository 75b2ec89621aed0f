using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>
/// For programs: output alone, byte for byte while one worker answers, with names before the lines of several. The
/// frame, if any, goes elsewhere.
/// </summary>
sealed class PipePrinter(
    string plugin, Descriptor output, Descriptor errors, Frame? frame, Action<OutputChunk> done) : IAnswerPrinter
{
    private readonly Frame _problems = new(errors);
    private LinePrinter? _lines;
    private long _newlineCount;
    private bool _isLineOpen;

    public void Dispatched(Dispatched dispatched)
    {
        frame?.Begin(dispatched);
        if (dispatched.Workers > 1)
            _lines = new(plugin, output, errors, isPrefixed: true, isEager: false, done);
    }

    public void Output(OutputChunk chunk)
    {
        if (_lines is not null)
        {
            _lines.Output(chunk);
            return;
        }
        Descriptor to = chunk.IsError ? errors : output;
        to.Write(chunk.Bytes);
        _newlineCount += chunk.Bytes.AsSpan().Count((byte)'\n');
        _isLineOpen = chunk.Bytes[^1] != '\n';
        done(chunk);
    }

    public void Ended(RunEnd end)
    {
        _lines?.Ended(end);
        if (end.Problem(plugin) is { } problem) _problems.Tell(problem);
    }

    public void Close(RequestEnd end)
    {
        _lines?.Close(end);
        if (end.Problem is null) frame?.End(end, _lines?.LineCount ?? _newlineCount + (_isLineOpen ? 1 : 0));
    }
}
