using Microsoft.Extensions.Logging;

namespace TriggerFs.Commands;

/// <summary>What the server's commands write down themselves.</summary>
static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Software}, state in {State}")]
    public static partial void Starting(ILogger log, string software, string state);

    /// <summary>Scripts and tests wait for this line: it comes when connections are accepted, and not before.</summary>
    [LoggerMessage(2, LogLevel.Information, "READY listening on {Address}, key {Key}")]
    public static partial void Ready(ILogger log, string address, string key);

    [LoggerMessage(3, LogLevel.Information, "stopped")]
    public static partial void Stopped(ILogger log);

    [LoggerMessage(4, LogLevel.Warning, "{What}: {Why}")]
    public static partial void StoreInTrouble(ILogger log, string what, string? why);

    [LoggerMessage(6, LogLevel.Information, "the settings were read again")]
    public static partial void Reloaded(ILogger log);

    [LoggerMessage(7, LogLevel.Error, "the settings are not read again, those before hold: {What}: {Why}")]
    public static partial void NotReloaded(ILogger log, string what, string why);

    [LoggerMessage(8, LogLevel.Warning, "these settings change when the broker is started again: {Names}")]
    public static partial void NeedsRestart(ILogger log, string names);

    [LoggerMessage(5, LogLevel.Error, "it does not stop within {Seconds} s; the process ends without waiting longer")]
    public static partial void StopTooSlow(ILogger log, int seconds);

    [LoggerMessage(6, LogLevel.Error, "internal error; please report this")]
    public static partial void Faulted(ILogger log, Exception fault);
}
