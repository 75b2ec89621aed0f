using System.Globalization;
using Microsoft.Extensions.Logging;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Spool;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Fs;
using TriggerFs.Fs.Kernel;
using TriggerFs.Fs.Nodes;

namespace TriggerFs.Commands.Mount;

/// <summary>What a mount is run with.</summary>
/// <param name="Spool">Where messages wait for the broker; a second mount gets a folder beside it.</param>
/// <param name="Kernel">Where and how it is mounted.</param>
/// <param name="Logfile">As the user named it; null for none.</param>
/// <param name="IsVerbose">Tell in detail.</param>
/// <param name="IsPart">Part of a whole that greets by itself: tells answers and troubles only.</param>
/// <param name="Serving">Called once when programs can use the files; null to stay in the foreground.</param>
sealed record MountRunOptions(
    MountOptions Kernel, SpoolOptions Spool,
    string? Logfile = null,
    bool IsVerbose = false,
    bool IsPart = false,
    Action? Serving = null);

/// <summary>
/// One mount from its beginning to its end: signs in, mounts, joins the broker's tree and the file system, waits, and
/// unmounts. Also a part of <c>triggerfs up</c>.
/// </summary>
/// <param name="session">Not opened yet; it is closed at the end.</param>
sealed class MountRun(MountRunOptions options, UserSession session, MountJournal journal)
{
    /// <summary>How long the broker may take before the files are served without it.</summary>
    private static readonly TimeSpan BrokerWait = TimeSpan.FromSeconds(5);

    /// <summary>How long the first tree may take after the session is there.</summary>
    private static readonly TimeSpan TreeWait = TimeSpan.FromSeconds(2);

    /// <summary>How long programs with open files keep the mount from going.</summary>
    private static readonly TimeSpan UnmountGrace = TimeSpan.FromSeconds(5);

    /// <summary>How long the end waits for answers that are under way.</summary>
    private static readonly TimeSpan AnswerGrace = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource<TriggerException> _turnedAway =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TriggerTree _tree = new(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when programs can use the files.</summary>
    public Task Ready => _ready.Task;

    /// <summary>
    /// Runs until it is stopped or unmounted by somebody; returns the exit status. A refusal of the broker and a
    /// mountpoint that cannot be used are thrown.
    /// </summary>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        using MountSink sink = OpenSink();
        var status = new MountStatus(session, _tree, sink);
        _tree.AddReserved("status", status.Read);
        _tree.AddReserved("spool", new SpoolReport(session, sink, sink.SpoolRules).Read);
        _tree.AddFailed();
        TellOfTheLink();
        session.Watch(_tree.Apply);
        try
        {
            Mountpoint.Prepare(options.Kernel, journal.Say); // What is wrong with it is said before anybody waits.
            await SignInAsync(stop);
            await ServeAsync(sink, status, stop);
        }
        finally
        {
            await session.DisposeAsync();
            TellRejected(sink);
        }
        return _turnedAway.Task.IsCompletedSuccessfully ? throw _turnedAway.Task.Result : ExitCodes.Ok;
    }

    /// <summary>Opens a spool of its own; what mounts before it left in theirs is sent, too.</summary>
    private MountSink OpenSink()
    {
        (MessageSpool spool, SpoolOptions rules) = SpoolFolder.TryOpenOwn(options.Spool, journal.Say)
            ?? throw SpoolFolder.NoneFree(options.Spool);
        var sink = new MountSink(session, _tree, journal, spool, rules);
        foreach ((MessageSpool left, SpoolOptions others) in SpoolFolder.OpenLeft(options.Spool, journal.Say))
            sink.Drain(left, others);
        if (sink.Waiting > 0)
            journal.Say(string.Create(CultureInfo.InvariantCulture,
                $"{sink.Waiting} messages that an earlier mount left are sent when the broker is there"));
        return sink;
    }

    /// <summary>The lines with which the module of 2018 began.</summary>
    public static void TellBanner(MountJournal journal)
    {
        journal.Plain($"triggerfs (v{Software.Version})");
        journal.Plain("***** Welcome to triggerFS. A realtime messaging and distributed trigger system. ***");
        journal.Say("=== triggerfs module started ===");
    }

