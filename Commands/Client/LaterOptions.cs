using System.CommandLine;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Spool;
using TriggerFs.Core;

namespace TriggerFs.Commands.Client;

/// <summary>
/// Requests that are carried out later: <c>--async</c> leaves one on this host's disk and returns, <c>--flush</c> sends
/// what was left.
/// </summary>
/// <param name="newSession">A session of the settings' user that is not opened yet.</param>
sealed class LaterOptions(Func<Settings, UserSession> newSession)
{
    /// <summary>How long one request is held up by a broker that is away: it is safe already.</summary>
    public static readonly TimeSpan ConnectMax = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan SendMax = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FlushMax = TimeSpan.FromMinutes(1);

    private readonly Option<bool> _async = new("--async", "-async")
    {
        Description = "keep it on this host's disk until the broker has it, print its id, wait for nothing else",
    };

    private readonly Option<bool> _flush = new("--flush", "-flush")
    {
        Description = "send what was left on this host's disk while the broker was away",
    };

    public IEnumerable<Option> All => [_async, _flush];

    public bool IsAsync(ParseResult parsed) => parsed.GetValue(_async);

    public bool IsFlush(ParseResult parsed) => parsed.GetValue(_flush);

    /// <summary>
    /// Takes the request and tries to send it. It is as good as done when it is on the disk: a broker that is away
    /// is said, and is no failure.
    /// </summary>
    public async Task<int> PostAsync(
        Settings settings, ClientRequest request, TimeSpan connectMax, bool isQuiet, CancellationToken stop)
    {
        using Postbox box = Open(settings);
        Console.WriteLine((await box.PostAsync(request, stop)).Value.ToString("x32"));
        box.Collect();
        try
        {
            await using UserSession session = newSession(settings);
            await box.SendAsync(session, connectMax, SendMax, stop);
        }
        catch (TriggerException problem)
        {
            if (!isQuiet) Console.Error.WriteLine(problem.Report());
        }
        if (box.Refusal is { } refusal) throw refusal;
        if (box.Depth > 0 && !isQuiet)
            Console.Error.WriteLine($"triggerfs: {box.Depth} messages are kept here, and are sent by the next "
                + "client --async or --flush, or the next mount");
        return ExitCodes.Ok;
    }

    /// <summary>Sends what was left; throws why something still is.</summary>
    public async Task<int> FlushAsync(Settings settings, TimeSpan connectMax, CancellationToken stop)
    {
        using Postbox box = Open(settings);
        box.Collect();
        if (box.Depth == 0) return ExitCodes.Ok;
        await using UserSession session = newSession(settings);
        await box.SendAsync(session, connectMax, FlushMax, stop);
        return box.Depth == 0 ? ExitCodes.Ok : throw new TriggerException(ErrorCode.Busy,
            $"{box.Depth} messages are still here", "the broker did not take them in time", "try again later");
    }

    private static Postbox Open(Settings settings) => new(
        settings.Mount.SpoolRules with { Folder = SpoolPlace.Of(settings, Environment.GetEnvironmentVariable) },
        Console.Error.WriteLine);
}
