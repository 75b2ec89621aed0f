using Microsoft.Extensions.Logging;
using TriggerFs.Core;

namespace TriggerFs.Commands;

/// <summary>
/// Reads a broker's settings again while it runs (SIGHUP): what can change does, what cannot is named, and a file with
/// a mistake in it changes nothing.
/// </summary>
sealed class BrokerReload(
    Func<BrokerSettings> read, Func<BrokerSettings, LogLevel> levelOf, BrokerSettings started, LineLogger log,
    BrokerServer server)
{
    private BrokerSettings? _next;

    /// <summary>What holds now.</summary>
    public BrokerSettings Current => _next ?? started;

    public void Run()
    {
        BrokerSettings next;
        try
        {
            next = read();
            log.Reopen(next.Logfile, levelOf(next));
        }
        catch (TriggerException problem)
        {
            Log.NotReloaded(log, problem.Message, problem.Why ?? "");
            return;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Log.NotReloaded(log, "the log cannot be opened", problem.Message);
            return;
        }
        server.Become(next);
        string[] fixedNow = [.. Fixed(next)];
        if (fixedNow.Length > 0) Log.NeedsRestart(log, string.Join(", ", fixedNow));
        Log.Reloaded(log);
        _next = next;
    }

    private IEnumerable<string> Fixed(BrokerSettings next)
    {
        if (next.Listen != started.Listen) yield return "listen";
        if (next.State != started.State) yield return "state";
        if (next.QueueSync != started.QueueSync) yield return "queuesync";
        if (next.Audit != started.Audit) yield return "audit";
        if (next.Smtp != started.Smtp) yield return "smtp";
    }
}
