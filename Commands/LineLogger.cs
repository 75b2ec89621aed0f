using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace TriggerFs.Commands;

/// <summary>How a log line begins.</summary>
enum LogStamp
{
    /// <summary>As a server logs: <c>2026-11-24T09:15:02.123Z I: …</c>, in UTC.</summary>
    Utc,

    /// <summary>As the modules of 2018 did: <c>2018/04/30 21:03:02 I: …</c>, in local time.</summary>
    Local,
}

/// <summary>
/// Writes each event as one line, at once, from any thread. Control characters from outside are shown as escapes, so
/// that nobody forges a line or drives a terminal through a name.
/// </summary>
sealed class LineLogger(TextWriter output, LogLevel lowest, LogStamp stamp = LogStamp.Utc, TimeProvider? clock = null)
    : ILogger, IDisposable
{
    private TextWriter _output = output;
    private volatile int _lowest = (int)lowest;
    private readonly Lock _lock = new();
    private readonly StringBuilder _line = new();

    /// <summary>A logger to standard error, or to the end of a file, which only its owner may read.</summary>
    public static LineLogger Open(string? file, LogLevel lowest, LogStamp stamp)
    {
        return new(OutputOf(file), lowest, stamp);
    }

    /// <summary>Goes on with another level, and into another file or one that was moved away meanwhile.</summary>
    public void Reopen(string? file, LogLevel lowest)
    {
        TextWriter next = OutputOf(file), last;
        lock (_lock) (last, _output) = (_output, next);
        _lowest = (int)lowest;
        if (last != Console.Error) last.Dispose();
    }

    private static TextWriter OutputOf(string? file)
    {
        if (file is null) return Console.Error;
        var options = new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            UnixCreateMode = SecretFile.OwnerOnly,
        };
        return new StreamWriter(file, options);
    }

    public bool IsEnabled(LogLevel logLevel) => logLevel >= (LogLevel)_lowest && logLevel != LogLevel.None;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        string text = formatter(state, exception);
        lock (_lock)
        {
            AppendStamp();
            _line.Append(' ').Append(Letter(logLevel)).Append(": ");
            AppendVisible(text);
            if (exception is not null) AppendException(exception);
            _line.Append('\n');
            _output.Write(_line);
            _output.Flush();
            _line.Clear();
        }
    }

    public void Dispose()
    {
        if (_output != Console.Error) _output.Dispose();
    }

    private static char Letter(LogLevel level) => level switch
    {
        LogLevel.Trace => 'T',
        LogLevel.Debug => 'D',
        LogLevel.Information => 'I',
        LogLevel.Warning => 'W',
        LogLevel.Error => 'E',
        _ => 'C',
    };

    private void AppendStamp()
    {
        TimeProvider time = clock ?? TimeProvider.System;
        if (stamp == LogStamp.Utc)
            _line.Append(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}");
        else
            _line.Append(CultureInfo.InvariantCulture, $"{time.GetLocalNow():yyyy/MM/dd HH:mm:ss}");
    }

    /// <summary>An exception in full, its lines indented under the event's own.</summary>
    private void AppendException(Exception exception)
    {
        foreach (string line in exception.ToString().Split('\n'))
        {
            _line.Append("\n    ");
            AppendVisible(line.TrimEnd());
        }
    }

    private void AppendVisible(string text)
    {
        foreach (char letter in text)
            if (!char.IsControl(letter)) _line.Append(letter);
            else if (letter == '\t') _line.Append("\\t");
            else if (letter == '\n') _line.Append("\\n");
            else _line.Append(CultureInfo.InvariantCulture, $"\\x{(int)letter:x2}");
    }
}
