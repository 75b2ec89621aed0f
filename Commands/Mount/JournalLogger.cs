using Microsoft.Extensions.Logging;

namespace TriggerFs.Commands.Mount;

/// <summary>Puts what the file system logs into the mount's journal.</summary>
sealed class JournalLogger(MountJournal journal, LogLevel lowest) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= lowest && logLevel != LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        string text = $"{logLevel.ToString()[0]}: {formatter(state, exception)}";
        journal.Say(exception is null ? text : $"{text}\n{exception}");
    }
}
