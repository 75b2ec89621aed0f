using System.Buffers;
using System.Globalization;
using System.Text;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Client;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli;

/// <summary>
/// The answers to a request as lines of the console: who says it before each one, filters behind, and nothing in them
/// that drives the terminal.
/// </summary>
/// <param name="isFramed">With the lines around the output that the client shows to people.</param>
/// <param name="done">Told of each chunk that was written.</param>
sealed class AnswerLines : IAnswerPrinter, ILineTarget
{
    /// <summary>Bytes of one line at which it is shown though it has not ended.</summary>
    private const int LineMax = 64 * 1024;

    private readonly string _plugin;
    private readonly ILines _lines;
    private readonly Audience _audience;
    private readonly bool _isFramed;
    private readonly Action<OutputChunk> _done;
    private readonly LineMixer _mixer;
    private readonly ArrayBufferWriter<byte> _line = new();
    private bool _isPrefixed;

    public AnswerLines(string plugin, ILines lines, Audience audience, bool isFramed, Action<OutputChunk> done)
    {
        _plugin = plugin;
        _lines = lines;
        _audience = audience;
        _isFramed = _isPrefixed = isFramed;
        _done = done;
        _mixer = new(this, isEager: false);
    }

    public void Dispatched(Dispatched dispatched)
    {
        _isPrefixed |= dispatched.Workers > 1;
        if (!_isFramed) return;
        string time = DateTime.Now.ToString("yyyy/MM/dd HH:mm:ss", CultureInfo.InvariantCulture);
        string algorithm = dispatched.Algorithm.ToString().ToLowerInvariant();
        _lines.Line($"{time} Sending message to service {dispatched.Service} ({algorithm})");
        _audience.Output.Flush();
    }

    public void Output(OutputChunk chunk)
    {
        _mixer.Take(chunk);
        _audience.Output.Flush();
    }

    public void Ended(RunEnd end)
    {
        _mixer.End(end.Worker);
        if (end.Problem(_plugin) is { } problem) Tell(problem);
    }

    public void Close(RequestEnd end)
    {
        _mixer.EndAll();
        if (_isFramed && end.Problem is null)
        {
            _lines.Line("");
            _lines.Line(string.Create(CultureInfo.InvariantCulture, $"Exit code: {end.ExitCode}"));
            _lines.Line(string.Create(CultureInfo.InvariantCulture, $"Total messages: {_mixer.LineCount}"));
            _lines.Line($"Time ran: {Duration.PrintExactly(end.Nanoseconds)}");
        }
        _lines.End();
    }

    void ILineTarget.Write(string worker, bool isError, ReadOnlySpan<byte> piece, bool begins, bool ends)
    {
        _line.Write(piece);
        if (!ends && _line.WrittenCount < LineMax) return;
        string text = Encoding.UTF8.GetString(_line.WrittenSpan).TrimEnd('\r');
        _line.ResetWrittenCount();
        if (_isPrefixed) text = $"[{_plugin}@{worker}] {text}";
        _lines.Line(text);
    }

    void ILineTarget.Done(OutputChunk chunk) => _done(chunk);

    private void Tell(TriggerException problem)
    {
        _audience.Output.Flush();
        foreach (string line in TroubleText.Lines(problem, _audience.Width)) _audience.Errors.WriteLine(line);
    }
}
