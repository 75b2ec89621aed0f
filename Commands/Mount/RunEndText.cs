using System.Globalization;
using System.Text.Unicode;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// How a run ended, in the words of the journal: <c>Exit code: 0 after 12ms (run 4711)</c>, and why, where the outcome
/// alone does not say it.
/// </summary>
static class RunEndText
{
    /// <summary>Bytes that always suffice for what stands before the detail.</summary>
    private const int HeadMax = 128;

    /// <summary>Returns the bytes written; a detail that does not fit is cut.</summary>
    public static int Write(in Finished finished, Span<byte> text)
    {
        int length = WriteHead(finished, text[..HeadMax]);
        if (finished.Detail.IsEmpty) return length;
        ": "u8.CopyTo(text[length..]);
        length += 2;
        ReadOnlySpan<byte> detail = finished.Detail[..Math.Min(finished.Detail.Length, text.Length - length)];
        detail.CopyTo(text[length..]);
        return length + detail.Length;
    }

    private static int WriteHead(in Finished finished, Span<byte> text)
    {
        (ulong run, uint ms) = (finished.Run.Value, finished.DurationMs);
        IFormatProvider plain = CultureInfo.InvariantCulture;
        string word = finished.Outcome switch
        {
            Outcome.TimedOut => "Timed out",
            Outcome.WorkerLost => "Worker lost",
            Outcome.Cancelled => "Cancelled",
            Outcome.Offline => "Offline",
            _ => "Exit code",
        };
        int length;
        if (finished.Outcome is Outcome.Done or Outcome.NotStarted)
            Utf8.TryWrite(text, plain, $"{word}: {finished.ExitCode} after {ms}ms (run {run})", out length);
        else if (run == 0) Utf8.TryWrite(text, plain, $"{word}", out length);
        else Utf8.TryWrite(text, plain, $"{word} after {ms}ms (run {run})", out length);
        return length;
    }
}
