using Microsoft.Extensions.Logging;

namespace TriggerFs.Tests.Fs;

/// <summary>Keeps what was logged, and the first error apart.</summary>
sealed class BugLog : ILogger
{
    private readonly List<string> _lines = [];

    public string? First { get; private set; }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        string line = $"{logLevel}: {formatter(state, exception)} {exception}";
        lock (_lines)
        {
            if (_lines.Count < 1000) _lines.Add(line);
            if (exception is not null) First ??= line;
        }
    }
}
