using System.Buffers;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Spool;
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
    private readonly HeldOutput _held;
    private readonly RunLines _lines = new();
    private readonly RunLines.Show _showLine;
    private byte[] _path = [];
    private int _pathLength;
    private string _plugin = "";
    private byte[] _payload = [];
    private ErrorCode? _failure;
    private int _exitCode;

    public Firing(MountSink sink, UserSession session)
    {
        _sink = sink;
        _held = new(session);
        _showLine = ShowLine;
    }

    public NodeId Trigger { get; private set; }

    /// <summary>Who sends it, when it is in a spool; null for one whose writer waits for the answer.</summary>
    public SpoolSender? Sender { get; private set; }

    /// <summary>What it is in its spool.</summary>
    public SpooledMessage Spooled { get; private set; }

    /// <summary>The broker answers for it.</summary>
    public bool IsStored { get; private set; }

    public bool IsSynchronous => Sender is null;

    /// <summary>The run that ended last; none as long as none has.</summary>
    public RunId LastRun { get; private set; }

    public IFired Message { get; private set; } = null!;

    /// <summary>Bytes of the payload.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Payload => _payload.AsSpan(0, Length);

    /// <summary>Where the trigger was when it was first asked for: most of those that wait never need it.</summary>
    public ReadOnlySpan<byte> Path
    {
        get
        {
            if (_path.Length == 0)
            {
                _path = ArrayPool<byte>.Shared.Rent(Limits.PathMax + 1);
                (_pathLength, _plugin) = _sink.Describe(Trigger, _path);
            }
            return _path.AsSpan(0, _pathLength);
        }
    }

    bool IAnswers.ConsumesAtOnce => false;

    /// <summary>A message whose writer waits, for its answer or for room; then the payload is copied.</summary>
    public void Begin(NodeId trigger, ReadOnlySpan<byte> payload, IFired message)
    {
        Begin(trigger, null, default, payload.Length, message);
        _payload = ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(_payload);
    }

    /// <summary>A message of a spool.</summary>
    public void Begin(SpoolSender sender, in SpooledMessage spooled, int length, IFired message) =>
        Begin(spooled.Trigger, sender, spooled, length, message);

    /// <summary>Lets go of all, so that a pooled object keeps nothing alive.</summary>
    public void End()
    {
        _lines.Clear();
        _held.Clear();
        Message = null!;
        Sender = null;
        if (_payload.Length > 0) ArrayPool<byte>.Shared.Return(_payload);
        _payload = [];
        Length = 0;
        if (_path.Length > 0) ArrayPool<byte>.Shared.Return(_path);
        _path = [];
    }

    private void Begin(NodeId trigger, SpoolSender? sender, SpooledMessage spooled, int length, IFired message)
    {
        Trigger = trigger;
        Sender = sender;
        Spooled = spooled;
        Message = message;
        Length = length;
        IsStored = false;
        _failure = null;
        _exitCode = 0;
        LastRun = default;
    }

    void IAnswers.Stored()
    {
        IsStored = true;
        _sink.Stored(this);
    }

    void IAnswers.Dispatched(Dispatched dispatched)
    {
    }

    void IAnswers.Output(in Output output)
    {
        bool isError = (output.Flags & Output.IsError) != 0;
        _held.Add(output);
        if (Message.Output(output.Bytes, isError, _held)) _held.Consumed(output.Bytes.Length);
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
        if (finished.Run.Value != 0) LastRun = finished.Run;
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
        int length = RunEndText.Write(finished, text);
        _sink.Journal.Answer(Path, _plugin, finished.Worker, text[..length], mayDrop: false);
    }
}
