using System.CommandLine;
using System.Globalization;
using System.Text;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>Sends one request to a service and prints its output as it arrives.</summary>
sealed class ClientCommand : Command
{
    private readonly Option<string?> _service =
        SharedOptions.Text("service", "S", "the service, or a worker, that is to do it; team/service for a public one");

    private readonly Option<string?> _plugin =
        SharedOptions.Text("plugin", "P", "what runs there (default command/command)");

    private readonly Option<string?> _timeout =
        SharedOptions.Text("timeout", "DURATION", "how long it may take, such as 10s (default the service's)");

    private readonly Option<string?> _command =
        SharedOptions.Text("command", "C", "the message; without it, standard input is the message");

    private readonly Option<string[]> _args = new("--args", "-args")
    {
        Description = "an argument for the plugin; may be given several times",
        HelpName = "KEY=VALUE",
    };

    private readonly Option<bool> _broadcast = new("--broadcast", "-broadcast")
    {
        Description = "send it to every worker that is online, and wait for none",
    };

    private readonly Option<bool> _listen = new("--listen", "-listen")
    {
        Description = "listen to what a stream writes, in place of sending a message",
    };

    private readonly ListenOptions _from = new();
    private readonly Option<bool> _quiet = new("--quiet", "-quiet", "-q") { Description = "print the output alone" };
    private readonly FanOutOptions _fanOut = new();
    private readonly ConnectTimeout _connectTimeout = new();
    private readonly SharedOptions _shared;
    private readonly OpenSession _open;
    private readonly LaterOptions _later;

    /// <param name="open">Signs in.</param>
    /// <param name="newSession">Makes a session that is not opened yet, for who need not reach the broker.</param>
    public ClientCommand(
        SharedOptions shared, OpenSession open, Func<Settings, PeerRole, UserSession> newSession)
        : base("client", Description)
    {
        _shared = shared;
        _open = open;
        _later = new(settings => newSession(settings, PeerRole.Client));
        foreach (Option option in (Option[])[.. ListenOptions, .. RequestOptions, _listen]) Options.Add(option);
        SetAction((parsed, stop) => parsed.GetValue(_listen) ? ListenAsync(parsed, stop) : RunAsync(parsed, stop));
    }

    /// <summary>The options with which one listens, under this command's name or <c>listen</c>.</summary>
    public IEnumerable<Option> ListenOptions =>
        [_service, _plugin, _args, _from.Last, _from.Since, _quiet, _shared.Identity, _connectTimeout.Option];

    private IEnumerable<Option> RequestOptions => [_command, _timeout, .. _later.All, .. _fanOut.All, _broadcast];

    private static new string Description => """
        send one request to a service and print its output
        triggerfs client -service demoservice -plugin command/command -command uptime -timeout 10s
        echo uptime | triggerfs client -service demoservice --output json
        triggerfs client -service web -command 'apt-get -y upgrade' --canary 1 --max-failures 5% --fold
        exit status: the plugin's (of several workers the highest), 124 timed out, 69 no broker, service or worker,
        74 worker or broker lost, 77 not allowed, 64 usage, 65 too large, 75 busy, 78 settings, 79 stopped because
        too many workers failed, 130 interrupted;
        with -broadcast 0 when at least one worker has taken it, and the plugin goes on without anybody who hears it;
        with --async 0 when the message is on this host's disk, 75 when there is no room for it;
        with -listen as in triggerfs listen
        """;

    /// <summary>Shows what a stream writes until it ends or nobody wants to see it any more.</summary>
    public async Task<int> ListenAsync(ParseResult parsed, CancellationToken stop)
    {
        OutputFormat format = parsed.GetValue(_shared.Output);
        if (format is OutputFormat.Csv or OutputFormat.Json)
            throw new TriggerException(ErrorCode.Usage, "what goes on and on is no document",
                fix: "use text, or jsonl: a JSON object for each line");
        ClientRequest request = ReadListening(parsed);
        TimeSpan limit = _connectTimeout.Read(parsed);
        Settings settings = _shared.Read(parsed);
        settings.NeedBroker();
        settings.NeedUser();
        await using UserSession session = await _open(settings, PeerRole.Client, limit, stop);
        bool isQuiet = parsed.GetValue(_quiet);
        if (!isQuiet) TellOutages(session);
        using Descriptor? log = settings.Client.Logfile is { } path ? Descriptor.OpenLog(path) : null;
        return await new RequestRun(session, request).RunAsync(NewPrinter, stop);

        IAnswerPrinter NewPrinter(Action<OutputChunk> done)
        {
            IAnswerPrinter shown = Printer(request, format, isQuiet, isFolded: false, done);
            return log is null ? shown : new LoggedPrinter(shown, request.Plugin, log);
        }
    }

