using System.Text.Json;
using System.Text.Unicode;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>One JSON document for each thing that happens, on a line of its own, as it happens.</summary>
sealed class JsonLinesPrinter : IAnswerPrinter, ILineTarget
{
    /// <summary>Bytes of a line in one event; the rest is in the next.</summary>
    private const int PieceMax = 64 * 1024;

    private readonly Descriptor _to;
    private readonly Action<OutputChunk> _done;
    private readonly LineMixer _mixer;

    public JsonLinesPrinter(Descriptor to, Action<OutputChunk> done)
    {
        _to = to;
        _done = done;
        _mixer = new(this, isEager: false);
    }

    public void Dispatched(Dispatched dispatched) => Write(new("dispatched",
        Service: dispatched.Service, Algorithm: ClientJson.Name(dispatched.Algorithm), Workers: dispatched.Workers));

    public void Output(OutputChunk chunk) => _mixer.Take(chunk);

    public void Ended(RunEnd end)
    {
        _mixer.End(end.Worker);
        Write(new("finished",
            Worker: end.Worker,
            Outcome: ClientJson.Name(end.Outcome),
            Detail: end.Detail.Length > 0 ? end.Detail : null,
            ExitCode: end.ExitCode,
            RawExitCode: end.RawExitCode,
            TimeMs: end.DurationMs));
    }

    public void Close(RequestEnd end)
    {
        _mixer.EndAll();
        Write(new("end",
            ExitCode: end.ExitCode, TimeMs: end.Nanoseconds / 1e6, Problem: JsonProblem.Of(end.Problem)));
    }

    void ILineTarget.Write(string worker, bool isError, ReadOnlySpan<byte> piece, bool begins, bool ends)
    {
        do
        {
            int length = CutAt(piece);
            (string? line, string? base64) = ClientJson.Encode(piece[..length]);
            piece = piece[length..];
            bool? newline = ends && piece.IsEmpty ? null : false;
            string stream = isError ? "stderr" : "stdout";
            Write(new("output", Worker: worker, Stream: stream, Line: line, LineBase64: base64, Newline: newline));
        }
        while (!piece.IsEmpty);
    }

    void ILineTarget.Done(OutputChunk chunk) => _done(chunk);

    /// <summary>Not within a letter of UTF-8, where it is UTF-8 at all.</summary>
    private static int CutAt(ReadOnlySpan<byte> piece)
    {
        if (piece.Length <= PieceMax) return piece.Length;
        int at = PieceMax;
        while (at > PieceMax - 4 && (piece[at] & 0xc0) == 0x80) at--;
        return Utf8.IsValid(piece[..at]) ? at : PieceMax;
    }

    private void Write(JsonEvent happened)
    {
        _to.Append(JsonSerializer.SerializeToUtf8Bytes(happened, ClientJson.Readable.JsonEvent));
        _to.Append("\n"u8);
        _to.Flush();
    }
}
