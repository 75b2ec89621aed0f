using System.Text;
using TriggerFs.Broker.Jobs;
using TriggerFs.Broker.Statements;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Streams;

/// <summary>
/// Streams that services keep: they run whether somebody listens or not, and begin again when they end.
/// </summary>
sealed partial class StreamDesk
{
    /// <summary>A run that lasted so long, in ms, was a good one: the next pause is the shortest again.</summary>
    private const uint LongEnoughMs = 60_000;

    /// <summary>The longest pause before one that ends soon begins again, in ms.</summary>
    private const long PauseMaxMs = 60_000;

    /// <summary>The broker starts: what services keep begins as soon as their workers are there.</summary>
    public void TakeOver()
    {
        foreach (Team team in around.Roster.Teams)
            foreach (Service service in around.Roster.Services(team.Id)) Keep(service);
    }

    /// <summary>A service may keep other streams now: those begin with the next tick, and others are let go.</summary>
    private void Keep(Service service)
    {
        if (around.Roster.Service(service.Id) is not { } current) return;
        HashSet<StreamKey> kept = [];
        foreach (KeptStream one in current.Keep)
        {
            byte[] args = Args.Encode(one.Args);
            var key = StreamKey.Of(current, Encoding.UTF8.GetBytes(one.Plugin), args);
            kept.Add(key);
            LiveStream stream = _streams.GetValueOrDefault(key) ?? Open(key, current, args);
            stream.IsKept = true;
            stream.LingerEndMs = 0;
        }
        foreach (LiveStream stream in _streams.Values.ToArray())
            if (stream.IsKept && stream.Key.Service == ServiceKey.Of(current) && !kept.Contains(stream.Key))
                LetGo(stream);
    }

    private void LetGo(LiveStream stream)
    {
        stream.IsKept = false;
        if (stream.Listeners.Count == 0) Close(stream);
    }

    private void BeginAnew(LiveStream stream, JobRun run, ReadOnlySpan<byte> detail)
    {
        string how = run.Outcome == Outcome.Done ? $"exit code {run.ExitCode}" : $"{run.Outcome}";
        string why = detail.IsEmpty ? "" : $" ({Encoding.UTF8.GetString(detail)})";
        BeginAnew(stream, $"it ended on worker {run.Desk?.Name} with {how}{why}", run.DurationMs);
    }

    private void BeginAnew(LiveStream stream, string why, uint lastedMs)
    {
        if (lastedMs >= LongEnoughMs) stream.Ends = 0;
        long pauseMs = Math.Min(PauseMaxMs, 1000L << Math.Min(stream.Ends++, 6));
        Log.KeptEnded(around.Log, stream.Key.Plugin, stream.Service.Name.Value, why, pauseMs / 1000);
        Again(stream, $"{why}; it begins again in {pauseMs / 1000} s", pauseMs);
    }
}
