using System.Buffers;
using System.Text.Json;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>One JSON document at the end of the request; keeps all output until then.</summary>
sealed class JsonPrinter(string service, string plugin, Descriptor to, Action<OutputChunk> done) : IAnswerPrinter
{
    /// <summary>Bytes of output in one document: more than anybody parses at once.</summary>
    private const int OutputMax = 64 * 1024 * 1024;

    private readonly Dictionary<string, (ArrayBufferWriter<byte> Out, ArrayBufferWriter<byte> Error)> _outputs = [];
    private readonly List<JsonRun> _runs = [];
    private string? _algorithm;
    private long _byteCount;

    public void Dispatched(Dispatched dispatched) => _algorithm = ClientJson.Name(dispatched.Algorithm);

    public void Output(OutputChunk chunk)
    {
        _byteCount += chunk.Bytes.Length;
        if (_byteCount > OutputMax)
            throw new TriggerException(ErrorCode.TooLarge, "the output is too large for one JSON document",
                $"at most {OutputMax} bytes are kept", "use --output jsonl, which prints it as it comes");
        if (!_outputs.TryGetValue(chunk.Worker, out var output)) _outputs.Add(chunk.Worker, output = (new(), new()));
        (chunk.IsError ? output.Error : output.Out).Write(chunk.Bytes);
        done(chunk);
    }

    public void Ended(RunEnd end)
    {
        (string?, string?) stdout = ("", null);
        (string?, string?) stderr = ("", null);
        if (_outputs.Remove(end.Worker, out var output))
            (stdout, stderr) = (ClientJson.Encode(output.Out.WrittenSpan), ClientJson.Encode(output.Error.WrittenSpan));
        _runs.Add(new(
            end.Worker,
            ClientJson.Name(end.Outcome),
            end.ExitCode,
            end.RawExitCode,
            end.DurationMs,
            end.Detail.Length > 0 ? end.Detail : null,
            stdout.Item1,
            stdout.Item2,
            stderr.Item1,
            stderr.Item2));
    }

    public void Close(RequestEnd end)
    {
        var answer = new JsonAnswer(
            service, plugin, _algorithm, end.ExitCode, end.Nanoseconds / 1e6, _runs, JsonProblem.Of(end.Problem));
        to.Append(JsonSerializer.SerializeToUtf8Bytes(answer, ClientJson.Readable.JsonAnswer));
        to.Append("\n"u8);
        to.Flush();
    }
}
