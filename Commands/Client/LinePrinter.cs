using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>
/// Output with the plugin and the worker before each line: on a terminal, in a log, or of several workers.
/// </summary>
sealed class LinePrinter : IAnswerPrinter, ILineTarget
{
    private readonly string _plugin;
    private readonly Descriptor _output;
    private readonly Descriptor _error;
    private readonly Action<OutputChunk> _done;
    private readonly LineMixer _mixer;
    private string _prefixWorker = "";
    private byte[] _prefix = [];

    /// <param name="isPrefixed">False for lines without who sent them.</param>
    /// <param name="isEager">See <see cref="LineMixer"/>.</param>
    /// <param name="done">Told of each chunk that was written.</param>
    public LinePrinter(
        string plugin,
        Descriptor output,
        Descriptor error,
        bool isPrefixed,
        bool isEager,
        Action<OutputChunk> done)
    {
        _plugin = NameRule.Shown(plugin);
        _output = output;
        _error = error;
        _done = done;
        IsPrefixed = isPrefixed;
        _mixer = new(this, isEager);
    }

    public bool IsPrefixed { get; }

    public long LineCount => _mixer.LineCount;

    public bool IsMidLine => _mixer.IsMidLine;

    public void Dispatched(Dispatched dispatched)
    {
    }

    public void Output(OutputChunk chunk)
    {
        _mixer.Take(chunk);
        Flush();
    }

    public void Ended(RunEnd end)
    {
        _mixer.End(end.Worker);
        Flush();
    }

    public void Close(RequestEnd end)
    {
        _mixer.EndAll();
        Flush();
    }

    void ILineTarget.Write(string worker, bool isError, ReadOnlySpan<byte> piece, bool begins, bool ends)
    {
        Descriptor to = isError ? _error : _output;
        (isError ? _output : _error).Flush(); // On a terminal the two are one.
        if (begins && IsPrefixed) to.Append(Prefix(worker));
        to.Append(piece);
        if (ends) to.Append("\n"u8);
    }

    void ILineTarget.Done(OutputChunk chunk)
    {
        Flush();
        _done(chunk);
    }

    private byte[] Prefix(string worker)
    {
        if (_prefixWorker == worker) return _prefix;
        _prefixWorker = worker;
        return _prefix = Encoding.UTF8.GetBytes($"[{_plugin}@{NameRule.Shown(worker)}] ");
    }

    private void Flush()
    {
        _output.Flush();
        _error.Flush();
    }
}