    private async Task ServeAsync(MountSink sink, MountStatus status, CancellationToken stop)
    {
        var log = new JournalLogger(journal, options.IsVerbose ? LogLevel.Debug : LogLevel.Information);
        using FuseSession files = FuseSession.Start(options.Kernel, _tree, sink, log, journal.Say);
        status.CountOpen = () => files.FileSystem.OpenCount;
        await files.Ready.WaitAsync(stop);
        TellReady(files.Path);
        if (options.Serving is { } serving)
        {
            journal.Flush(); // Who waits for us sees the warnings.
            serving();
        }
        _ready.TrySetResult();
        await Task.WhenAny(files.Ended, _turnedAway.Task, Cancelled(stop));
        Systemd.OfThisProcess().Stopping();
        Unmount(files);
        await FinishAsync(sink);
    }

    private static Task Cancelled(CancellationToken stop) => Task.Delay(Timeout.Infinite, stop);

    /// <summary>
    /// A broker that is away is no reason to wait for ever: the files come up, and it joins by itself.
    /// </summary>
    private async Task SignInAsync(CancellationToken stop)
    {
        var complete = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _tree.When(() => _tree.IsComplete, () => complete.TrySetResult());
        try
        {
            Accepted welcome = await session.OpenAsync(BrokerWait, stop);
            // The first part of a JWT says how it is signed and nothing else; the rest is as good as a password.
            if (!options.IsPart) journal.Say($"Successful login. JWT is {welcome.Jwt.Split('.')[0]}...");
            await complete.Task.WaitAsync(TreeWait, stop);
        }
        catch (TriggerException problem) when (problem.Code == ErrorCode.BrokerUnreachable)
        {
            journal.Say($"W: {problem.Message}: {problem.Why}. The files come up and follow when it is there");
        }
        catch (TimeoutException)
        {
            journal.Say("W: the broker has not sent its tree yet; the files follow when it comes");
        }
    }

    private void TellOfTheLink()
    {
        bool wasUp = false, wasDown = false;
        session.Parted += (why, _) =>
        {
            string what = wasUp ? "the connection to the broker is gone" : "the broker cannot be reached";
            if (!wasDown) journal.Say($"W: {what}: {why}. Trying again");
            wasDown = true;
        };
        session.Joined += welcome =>
        {
            string again = wasUp ? " again" : "";
            if (wasDown) journal.Say($"Connected to the broker{again} as {welcome.Team}/{welcome.Identity}");
            (wasUp, wasDown) = (true, false);
        };
        session.TurnedAway += (refusal, isRetrying) =>
        {
            if (isRetrying) journal.Say($"W: the broker refused for now: {refusal.What}: {refusal.Why}");
            else _turnedAway.TrySetResult(refusal.ToException());
        };
    }

    private void TellReady(string path)
    {
        if (options.IsPart) return;
        journal.Say("Started triggerfs.");
        journal.Say($"Serving filesystem in {options.Kernel.Mountpoint}");
        journal.Say(options.Logfile is null ? "There is no log file" : $"Log file is {options.Logfile}");
        journal.Say($"Ready and running in {(options.Serving is null ? "foreground" : "background")}...");
        Systemd.OfThisProcess().Ready($"serving {path}");
    }

    private void Unmount(FuseSession files)
    {
        if (files.Ended.IsCompleted)
        {
            journal.Say($"{options.Kernel.Mountpoint} was unmounted");
            return;
        }
        bool isPolite = files.Unmount(UnmountGrace);
        if (isPolite && options.IsPart) return;
        journal.Say(isPolite
            ? $"Unmounted {options.Kernel.Mountpoint}"
            : $"Unmounted {options.Kernel.Mountpoint} though programs still had files open: they now get ENOTCONN");
    }

    /// <summary>What was written a moment ago gets its answer; the rest waits in the spool.</summary>
    private async Task FinishAsync(MountSink sink)
    {
        long deadlineMs = Environment.TickCount64 + (long)AnswerGrace.TotalMilliseconds;
        while (sink.Outstanding > 0 && session.IsUp && Environment.TickCount64 < deadlineMs) await Task.Delay(20);
        sink.GiveUpWaiting();
    }

    private void TellRejected(MountSink sink)
    {
        if (sink.Rejected > 0)
            journal.Say(string.Create(CultureInfo.InvariantCulture,
                $"W: {sink.Rejected} messages were rejected; see above, and rejected.jsonl in the spool"));
    }
}
