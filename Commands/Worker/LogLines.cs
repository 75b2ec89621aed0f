using System.Text;
using Microsoft.Extensions.Logging;
using TriggerFs.Commands.Worker.Secrets;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// What a program says on standard error, line by line in the worker's log: shortened, without secrets, and not more of
/// it than a log can bear.
/// </summary>
sealed class LogLines(ILogger log, string plugin)
{
    /// <summary>Bytes of a line that are looked at; what comes behind is dropped.</summary>
    private const int LineMax = 4096;

    /// <summary>Letters of a line that are shown.</summary>
    private const int ShownMax = 1000;

    /// <summary>Lines in each ten seconds; the rest is counted.</summary>
    private const int LinesMax = 200;

    private const long PeriodMs = 10_000;

    private readonly List<byte> _line = [];
    private readonly List<string> _secrets = [];
    private long _periodMs;
    private int _count;

    /// <summary>From here on these are not shown; nor is any line of theirs.</summary>
    public void Hide(IReadOnlyList<string> secrets)
    {
        foreach (string secret in secrets)
            foreach (string one in secret.Split('\n').Append(secret))
                if (one.Length > 0 && !_secrets.Contains(one)) _secrets.Add(one);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int at = bytes.IndexOf((byte)'\n');
            ReadOnlySpan<byte> piece = at < 0 ? bytes : bytes[..at];
            _line.AddRange(piece[..Math.Min(piece.Length, LineMax - _line.Count)]);
            if (at < 0) return;
            Show();
            bytes = bytes[(at + 1)..];
        }
    }

    /// <summary>Nothing comes any more: what stands in a line without an end is shown, too.</summary>
    public void End()
    {
        if (_line.Count > 0) Show();
        TellDropped();
    }

    private void Show()
    {
        long nowMs = Environment.TickCount64;
        if (nowMs - _periodMs >= PeriodMs)
        {
            TellDropped();
            _periodMs = nowMs;
            _count = 0;
        }
        if (++_count <= LinesMax) Log.PluginSays(log, plugin, Text());
        _line.Clear();
    }

    private string Text()
    {
        string text = SecretMask.In(Encoding.UTF8.GetString([.. _line]), _secrets);
        return Cli.Visible.Escape(text.Length > ShownMax ? text[..ShownMax] + "…" : text);
    }

    private void TellDropped()
    {
        if (_count > LinesMax) Log.PluginSaysMore(log, plugin, _count - LinesMax);
        _count = 0;
    }
}