    private ClientRequest ReadListening(ParseResult parsed)
    {
        foreach (Option option in RequestOptions)
            if (parsed.GetResult(option) is { Implicit: false })
                throw new TriggerException(ErrorCode.Usage, $"{option.Name} means nothing to who listens",
                    "a stream has no message, no time limit and one worker", "leave it out; -args are allowed");
        if (parsed.GetValue(_plugin) is null)
            throw new TriggerException(ErrorCode.Usage, "nothing is named to listen to",
                fix: "say which plugin: -plugin file/stream");
        ClientRequest request = ReadRequest(parsed, null);
        return request with { Listen = _from.Read(parsed, request.Service, request.Plugin, request.Args) };
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        OutputFormat format = parsed.GetValue(_shared.Output);
        if (format == OutputFormat.Csv)
            throw new TriggerException(ErrorCode.Usage, "the client has no csv", fix: "use --output json or jsonl");
        if (_fanOut.IsFolded(parsed) && format != OutputFormat.Text)
            throw new TriggerException(ErrorCode.Usage, "--fold is for people", "json has each worker's answer",
                "leave one of them out");
        TimeSpan limit = _connectTimeout.Read(parsed);
        _from.Refuse(parsed);
        if (_later.IsFlush(parsed)) return await _later.FlushAsync(_shared.Read(parsed), limit, stop);
        _ = ReadRequest(parsed, null); // What is wrong with it is said before anybody is asked for a message.
        Settings settings = _shared.Read(parsed);
        settings.NeedBroker();
        settings.NeedUser();
        var failedRuns = new FailedRuns(StatePlace.Of(settings, Environment.GetEnvironmentVariable, "runs"));
        FailedRun? again = _fanOut.RetryOf(parsed) is { } number ? failedRuns.Read(number) : null;
        ClientRequest request = ReadRequest(parsed, again);
        if (again is null || parsed.GetValue(_command) is not null)
            request = request with { Payload = await CommandText.ReadAsync(parsed.GetValue(_command), stop) };
        if (!_later.IsAsync(parsed)) return await AskAsync(parsed, settings, failedRuns, request, format, stop);
        TimeSpan connectMax = _connectTimeout.Read(parsed, LaterOptions.ConnectMax);
        return await _later.PostAsync(settings, request, connectMax, parsed.GetValue(_quiet), stop);
    }

    private async Task<int> AskAsync(ParseResult parsed, Settings settings, FailedRuns failedRuns,
        ClientRequest request, OutputFormat format, CancellationToken stop)
    {
        bool isFolded = _fanOut.IsFolded(parsed);
        TimeSpan limit = _connectTimeout.Read(parsed);
        await using UserSession session = await _open(settings, PeerRole.Client, limit, stop);
        bool isQuiet = parsed.GetValue(_quiet);
        if (!isQuiet && !Console.IsErrorRedirected) TellOutages(session);
        using Descriptor? log = settings.Client.Logfile is { } path ? Descriptor.OpenLog(path) : null;
        var run = new RequestRun(session, request);
        try
        {
            return await run.RunAsync(NewPrinter, stop);
        }
        finally
        {
            if (run.Tally is { Workers: > 1, Failed.Count: > 0 }) TellFailed(failedRuns, request, run.Tally);
        }

        IAnswerPrinter NewPrinter(Action<OutputChunk> done)
        {
            IAnswerPrinter shown = Printer(request, format, isQuiet, isFolded, done);
            if (!isQuiet && !Console.IsErrorRedirected && format == OutputFormat.Text)
                shown = new ProgressPrinter(
                    shown, run.Tally, Descriptor.Error, isShared: !isFolded && !Console.IsOutputRedirected);
            return log is null ? shown : new LoggedPrinter(shown, request.Plugin, log);
        }
    }

    /// <summary>Who has to be looked after, and how to ask these again.</summary>
    private static void TellFailed(FailedRuns runs, ClientRequest request, RunTally tally)
    {
        string fix;
        try
        {
            int number = runs.Keep(new(DateTimeOffset.UtcNow, request.Service, request.Plugin,
                request.Timeout.TotalMilliseconds, request.Args, request.Payload, [.. tally.Failed]));
            fix = $"triggerfs client --retry-failed {number}";
        }
        catch (TriggerException problem)
        {
            fix = problem.Report();
        }
        string spared = tally.Skipped > 0 ? $", and {tally.Skipped} were spared" : "";
        Console.Error.WriteLine(new TriggerException(ErrorCode.WorkerLost,
            $"{tally.Failed.Count - tally.Skipped} of {tally.Workers} workers failed{spared}",
            NameRanges.Of(tally.Failed.Select(NameRule.Shown)), fix).Report());
    }

    /// <summary>Somebody who watches should know why nothing comes.</summary>
    private static void TellOutages(UserSession session)
    {
        session.Parted += static (why, _) => Console.Error.WriteLine($"triggerfs: {why}; connecting again");
        session.Joined += static _ => Console.Error.WriteLine("triggerfs: connected again");
    }

