using Microsoft.Extensions.Logging;

namespace TriggerFs.Commands.Author;

/// <summary>Of a worker's log, what is about its plugins: an author has no use for the rest.</summary>
sealed class PluginLog(ILogger inner) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (logLevel == LogLevel.Error || Worker.Log.IsOfPlugin(eventId))
            inner.Log(logLevel, eventId, state, exception, formatter);
    }
}
