using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>Some output of one worker's run, copied out of its message.</summary>
/// <param name="IsTail">It came with the end of the run and needs no credit.</param>
sealed record OutputChunk(string Worker, bool IsError, byte[] Bytes, bool IsTail)
{
    /// <summary>It is not of the plugin: the broker says what became of a stream.</summary>
    public bool IsNotice { get; init; }
}

/// <summary>How one worker's run ended.</summary>
sealed record RunEnd(string Worker, Outcome Outcome, int ExitCode, uint DurationMs, string Detail)
{
    /// <summary>The plugin's own code where it stands for another one; null where it is that.</summary>
    public int? RawExitCode { get; init; }

    /// <summary>What it means for the status of the program.</summary>
    public int Status => Outcome switch
    {
        Outcome.TimedOut => ErrorCode.TimedOut.ExitCode(),
        Outcome.WorkerLost => ErrorCode.WorkerLost.ExitCode(),
        Outcome.Cancelled => ErrorCode.Cancelled.ExitCode(),
        Outcome.Offline => ErrorCode.NoWorker.ExitCode(),
        Outcome.Skipped => ExitCodes.Halted,
        _ => ExitCode is >= 0 and <= 255 ? ExitCode : ExitCodes.Failure, // A shell would see only the low 8 bits.
    };

    /// <summary>What a person is told when it did not end well; null when the exit code says it all.</summary>
    public TriggerException? Problem(string plugin)
    {
        string worker = NameRule.Shown(Worker);
        string? why = Detail.Length > 0 ? Cli.Visible.Escape(Detail) : null;
        return Outcome switch
        {
            Outcome.TimedOut => new(ErrorCode.TimedOut, $"timed out on worker '{worker}'",
                why ?? "the command was ended there, with all that it had started", "give it more: -timeout 1m"),
            Outcome.WorkerLost => new(ErrorCode.WorkerLost,
                $"worker lost: '{worker}' went away after it had started the command",
                why, "the command may have run: look on the worker before you send it again"),
            Outcome.Cancelled => new(ErrorCode.Cancelled, $"the command was cancelled on worker '{worker}'", why),
            Outcome.NotStarted => new(ErrorCode.NotFound,
                $"worker '{worker}' did not start '{NameRule.Shown(plugin)}'", why),
            Outcome.Done when why is not null => new(ErrorCode.Internal,
                $"the run on worker '{worker}' ended with exit code {ExitCode}", why),
            Outcome.Offline => new(ErrorCode.NoWorker, $"worker '{worker}' is not online", why,
                $"triggerfs cli -c 'show workers {worker}'"),
            _ => null,
        };
    }
}

/// <summary>What a whole request came to.</summary>
/// <param name="ExitCode">The highest of the runs' statuses.</param>
/// <param name="Problem">Why it failed as a whole; null when it did not.</param>
sealed record RequestEnd(int ExitCode, TriggerException? Problem, long Nanoseconds);
