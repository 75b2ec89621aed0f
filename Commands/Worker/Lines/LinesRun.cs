using System.Globalization;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker.Lines;

/// <summary>
/// One run among those of a program that stays up. It waits for a place in a process, and then has a number there.
/// </summary>
sealed class LinesRun(WarmPool pool, RunLine line, IReadOnlyList<string> secrets) : IPluginRun
{
    private IRunOutput _output = null!;
    private (double Done, double Total)? _status;
    private bool _ended;

    /// <summary>What the program is told, without the number.</summary>
    public RunLine Line => line;

    /// <summary>What the program knows by this run, and must not be seen.</summary>
    public IReadOnlyList<string> Secrets => secrets;

    /// <summary>Its number in its process; 0 before it is in one.</summary>
    public ulong Id { get; set; }

    /// <summary>The process that it is in; null while it waits.</summary>
    public WarmProcess? Process { get; set; }

    /// <summary>When the program was told to end it, in milliseconds of the steady clock; 0 before.</summary>
    public long CancelledMs { get; private set; }

    /// <summary>Why it is ended, where its reader or another run is the reason.</summary>
    public string? CutWhy { get; private set; }

    public void Start(IRunOutput output)
    {
        _output = output;
        pool.Add(this);
    }

    public void Resume() => Process?.Resume();

    public void Stop()
    {
        if (_ended) return;
        if (Process is not null) Cancel();
        else if (pool.Remove(this)) End(new(Outcome.Done, 128 + Native.SIGTERM, pool.Trouble));
    }

    public void Tick(long nowMs)
    {
    }

    /// <summary>Ends it for the sake of the others in its process.</summary>
    public void Cut(string why)
    {
        CutWhy ??= why;
        Cancel();
    }

    /// <summary>Takes output; what does not fit is given again. What was told to end has no reader.</summary>
    public int Take(ReadOnlySpan<byte> bytes, bool isError)
    {
        if (CancelledMs > 0) return bytes.Length;
        int taken = 0;
        while (taken < bytes.Length)
        {
            Span<byte> room = _output.Room();
            if (room.IsEmpty) break;
            int length = Math.Min(room.Length, bytes.Length - taken);
            bytes.Slice(taken, length).CopyTo(room);
            _output.Write(length, isError);
            taken += length;
        }
        return taken;
    }

    public void Take((double Done, double Total) status) => _status = status;

    public void End(RunEnd end)
    {
        if (_ended) return;
        _ended = true;
        if (CutWhy is not null) end = new(Outcome.Cancelled, end.ExitCode, CutWhy);
        bool isPlain = end.Detail is null && CancelledMs == 0;
        if (!isPlain && _status is var (done, total))
            end = end with { Detail = Join(end.Detail, $"it had come to {Text(done)} of {Text(total)}") };
        _output.End(end);
    }

    private void Cancel()
    {
        if (CancelledMs > 0) return;
        CancelledMs = Environment.TickCount64;
        Process!.Cancel(this);
    }

    private static string Join(string? why, string more) => why is null ? more : $"{why}; {more}";

    private static string Text(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
}
