using System.Buffers;
using System.Globalization;
using System.Text;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// One message from the file system to the broker and its answers back: to the file system, and to the journal. Used
/// again after its end.
/// </summary>
sealed class Firing : IAnswers
{
    private readonly MountSink _sink;
    private readonly RunLines _lines = new();
    private readonly RunLines.Show _showLine;
    private readonly byte[] _path = new byte[Limits.PathMax + 1];
    private int _pathLength;
    private string _plugin = "";
    private byte[] _payload = [];
    private ErrorCode? _failure;
    private int _exitCode;

    public Firing(MountSink sink)
    {
        _sink = sink;
        _showLine = ShowLine;
    }

    public NodeId Trigger { get; private set; }

    public MessageId Id { get; private set; }

    public long WrittenUnixMs { get; private set; }

    public bool IsSynchronous { get; private set; }

    public IFired Message { get; private set; } = null!;

    /// <summary>Bytes of the payload.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Payload => _payload.AsSpan(0, Length);

    public ReadOnlySpan<byte> Path => _path.AsSpan(0, _pathLength);

    bool IAnswers.ConsumesAtOnce => true;

    /// <summary>The payload is copied: an asynchronous message may have to wait, or to be sent again.</summary>
    public void Begin(NodeId trigger, MessageId id, bool isSynchronous, ReadOnlySpan<byte> payload, IFired message)
    {
        Trigger = trigger;
        Id = id;
        WrittenUnixMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        IsSynchronous = isSynchronous;
        Message = message;
        _payload = ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(_payload);
        Length = payload.Length;
        _failure = null;
        _exitCode = 0;
        (_pathLength, _plugin) = _sink.Describe(trigger, _path);
    }

    /// <summary>Lets go of all, so that a pooled object keeps nothing alive.</summary>
    public void End()
    {
        _lines.Clear();
        Message = null!;
        ArrayPool<byte>.Shared.Return(_payload);
        _payload = [];
        Length = 0;
    }

    void IAnswers.Dispatched(Dispatched dispatched)
    {
    }

    void IAnswers.Output(in Output output)
    {
        bool isError = (output.Flags & Output.IsError) != 0;
        Message.Output(output.Bytes, isError);
        _lines.Take(output.Worker, isError, output.Bytes, _showLine);
    }

    void IAnswers.Finished(in Finished finished)
    {
        if (!finished.Tail.IsEmpty)
        {
            Message.Output(finished.Tail, isError: false);
            _lines.Take(finished.Worker, isError: false, finished.Tail, _showLine);
        }
        _lines.End(finished.Worker, _showLine);
        if (!finished.Worker.IsEmpty) ShowEnd(finished);
        Judge(finished);
        if ((finished.Flags & Finished.Last) != 0) _sink.Ended(this, _failure, _exitCode);
    }

    void IAnswers.Failed(TriggerException problem) => _sink.Failed(this, problem);

    /// <summary>The first failure and the highest exit code of all its runs count.</summary>
    private void Judge(in Finished finished)
    {
        _exitCode = Math.Max(_exitCode, finished.ExitCode);
        _failure ??= finished.Outcome switch
        {
            Outcome.TimedOut => ErrorCode.TimedOut,
            Outcome.WorkerLost => ErrorCode.WorkerLost,
            Outcome.Cancelled => ErrorCode.Cancelled,
            Outcome.Offline => ErrorCode.NoWorker,
            _ => null, // NotStarted has exit code 126 or 127, as a shell has it.
        };
    }

    private void ShowLine(ReadOnlySpan<byte> worker, ReadOnlySpan<byte> line) =>
        _sink.Journal.Answer(Path, _plugin, worker, line, mayDrop: true);

    private void ShowEnd(in Finished finished)
    {
        Span<byte> text = stackalloc byte[512];
        string outcome = finished.Outcome switch
        {
            Outcome.TimedOut => "Timed out",
            Outcome.WorkerLost => "Worker lost",
            Outcome.Cancelled => "Cancelled",
            Outcome.Offline => "Offline",
            _ => "Exit code",
        };
        int length = Encoding.UTF8.GetBytes(outcome, text);
        if (finished.Outcome is Outcome.Done or Outcome.NotStarted)
        {
            ": "u8.CopyTo(text[length..]);
            finished.ExitCode.TryFormat(text[(length += 2)..], out int digits, default, CultureInfo.InvariantCulture);
            length += digits;
        }
        " after "u8.CopyTo(text[length..]);
        finished.DurationMs.TryFormat(text[(length += 7)..], out int more, default, CultureInfo.InvariantCulture);
        "ms"u8.CopyTo(text[(length += more)..]);
        length += 2;
        if (!finished.Detail.IsEmpty)
        {
            ": "u8.CopyTo(text[length..]);
            ReadOnlySpan<byte> detail = finished.Detail[..Math.Min(finished.Detail.Length, text.Length - length - 2)];
            detail.CopyTo(text[(length += 2)..]);
            length += detail.Length;
        }
        _sink.Journal.Answer(Path, _plugin, finished.Worker, text[..length], mayDrop: false);
    }
}
