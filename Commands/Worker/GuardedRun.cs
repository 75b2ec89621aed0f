using TriggerFs.Commands.Worker.Secrets;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// A run between its plugin and the worker: no secret leaves it, and it ends when the time is up that the plugin's
/// manifest gives it.
/// </summary>
/// <param name="inner">The plugin's run.</param>
/// <param name="secrets">What must not be seen; empty for nothing.</param>
/// <param name="limit">The manifest's limit; null when the request's is shorter.</param>
sealed class GuardedRun(IPluginRun inner, IReadOnlyList<string> secrets, TimeSpan? limit) : IPluginRun, IRunOutput
{
    private const int ScratchSize = 16 * 1024;

    private readonly SecretMask[] _masks = secrets.Count > 0 ? [new(secrets), new(secrets)] : [];
    private readonly byte[] _scratch = secrets.Count > 0 ? new byte[ScratchSize] : [];
    private readonly Queue<(byte[] Bytes, bool IsError)> _waiting = new();
    private IRunOutput _output = null!;
    private int _at;
    private long _startedMs;
    private bool _isLate;
    private RunEnd? _end;

    public void Start(IRunOutput output)
    {
        _output = output;
        _startedMs = Environment.TickCount64;
        inner.Start(this);
    }

    public void Resume()
    {
        if (!Flush()) return;
        if (_end is { } end) _output.End(end);
        else inner.Resume();
    }

    public void Stop()
    {
        if (_end is not { } end)
        {
            inner.Stop();
        }
        else if (_waiting.Count > 0)
        {
            _waiting.Clear();
            _output.End(end);
        }
    }

    public void Tick(long nowMs)
    {
        if (limit is { } most && !_isLate && _end is null && nowMs - _startedMs >= most.TotalMilliseconds)
        {
            _isLate = true;
            inner.Stop();
        }
        inner.Tick(nowMs);
    }

    public Span<byte> Room() => _masks.Length == 0 ? _output.Room() : Flush() ? _scratch : default;

    public void Write(int length, bool isError)
    {
        if (_masks.Length == 0) _output.Write(length, isError);
        else Pass(isError, _scratch.AsSpan(0, length));
    }

    public void End(RunEnd end)
    {
        for (int stream = 0; stream < _masks.Length; stream++)
        {
            byte[] rest = new byte[_masks[stream].RoomFor(0)];
            Keep(rest.AsSpan(0, _masks[stream].End(rest)), isError: stream == 1);
        }
        string? detail = end.Detail is null ? null : SecretMask.In(end.Detail, secrets);
        if (_isLate && end.Outcome == Outcome.Done)
        {
            string why = $"its plugin may take {Duration.Print(limit!.Value)} and no longer";
            end = end with { Outcome = Outcome.TimedOut };
            detail = detail is null ? why : $"{why}; {detail}";
        }
        end = end with { Detail = detail };
        if (Flush()) _output.End(end);
        else _end = end;
    }

    private void Pass(bool isError, ReadOnlySpan<byte> bytes)
    {
        SecretMask mask = _masks[isError ? 1 : 0];
        byte[] masked = new byte[mask.RoomFor(bytes.Length)];
        Keep(masked.AsSpan(0, mask.Pass(bytes, masked)), isError);
        Flush();
    }

    private void Keep(ReadOnlySpan<byte> bytes, bool isError)
    {
        if (!bytes.IsEmpty) _waiting.Enqueue((bytes.ToArray(), isError));
    }

    /// <summary>Hands on what waits; false when the reader has no room for all of it.</summary>
    private bool Flush()
    {
        while (_waiting.TryPeek(out (byte[] Bytes, bool IsError) piece))
        {
            Span<byte> room = _output.Room();
            if (room.IsEmpty) return false;
            int length = Math.Min(room.Length, piece.Bytes.Length - _at);
            piece.Bytes.AsSpan(_at, length).CopyTo(room);
            _output.Write(length, piece.IsError);
            _at += length;
            if (_at < piece.Bytes.Length) continue;
            _at = 0;
            _waiting.Dequeue();
        }
        return true;
    }
}
