using System.Globalization;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>
/// At the end, each different answer once, with who gave it: <c>18 × exit code 0: web[01-18]</c>. Nothing is shown
/// before. Most came first; what was written on standard error stands behind standard output.
/// </summary>
/// <param name="frame">The frame of 2018 around the whole; null for none.</param>
/// <param name="done">Told of each chunk that was taken in.</param>
sealed class FoldPrinter(Descriptor output, Frame? frame, Action<OutputChunk> done) : IAnswerPrinter
{
    /// <summary>
    /// Bytes of different output that are kept: more than anybody reads, on a host that can spare it.
    /// </summary>
    public const int KeptMax = 64 * 1024 * 1024;

    private readonly OutputTree _tree = new(KeptMax);
    private readonly Dictionary<string, (OutputTrace Out, OutputTrace Error)> _open = [];
    private readonly Dictionary<object, Answer> _answers = [];
    private long _lineCount;

    public void Dispatched(Dispatched dispatched) => frame?.Begin(dispatched);

    public void Output(OutputChunk chunk)
    {
        (OutputTrace Out, OutputTrace Error) traces = Of(chunk.Worker);
        (chunk.IsError ? traces.Error : traces.Out).Add(chunk.Bytes);
        _lineCount += chunk.Bytes.AsSpan().Count((byte)'\n');
        done(chunk);
    }

    public void Ended(RunEnd end)
    {
        (OutputTrace Out, OutputTrace Error) traces = Of(end.Worker);
        _open.Remove(end.Worker);
        var key = (end.Outcome, end.ExitCode, traces.Out.Key(), traces.Error.Key());
        if (!_answers.TryGetValue(key, out Answer? answer))
            _answers.Add(key, answer = new(end, traces.Out, traces.Error));
        answer.Workers.Add(NameRule.Shown(end.Worker));
    }

    public void Close(RequestEnd end)
    {
        foreach (Answer answer in _answers.Values.OrderByDescending(answer => answer.Workers.Count)
            .ThenBy(answer => answer.Workers.Min(StringComparer.Ordinal), StringComparer.Ordinal))
            Write(answer);
        output.Flush();
        if (end.Problem is null) frame?.End(end, _lineCount);
    }

    private (OutputTrace Out, OutputTrace Error) Of(string worker)
    {
        if (!_open.TryGetValue(worker, out var traces)) _open.Add(worker, traces = (_tree.Begin(), _tree.Begin()));
        return traces;
    }

    private void Write(Answer answer)
    {
        Text(string.Create(CultureInfo.InvariantCulture,
            $"{answer.Workers.Count} × {Word(answer.End)}: {NameRanges.Of(answer.Workers)}\n"));
        Write(answer.Out);
        if (answer.Error.Pieces().Any(static piece => !piece.IsEmpty)) Text("standard error:\n");
        Write(answer.Error);
        Text("\n");
    }

    private void Write(OutputTrace trace)
    {
        byte last = (byte)'\n';
        foreach (ReadOnlyMemory<byte> piece in trace.Pieces())
        {
            output.Append(piece.Span);
            if (!piece.IsEmpty) last = piece.Span[^1];
        }
        if (last != '\n') Text("\n");
        if (trace.Lost > 0)
            Text(string.Create(CultureInfo.InvariantCulture,
                $"(and {trace.Lost} bytes that were compared, but not kept: use --output jsonl to see all)\n"));
    }

    private void Text(string text) => output.Append(Encoding.UTF8.GetBytes(text));

    private static string Word(RunEnd end) => end.Outcome switch
    {
        Outcome.Done => string.Create(CultureInfo.InvariantCulture, $"exit code {end.ExitCode}"),
        Outcome.TimedOut => "timed out",
        Outcome.WorkerLost => "worker lost",
        Outcome.Cancelled => "cancelled",
        Outcome.NotStarted => $"not started, {Cli.Visible.Escape(end.Detail)}",
        Outcome.Offline => "offline",
        _ => "skipped",
    };

    /// <summary>An answer that one worker or several gave.</summary>
    private sealed record Answer(RunEnd End, OutputTrace Out, OutputTrace Error)
    {
        public List<string> Workers { get; } = [];
    }
}
