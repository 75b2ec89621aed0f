using Microsoft.Extensions.Logging;

namespace TriggerFs.Tests.Fs;

/// <summary>Keeps what was logged, and the first error apart.</summary>
sealed class BugLog : ILogger
{
    private readonly List<string> _lines = [];
    private volatile bool _isVerbose;

    /// <summary>Whether each request of the kernel is logged, too.</summary>
    public bool IsVerbose
    {
        get => _isVerbose;
        set => _isVerbose = value;
    }

    public string? First { get; private set; }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel > LogLevel.Debug || _isVerbose;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        string line = $"{logLevel}: {formatter(state, exception)} {exception}";
        lock (_lines)
        {
            if (_lines.Count < 100_000) _lines.Add(line);
            if (exception is not null) First ??= line;
        }
    }
}
