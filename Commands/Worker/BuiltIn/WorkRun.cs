using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// A run of a work in the worker's own process, on the thread pool. What it writes waits in a few pieces until the loop
/// has handed it on; one that does not end when it is told to is left behind after two seconds.
/// </summary>
sealed class WorkRun : IPluginRun, IWorkOutput, IDisposable
{
    /// <summary>
    /// Pieces of output, each of at most <see cref="Limits.OutputChunkMax"/>, that wait for the loop.
    /// </summary>
    private const int PiecesMax = 4;

    /// <summary>Two seconds after its time was up a run is reported as over, whatever cannot be ended.</summary>
    private const int EndMaxMs = 1900;

    private readonly EventLoop _loop;
    private readonly IWork _work;
    private readonly WorkCall _call;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<(byte[] Bytes, bool IsError)> _pieces =
        Channel.CreateBounded<(byte[], bool)>(PiecesMax);

    private IRunOutput _output = null!;
    private (byte[] Bytes, bool IsError)? _piece;
    private int _at;
    private int _isWoken;
    private long _stoppedMs;
    private bool _isOver;
    private RunEnd? _end;

    public WorkRun(EventLoop loop, IWork work, in PluginCall call, string worker, ILogger log)
    {
        (_loop, _work, _log) = (loop, work, log);
        _call = WorkCall.Of(call, worker, this);
    }

    public void Start(IRunOutput output)
    {
        _output = output;
        _ = Task.Run(RunAsync);
    }

    public void Resume() => HandOn();

    public void Stop()
    {
        if (_stoppedMs > 0) return;
        _stoppedMs = Environment.TickCount64;
        if (_end is null) _stop.Cancel();
        HandOn();
    }

    public void Tick(long nowMs)
    {
        if (_isOver || _stoppedMs == 0 || nowMs - _stoppedMs < EndMaxMs) return;
        _end ??= new(Outcome.Done, 128 + Native.SIGKILL, "it did not end when it was told to, and was left behind");
        HandOn();
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, bool isError, CancellationToken stop)
    {
        for (int at = 0; at < bytes.Length; at += Limits.OutputChunkMax)
        {
            ReadOnlyMemory<byte> piece = bytes[at..Math.Min(bytes.Length, at + Limits.OutputChunkMax)];
            await _pieces.Writer.WriteAsync((piece.ToArray(), isError), stop).ConfigureAwait(false);
            if (Interlocked.Exchange(ref _isWoken, 1) == 0) _loop.Post(HandOn);
        }
    }

    /// <summary>The work has ended: it calls this itself.</summary>
    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        RunEnd end = await WorkEnd.OfAsync(_work, _call, Report, _stop.Token).ConfigureAwait(false);
        _loop.Post(() =>
        {
            Dispose();
            _end ??= end;
            HandOn();
        });
    }

    private string Report(Exception bug)
    {
        Log.PluginFailed(_log, bug, _call.Run, _work.Manifest.Name);
        return $"the plugin {_work.Manifest.Name} failed; the worker's log has the details";
    }

    /// <summary>Gives the reader what it has room for, and the end when that was all.</summary>
    private void HandOn()
    {
        Volatile.Write(ref _isWoken, 0);
        while (!_isOver && Next() is var (bytes, isError))
        {
            if (_stoppedMs == 0) // What was told to end has no reader.
            {
                Span<byte> room = _output.Room();
                if (room.IsEmpty) return;
                int length = Math.Min(room.Length, bytes.Length - _at);
                bytes.AsSpan(_at, length).CopyTo(room);
                _output.Write(length, isError);
                _at += length;
                if (_at < bytes.Length) continue;
            }
            _piece = null;
            _at = 0;
        }
        if (_isOver || _end is not { } end) return;
        _isOver = true;
        _output.End(end);
    }

    private (byte[] Bytes, bool IsError)? Next()
    {
        if (_piece is null && _pieces.Reader.TryRead(out (byte[], bool) next)) _piece = next;
        return _piece;
    }
}
