using System.Diagnostics;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// One run as the broker sees it: its output with offsets and within its window, what is kept of it for a replay, why
/// it was ended, and its Finished. While the link is down, and after it until the broker says from where on, it is
/// silent.
/// </summary>
sealed class WorkerRun : IRunOutput, IDisposable
{
    /// <summary>
    /// How long a stream goes on that nobody can hear: the broker has given it to another worker long before.
    /// </summary>
    private static readonly long ForsakenMs = (long)(Limits.ReclaimGrace * 6).TotalMilliseconds;

    private readonly Outbox _outbox;
    private readonly IPluginRun _plugin;
    private readonly OutputBacklog _backlog;
    private readonly Action<WorkerRun> _ended;
    private readonly long _outputMax;
    private ulong _sent;
    private bool _silent;
    private long _silentSinceMs;
    private bool _wantsRoom;
    private Outcome? _endedAs;
    private string? _endedWhy;
    private RunEnd _end;
    private uint _durationMs;
    private long _startedTicks;

    public WorkerRun(
        in Run run, IPluginRun plugin, Outbox outbox, Action<WorkerRun> ended, long nowMs, long outputMax)
    {
        Id = run.Id;
        Session = run.Session;
        Request = run.Request;
        Service = Encoding.UTF8.GetString(run.Service);
        _backlog = new((int)Math.Clamp(run.Window, 1, Limits.OutputWindow));
        (_plugin, _outbox, _ended) = (plugin, outbox, ended);
        IsStream = run.TimeoutMs == 0;
        DeadlineMs = IsStream ? long.MaxValue : nowMs + run.TimeoutMs;
        _outputMax = IsStream ? long.MaxValue : outputMax;
    }

    public RunId Id { get; }

    public SessionId Session { get; }

    public RequestId Request { get; }

    public string Service { get; }

    /// <summary>When its time is up, in milliseconds of the steady clock, also when no broker says so.</summary>
    public long DeadlineMs { get; }

    /// <summary>It runs for as long as somebody listens, and has no time limit.</summary>
    public bool IsStream { get; }

    public bool HasStarted { get; private set; }

    public bool HasEnded { get; private set; }

    /// <summary>When it ended, in milliseconds of the steady clock.</summary>
    public long EndedMs { get; private set; }

    /// <summary>Bytes of memory that its output takes.</summary>
    public int Size => _backlog.Size;

    /// <summary>What its output took when it ended, as the table counts it.</summary>
    public int KeptSize { get; set; }

    public RunEnd Result => _end;

    public uint DurationMs => _durationMs;

    /// <summary>It was broadcast: nobody reads what it writes.</summary>
    private bool IsUnread => Session == SessionId.None;

    public HeldRun AsHeld => new(Id, Session, Request, _backlog.Start, Service, HasEnded);

    /// <summary>Starts the plugin; Started is in the kernel's hands.</summary>
    public void Start()
    {
        HasStarted = true;
        _startedTicks = Stopwatch.GetTimestamp();
        // It was announced as started, so it ends as one; but what was cancelled meanwhile need not begin.
        if (_endedAs is not null) End(new(Outcome.Done, 128 + Native.SIGTERM));
        else _plugin.Start(this);
    }

    /// <summary>Ends it, for the first reason that is given.</summary>
    public void Stop(Outcome outcome, string? why)
    {
        if (HasEnded) return;
        _endedAs ??= outcome;
        _endedWhy ??= why;
        if (HasStarted) _plugin.Stop();
    }

    public void Tick(long nowMs)
    {
        if (HasEnded) return;
        if (nowMs >= DeadlineMs) Stop(Outcome.TimedOut, null);
        if (IsStream && _silent && nowMs - _silentSinceMs >= ForsakenMs)
            Stop(Outcome.WorkerLost, "the broker was away for too long");
        if (HasStarted) _plugin.Tick(nowMs);
    }

    /// <summary>Lets the plugin go on if it waits for room and there is some.</summary>
    public void OfferRoom()
    {
        if (!_wantsRoom || HasEnded || Room().IsEmpty) return;
        _plugin.Resume();
    }

    /// <summary>The link is down: what comes from here on is kept.</summary>
    public void FallSilent()
    {
        if (!_silent) _silentSinceMs = Environment.TickCount64;
        _silent = true;
    }

    /// <summary>Nobody wants its output any more, only that it ends and says so.</summary>
    public void SkipOutput()
    {
        _sent = _backlog.End;
        _silent = false;
    }

    public void Take(in Credit credit)
    {
        _backlog.Confirm(credit.Offset);
        if (credit.Replay)
        {
            _sent = Math.Clamp(credit.Offset, _backlog.Start, _backlog.End);
            _silent = false;
            SendOutput();
            if (HasEnded) SendFinished();
        }
        OfferRoom();
    }

    public Span<byte> Room()
    {
        // A link that does not get rid of what it has is a reader that is slow.
        bool isCongested = !_silent && _outbox.IsCongested;
        if (isCongested) _outbox.HasWaitingOutput = true;
        Span<byte> room = isCongested ? default : _backlog.Room(Limits.OutputChunkMax);
        _wantsRoom = room.IsEmpty;
        return room;
    }

    public void Write(int length, bool isError)
    {
        _backlog.Write(length, isError);
        SendOutput();
        if ((long)_backlog.End > _outputMax)
            Stop(Outcome.Cancelled, $"it wrote more than the {_outputMax} bytes that the worker's max-output allows");
    }

    public void End(RunEnd end)
    {
        HasEnded = true;
        EndedMs = Environment.TickCount64;
        _durationMs = (uint)Stopwatch.GetElapsedTime(_startedTicks).TotalMilliseconds;
        _end = end with
        {
            // What never started was not ended by anybody.
            Outcome = end.Outcome == Outcome.NotStarted ? end.Outcome : _endedAs ?? end.Outcome,
            Detail = (_endedWhy, end.Detail) is ({ } why, { } more) ? $"{why}; {more}" : _endedWhy ?? end.Detail,
        };
        SendFinished();
        _ended(this);
    }

    /// <summary>Gives the memory of its output back.</summary>
    public void Dispose() => _backlog.Dispose();

    private void SendOutput()
    {
        if (IsUnread) _backlog.Confirm(_backlog.End);
        _sent = Math.Max(_sent, _backlog.Start);
        while (!_silent && _backlog.TryPiece(_sent, out ReadOnlySpan<byte> bytes, out bool isError))
        {
            byte flags = isError ? Output.IsError : (byte)0;
            var output = new Output { Id = Id.Value, Offset = _sent, Flags = flags, Bytes = bytes };
            output.WriteHead(_outbox.Wire);
            if (!_outbox.Send(bytes)) FallSilent();
            else _sent += (ulong)bytes.Length;
        }
    }

    private void SendFinished()
    {
        if (_silent) return;
        var finished = new Finished
        {
            Id = Id.Value,
            Flags = _end.Was200 ? Finished.Was200 : (byte)0,
            Outcome = _end.Outcome,
            ExitCode = _end.ExitCode,
            Offset = _backlog.End,
            DurationMs = _durationMs,
            Detail = _end.Detail is null ? default : Encoding.UTF8.GetBytes(_end.Detail),
        };
        finished.WriteHead(_outbox.Wire);
        if (!_outbox.Send()) FallSilent();
    }
}
