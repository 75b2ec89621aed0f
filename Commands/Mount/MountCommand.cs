using System.CommandLine;
using TriggerFs.Commands.Memory;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Spool;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Fs.Kernel;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// Shows the team's tree as files; what is written to a trigger is sent, and the answers are printed.
/// </summary>
sealed class MountCommand : Command
{
    private const string About = """
        show the team's triggers as files: what is written to one is sent, and the answer is printed

        triggerfs mount ./triggers
        triggerfs mount --daemon -o allow_other,gid=www-data,umask=027 /etc/triggerfs/triggerfs.toml /srv/triggers
        """;

    private readonly Argument<string[]> _places = new("PLACES")
    {
        Arity = new(0, 2),
        Description = "[SOURCE] MOUNTPOINT: the settings file (or 'triggerfs' for the one that is found), and the "
            + "directory to mount on (default: mountpoint under [triggerfs] in the settings)",
    };

    private readonly Option<bool> _allowOther = new("--allow-other", "-allow-other")
    {
        Description = "let other users use the files, too",
    };

    private readonly Option<bool> _readOnly = new("--read-only", "-read-only") { Description = "let nobody write" };

    private readonly Option<bool> _nonEmpty = new("--nonempty", "-nonempty")
    {
        Description = "mount even where files are; they are hidden meanwhile",
    };

    private readonly Option<bool> _foreground = new("--foreground", "-foreground", "-f")
    {
        Description = "stay in the foreground (the default)",
    };

    private readonly Option<bool> _daemon = new("--daemon", "-daemon")
    {
        Description = "go to the background, and return when programs can use the files",
    };

    private readonly Option<bool> _status = new("--status", "-status")
    {
        Description = "say how a running mount is (all, unless MOUNTPOINT is given), and mount nothing",
    };

    private readonly Option<bool> _dryRun = new("--dry-run", "-dry-run")
    {
        Description = "check the settings and the options, and mount nothing",
    };

    private readonly Option<string?> _threads =
        SharedOptions.Text("threads", "N", "most threads that answer the kernel (default: processors + 1, up to 4)");

    private readonly Option<string?> _logfile =
        SharedOptions.Text("logfile", "FILE", "append the answers to FILE, too (default: logfile under [triggerfs])");

    private readonly Option<string[]> _options = new("-o")
    {
        Description = "options as in /etc/fstab: allow_other, ro, nonempty, uid=, gid=, umask=, logfile=, threads=; "
            + "generic ones are ignored",
        HelpName = "OPTIONS",
    };

    private readonly Option<bool> _inBackground = new("--in-background") { Hidden = true };

    private readonly SharedOptions _shared;
    private readonly Func<Settings, PeerRole, UserSession> _session;

    /// <param name="session">Makes the session, not opened yet.</param>
    public MountCommand(SharedOptions shared, Func<Settings, PeerRole, UserSession> session) : base("mount", About)
    {
        _shared = shared;
        _session = session;
        Arguments.Add(_places);
        Option[] options =
        [
            _allowOther, _readOnly, _nonEmpty, _foreground, _daemon, _status, _dryRun, _threads, _logfile, _options,
            _inBackground, _shared.Identity,
        ];
        foreach (Option option in options) Options.Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        string[] places = parsed.GetValue(_places) ?? [];
        if (parsed.GetValue(_status)) return MountLook.Print(places.LastOrDefault(), Console.Out);
        string? source = places.Length == 2 ? places[0] : null;
        Settings settings = _shared.ReadFile(parsed, FileOf(source));
        var generic = GenericOptions.Parse(string.Join(',', parsed.GetValue(_options) ?? []));
        MountRunOptions options = Read(parsed, settings, generic, source, places.LastOrDefault());
        if (parsed.GetValue(_dryRun)) return Check(settings);
        if (parsed.GetValue(_inBackground)) return await RunInBackgroundAsync(options, settings, generic, stop);
        if (parsed.GetValue(_daemon)) return await Daemon.StartAsync(parsed, _inBackground, stop);
        return await RunAsync(options, settings, generic, Console.OpenStandardOutput(), stop);
    }

    private async Task<int> RunInBackgroundAsync(
        MountRunOptions options, Settings settings, GenericOptions generic, CancellationToken stop)
    {
        using var log = new SystemLog();
        MountRunOptions inBackground = options with
        {
            Serving = () =>
            {
                log.IsStarting = false;
                Daemon.Detach();
            },
        };
        return await RunAsync(inBackground, settings, generic, log, stop);
    }

    private async Task<int> RunAsync(
        MountRunOptions options, Settings settings, GenericOptions generic, Stream terminal, CancellationToken stop)
    {
        using FileStream? file = options.Logfile is null ? null : MountJournal.OpenFile(options.Logfile);
        using var journal = new MountJournal(terminal, file);
        using var trim = MemoryTrim.WhenQuiet();
        MountRun.TellBanner(journal);
        if (generic.Unknown.Count > 0)
            journal.Say($"W: unknown options are ignored: {string.Join(", ", generic.Unknown)}");
        if (options.Kernel is { Uid: { } uid, AllowOther: false } && uid != Native.GetUser())
            journal.Say($"W: the files are shown as user {uid}'s, but only who mounts can use them: add allow_other");
        try
        {
            return await new MountRun(options, _session(settings, PeerRole.Mount), journal).RunAsync(stop);
        }
        catch (TriggerException problem) when (terminal is SystemLog { IsStarting: false })
        {
            journal.Say($"E: {problem.Report()}"); // There is no standard error any more.
            throw;
        }
    }

    private static int Check(Settings settings)
    {
        _ = settings.NeedBroker();
        _ = settings.NeedUser();
        return ExitCodes.Ok;
    }

    /// <summary>The settings file that a source names; null for the one that is found.</summary>
    private static string? FileOf(string? source)
    {
        if (source is null || MountCall.IsNameOfDefault(source)) return null;
        if (source.Contains('/') || File.Exists(source)) return source;
        throw new TriggerException(
            ErrorCode.Usage, $"'{NameRule.Shown(source)}' is no source",
            "it is neither the path of a settings file nor 'triggerfs'",
            "name the settings file, such as /etc/triggerfs/triggerfs.toml, or write 'triggerfs'");
    }

    private MountRunOptions Read(
        ParseResult parsed, Settings settings, GenericOptions generic, string? source, string? place)
    {
        string mountpoint = place ?? settings.Mount.Mountpoint ?? throw new TriggerException(
            ErrorCode.Usage, "no mountpoint is given",
            fix: "triggerfs mount DIRECTORY, or set 'mountpoint' under [triggerfs] in the settings");
        var kernel = new MountOptions(
            mountpoint,
            parsed.GetValue(_allowOther) || generic.AllowOther,
            parsed.GetValue(_readOnly) || generic.ReadOnly,
            parsed.GetValue(_nonEmpty) || generic.NonEmpty,
            Source: source ?? "triggerfs")
        {
            Uid = generic.Uid,
            Gid = generic.Gid,
            Umask = generic.Umask,
            Threads = parsed.GetValue(_threads) is { } threads ? GenericOptions.ThreadsOf(threads) : generic.Threads,
        };
        string? logfile = parsed.GetValue(_logfile) ?? generic.Logfile ?? settings.Mount.Logfile;
        SpoolOptions spool = settings.Mount.SpoolRules with
        {
            Folder = SpoolPlace.Of(settings, Environment.GetEnvironmentVariable),
        };
        return new(kernel, spool, logfile, parsed.GetValue(_shared.Debug));
    }
}