    /// <summary>What shows the answers to a request in some form.</summary>
    public static IAnswerPrinter Printer(
        ClientRequest request, OutputFormat format, bool isQuiet, bool isFolded, Action<OutputChunk> done)
    {
        if (format == OutputFormat.Json)
            return new JsonPrinter(request.Service, request.Plugin, Descriptor.Output, done);
        if (format == OutputFormat.JsonLines) return new JsonLinesPrinter(Descriptor.Output, done);
        if (request.IsBroadcast)
            return new BroadcastPrinter(request.Plugin, Descriptor.Output, Descriptor.Error, isQuiet);
        if (isFolded)
            return new FoldPrinter(Descriptor.Output,
                isQuiet || Console.IsErrorRedirected ? null
                    : new Frame(Console.IsOutputRedirected ? Descriptor.Error : Descriptor.Output), done);
        if (!Console.IsOutputRedirected)
            return new TerminalPrinter(request.Plugin, Descriptor.Output, Descriptor.Error, isQuiet, done);
        bool isFramed = !isQuiet && !Console.IsErrorRedirected;
        Frame? frame = isFramed ? new Frame(Descriptor.Error) : null;
        return new PipePrinter(request.Plugin, Descriptor.Output, Descriptor.Error, frame, done);
    }

    /// <summary>
    /// All that the command line says, and where it says nothing, what an earlier run was; the message itself may take
    /// long to come.
    /// </summary>
    public ClientRequest ReadRequest(ParseResult parsed, FailedRun? again)
    {
        TimeSpan timeout = parsed.GetValue(_timeout) is { } text ? ReadTimeout(text)
            : TimeSpan.FromMilliseconds(again?.TimeoutMs ?? 0);
        string[] given = parsed.GetValue(_args) ?? [];
        byte[] args = again is null || given.Length > 0 ? Args.Encode(ReadArgs(given)) : again.Args;
        string plugin = PluginName.Parse(parsed.GetValue(_plugin) ?? again?.Plugin ?? "command/command").Value;
        string service = parsed.GetValue(_service) ?? again?.Service
            ?? (_fanOut.RetryOf(parsed) is null ? throw NoService() : "");
        RolloutRules? rollout = _fanOut.Read(parsed, again?.Failed ?? []);
        bool isBroadcast = parsed.GetValue(_broadcast);
        if (isBroadcast && (rollout is not null || _fanOut.IsFolded(parsed)))
            throw new TriggerException(ErrorCode.Usage, "nobody hears how a broadcast ends",
                "so it cannot depend on that whom it goes to, and nothing can be folded", "leave --broadcast out");
        if (_later.IsAsync(parsed) && (isBroadcast || rollout is not null || _fanOut.IsFolded(parsed)))
            throw new TriggerException(ErrorCode.Usage, "--async waits for no answer",
                "so nothing can depend on it, and nothing can be folded", "leave --async out");
        return new(service, plugin, timeout, args, again?.Payload ?? [], Origin.OfThisProcess(), rollout)
        {
            IsBroadcast = isBroadcast,
        };
    }

    private static TriggerException NoService() => new(ErrorCode.Usage, "Option '--service' is required",
        fix: "triggerfs client --help");

    /// <summary>The message that the command line has; null when standard input is to have it.</summary>
    public byte[]? MessageOf(ParseResult parsed) =>
        parsed.GetValue(_command) is { } text ? Encoding.UTF8.GetBytes(text) : null;

    /// <summary>A time that a request may take.</summary>
    public static TimeSpan ReadTimeout(string text)
    {
        TimeSpan timeout = Duration.Parse(text);
        if (timeout <= TimeSpan.Zero || timeout > Limits.TimeoutMax)
            throw new TriggerException(ErrorCode.Usage, $"a timeout of {NameRule.Shown(text)} cannot be asked for",
                $"more than 0 and at most {Limits.TimeoutMax.TotalHours:0}h is allowed");
        return timeout;
    }

    /// <summary>Arguments as <c>key=value</c>.</summary>
    public static List<KeyValuePair<string, string>> ReadArgs(string[] args)
    {
        List<KeyValuePair<string, string>> pairs = [];
        foreach (string arg in args)
        {
            int at = arg.IndexOf('=');
            if (at < 1)
                throw new TriggerException(ErrorCode.Usage, $"'{NameRule.Shown(arg)}' is not an argument for a plugin",
                    fix: "write it as -args key=value");
            pairs.Add(new(arg[..at], arg[(at + 1)..]));
        }
        if (pairs.Count > Limits.ArgsMax)
            throw new TriggerException(ErrorCode.Usage, $"there are {pairs.Count} arguments for the plugin",
                $"at most {Limits.ArgsMax} are allowed");
        return pairs;
    }
}
