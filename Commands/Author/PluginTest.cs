using System.Diagnostics;
using TriggerFs.Commands.Client;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Worker;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Author;

/// <summary>What one look at a plugin came to.</summary>
/// <param name="Name">What was looked at, a word.</param>
/// <param name="IsGood">Null when there was nothing to look at.</param>
/// <param name="Detail">What was seen.</param>
sealed record Check(string Name, bool? IsGood, string Detail);

/// <summary>
/// Runs a plugin as its example says on a real worker, and looks whether it keeps its contract: that it answers, and
/// that it ends when it is told to, and when its time is up.
/// </summary>
sealed class PluginTest(ListedPlugin plugin, PluginPlace place, string contract, IRequestLine line)
{
    /// <summary>How long a run that is to be ended is left to itself before.</summary>
    private static readonly TimeSpan Head = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a stream is listened to.</summary>
    private static readonly TimeSpan Listened = TimeSpan.FromSeconds(2);

    /// <summary>Looks at what needs no run.</summary>
    public Check Manifest() => plugin.File switch
    {
        null => new("manifest", true, "it is in the program"),
        { UnknownKeys.Length: > 0 } file => new("manifest", false, file.UnknownKeys),
        { ManifestStamp.Inode: 0 } => new("manifest", null,
            $"it has none beside it; by its looks its contract is {contract}"),
        _ => new("manifest", true, $"contract {contract}, {Inputs(plugin.Manifest)}"),
    };

    /// <summary>Looks at three runs of it; the later ones are left out when the first one fails.</summary>
    public async IAsyncEnumerable<Check> RunsAsync(ClientRequest call)
    {
        Check answer = await AnswerAsync(call);
        yield return answer;
        if (answer.IsGood == false) yield break;
        yield return await CancelAsync(call);
        yield return await TimeoutAsync(call);
    }

    private async Task<Check> AnswerAsync(ClientRequest call)
    {
        TimeSpan limit = plugin.Manifest.Stream ? Listened : call.Timeout;
        TestRun run = await Begin(call with { Timeout = limit }).Answers.Ended;
        string story = $"exit code {run.ExitCode} after {run.Ms} ms, {Count(run.Lines, "line")} of output";
        if (plugin.Manifest.Stream && run.Outcome == Outcome.TimedOut && run.Detail.Length == 0)
            return new("answer", true, $"a stream: {Count(run.Lines, "line")} in {Duration.Print(Listened)}");
        bool isGood = run is { Outcome: Outcome.Done, ExitCode: 0, Detail: "" };
        return new("answer", isGood, isGood ? story : Story(run, story));
    }

    private async Task<Check> CancelAsync(ClientRequest call)
    {
        (RequestId id, TestAnswers answers) = Begin(call);
        await answers.Started;
        await Task.WhenAny(Task.Delay(Head), answers.Ended);
        long told = Stopwatch.GetTimestamp();
        line.Cancel(id);
        return Ending("cancel", await answers.Ended, (long)Stopwatch.GetElapsedTime(told).TotalMilliseconds);
    }

    private async Task<Check> TimeoutAsync(ClientRequest call)
    {
        TestRun run = await Begin(call with { Timeout = Head }).Answers.Ended;
        return Ending("timeout", run, Math.Max(0, run.Ms - (long)Head.TotalMilliseconds));
    }

    /// <summary>A run that was to be ended.</summary>
    private static Check Ending(string name, TestRun run, long afterMs)
    {
        if (run.Outcome is Outcome.Done && run.Detail.Length == 0)
            return new(name, true, $"it had ended by itself before, after {run.Ms} ms");
        // A machine that is too busy is not the plugin's fault: who is left in the end, is.
        if (run.Detail.EndsWith(ProcessRun.NotEnded, StringComparison.Ordinal))
            return new(name, null, $"{run.Detail} within {run.Ms} ms");
        if (run.Detail.Length > 0 || run.Outcome is not (Outcome.Cancelled or Outcome.TimedOut))
            return new(name, false, Story(run, $"{run.Outcome} with exit code {run.ExitCode}"));
        bool isKilled = afterMs >= Limits.KillGrace.TotalMilliseconds;
        return new(name, true, $"it ended {afterMs} ms after its time"
            + (isKilled ? ": it did not heed SIGTERM, and was killed" : ""));
    }

    private (RequestId Id, TestAnswers Answers) Begin(ClientRequest call)
    {
        var answers = new TestAnswers();
        return (line.Ask(PrivateWorker.Name, place.Name, call.Args, call.Payload, call.Timeout, 0, answers), answers);
    }

    private static string Story(TestRun run, string story)
    {
        if (run.Outcome == Outcome.TimedOut) story = $"it had not ended after {run.Ms} ms";
        if (run.Outcome == Outcome.NotStarted) story = "it was not started";
        if (run.Detail.Length > 0) story += $": {run.Detail}";
        return run.Said.Length > 0 ? $"{story}; it said: {run.Said.TrimEnd()}" : story;
    }

    private static string Inputs(PluginManifest manifest) => manifest.Inputs switch
    {
        null => "any inputs",
        { Count: 0 } => "no inputs",
        var inputs => $"{Count(inputs.Count, "input")} ({string.Join(", ", inputs.Select(input => input.Name))})",
    };

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
