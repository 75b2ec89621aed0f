using System.CommandLine;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Fs.Kernel;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// Shows the team's tree as files; what is written to a trigger is sent, and the answers are printed.
/// </summary>
sealed class MountCommand : Command
{
    private readonly Argument<string[]> _places = new("MOUNTPOINT")
    {
        Arity = new(0, 2),
        Description = "the directory to mount on (default: mountpoint under [triggerfs] in the settings)",
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
        Description = "stay in the foreground (so it always is)",
    };

    private readonly Option<string?> _logfile =
        SharedOptions.Text("logfile", "FILE", "append the answers to FILE, too (default: logfile under [triggerfs])");

    private readonly Option<string[]> _options = new("-o")
    {
        Description = "options as in /etc/fstab: allow_other, ro, nonempty; generic ones are ignored",
        HelpName = "OPTIONS",
    };

    private readonly SharedOptions _shared;
    private readonly Func<Settings, PeerRole, UserSession> _session;

    /// <param name="session">Makes the session, not opened yet.</param>
    public MountCommand(SharedOptions shared, Func<Settings, PeerRole, UserSession> session)
        : base("mount", "show the team's triggers as files: what is written to one is sent, and the answer is printed")
    {
        _shared = shared;
        _session = session;
        Arguments.Add(_places);
        Option[] options =
            [_allowOther, _readOnly, _nonEmpty, _foreground, _logfile, _options, _shared.Identity];
        foreach (Option option in options) Options.Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        Settings settings = _shared.Read(parsed);
        MountRunOptions options = Read(parsed, settings, out GenericOptions generic);
        using FileStream? file = options.Logfile is null ? null : MountJournal.OpenFile(options.Logfile);
        using var journal = new MountJournal(Console.OpenStandardOutput(), file);
        MountRun.TellBanner(journal);
        if (generic.Unknown.Count > 0)
            journal.Say($"W: unknown options are ignored: {string.Join(", ", generic.Unknown)}");
        return await new MountRun(options, _session(settings, PeerRole.Mount), journal).RunAsync(stop);
    }

    private MountRunOptions Read(ParseResult parsed, Settings settings, out GenericOptions generic)
    {
        string[] places = parsed.GetValue(_places) ?? []; // mount(8) calls us with SOURCE MOUNTPOINT.
        string mountpoint = places.LastOrDefault() ?? settings.Mount.Mountpoint ?? throw new TriggerException(
            ErrorCode.Usage, "no mountpoint is given",
            fix: "triggerfs mount DIRECTORY, or set 'mountpoint' under [triggerfs] in the settings");
        generic = GenericOptions.Parse(string.Join(',', parsed.GetValue(_options) ?? []));
        var kernel = new MountOptions(
            mountpoint,
            parsed.GetValue(_allowOther) || generic.AllowOther,
            parsed.GetValue(_readOnly) || generic.ReadOnly,
            parsed.GetValue(_nonEmpty) || generic.NonEmpty);
        return new(kernel, parsed.GetValue(_logfile) ?? settings.Mount.Logfile, parsed.GetValue(_shared.Debug));
    }
}
