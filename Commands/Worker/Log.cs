using Microsoft.Extensions.Logging;

namespace TriggerFs.Commands.Worker;

/// <summary>What a worker logs; the first lines read as they did in 2018.</summary>
static partial class Log
{
    /// <summary>Whether an event is about a plugin or what it said, and not about the worker.</summary>
    public static bool IsOfPlugin(EventId happened) => happened.Id is >= 14 and <= 19;

    [LoggerMessage(1, LogLevel.Information, "connecting to broker at {Address}...")]
    public static partial void Connecting(ILogger log, string address);

    [LoggerMessage(2, LogLevel.Information, "received BROKER_ACCEPTED from broker for worker socket - Connected")]
    public static partial void Accepted(ILogger log);

    [LoggerMessage(3, LogLevel.Information, "Found service {Service}. Announcing it to broker.")]
    public static partial void Found(ILogger log, string service);

    [LoggerMessage(4, LogLevel.Information, "Service {Service} was taken away from this worker.")]
    public static partial void TakenAway(ILogger log, string service);

    [LoggerMessage(5, LogLevel.Information, "received HEARTBEAT for worker socket from broker.")]
    public static partial void Heartbeat(ILogger log);

    [LoggerMessage(6, LogLevel.Warning, "lost the broker: {Why}; trying again in {RetryMs} ms, {Runs} runs go on")]
    public static partial void Lost(ILogger log, string why, long retryMs, int runs);

    [LoggerMessage(7, LogLevel.Error, "the broker refused this worker: {What} ({Why})")]
    public static partial void Refused(ILogger log, string what, string why);

    [LoggerMessage(8, LogLevel.Information, "the broker says goodbye: {Reason}")]
    public static partial void Goodbye(ILogger log, string reason);

    [LoggerMessage(9, LogLevel.Debug, "run {Run}: {Plugin} for {User} on {Service}, attempt {Attempt}")]
    public static partial void Running(ILogger log, ulong run, string plugin, string user, string service, int attempt);

    [LoggerMessage(10, LogLevel.Debug, "run {Run}: {Outcome}, exit code {ExitCode}, {DurationMs} ms {Detail}")]
    public static partial void Ended(
        ILogger log, ulong run, Core.Messages.Outcome outcome, int exitCode, uint durationMs, string detail);

    [LoggerMessage(11, LogLevel.Warning, "run {Run} was not started: {Why}")]
    public static partial void NotStarted(ILogger log, ulong run, string why);

    [LoggerMessage(12, LogLevel.Information, "stopping; {Runs} runs are ended")]
    public static partial void Stopping(ILogger log, int runs);

    [LoggerMessage(13, LogLevel.Information, "took up {Runs} runs from before")]
    public static partial void TookUp(ILogger log, int runs);

    [LoggerMessage(15, LogLevel.Warning, "the manifest of plugin {Plugin}: {Unknown}")]
    public static partial void UnknownKeys(ILogger log, string plugin, string unknown);

    [LoggerMessage(16, LogLevel.Warning, "{Flaw}")]
    public static partial void FolderFlaw(ILogger log, string flaw);

    [LoggerMessage(17, LogLevel.Information, "plugin {Plugin}: {Line}")]
    public static partial void PluginSays(ILogger log, string plugin, string line);

    [LoggerMessage(18, LogLevel.Warning, "plugin {Plugin} said {Lines} lines more, which are not shown")]
    public static partial void PluginSaysMore(ILogger log, string plugin, int lines);

    [LoggerMessage(19, LogLevel.Warning, "{Why}; plugin {Plugin} is started again in {WaitMs} ms when it is needed")]
    private static partial void WarmEnded(ILogger log, string plugin, string why, long waitMs);

    public static void WarmProcessEnded(ILogger log, string plugin, string why, long waitMs) =>
        WarmEnded(log, plugin, why, waitMs);

    [LoggerMessage(20, LogLevel.Information, "the new token of this worker is in its settings")]
    public static partial void TokenKept(ILogger log);

    [LoggerMessage(21, LogLevel.Warning, "{What}: {Why}; the old one is good until it is there. Try: {Fix}")]
    public static partial void TokenNotKept(ILogger log, string what, string why, string fix);

    [LoggerMessage(22, LogLevel.Warning, "not all limits hold for a whole run: {Why}")]
    public static partial void NoGroups(ILogger log, string why);

    [LoggerMessage(14, LogLevel.Error, "run {Run}: the plugin {Plugin} failed")]
    public static partial void PluginFailed(ILogger log, Exception fault, ulong run, string plugin);
}
