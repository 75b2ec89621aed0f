using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.EndToEnd.Programs;

/// <summary>Tests of programs share one installation, one mount, and one after the other.</summary>
[CollectionDefinition(nameof(ProgramSite))]
public sealed class ProgramCollection : ICollectionFixture<ProgramSite>;

/// <summary>
/// The real broker and the real mount for programs that nobody here wrote, and a worker that keeps what they sent.
/// </summary>
public sealed class ProgramSite : IAsyncLifetime
{
    private const string Worker = "recorder";
    private const string Service = "records";

    private Site? _site;
    private UserSession _admin = null!;
    private Recorder _recorder = null!;
    private int _count;

    /// <summary>Where the team's tree is.</summary>
    internal string Mountpoint => Path.Combine(_site!.Folder, "mnt");

    /// <summary>All that the mount has said.</summary>
    internal string MountText => Mount.Text;

    private Child Mount { get; set; } = null!;

    public async Task InitializeAsync()
    {
        if (!MountTests.CanOpenFuse()) return;
        _site = await Site.StartAsync();
        _admin = _site.Session();
        await _admin.OpenAsync(TimeSpan.FromSeconds(30), default);
        await ManageAsync(Verb.Create, ObjectKind.Worker, Worker, "");
        StatementAnswer shown = await ManageAsync(Verb.Show, ObjectKind.Worker, Worker, Properties.Token);
        _recorder = Recorder.Start(_site, Worker, shown.Rows[0][^1]);
        await ManageAsync(Verb.Create, ObjectKind.Service, Service, "");
        await ManageAsync(Verb.Add, ObjectKind.Service, Service, Properties.Workers, Worker);
        await _recorder.Ready.WaitAsync(TimeSpan.FromSeconds(30));
        // For the daemons that write as a user of their own; what is secret in the folder keeps others out by itself.
        File.SetUnixFileMode(_site.Folder, File.GetUnixFileMode(_site.Folder) | UnixFileMode.OtherExecute);
        Mount = _site.Start("mount", "--allow-other", Mountpoint);
        await Mount.LineAsync("Ready and running");
    }

    public async Task DisposeAsync()
    {
        if (_site is null) return;
        await _site.DisposeAsync();
        await _recorder.DisposeAsync();
        await _admin.DisposeAsync();
    }

    /// <summary>
    /// A new directory with a trigger in it that is there on the mount. Skips the test where there is no FUSE, and
    /// where a program that it needs is missing.
    /// </summary>
    internal async Task<ProgramTrigger> TriggerAsync(string message = "write", string mode = "async", string needs = "")
    {
        Skip.If(_site is null, "/dev/fuse cannot be opened here");
        foreach (string program in needs.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            Skip.IfNot(IsThere(program), $"{program} is not installed");
        string folder = $"/p{++_count}";
        string path = $"{folder}/t";
        await ManageAsync(Verb.Create, ObjectKind.Directory, folder, "");
        await ManageAsync(Verb.Create, ObjectKind.Trigger, path, "");
        await ManageAsync(Verb.Set, ObjectKind.Trigger, path, Properties.Plugin, _recorder.Name);
        await ManageAsync(Verb.Set, ObjectKind.Trigger, path, Properties.Message, message);
        await ManageAsync(Verb.Set, ObjectKind.Trigger, path, Properties.Mode, mode);
        await ManageAsync(Verb.Add, ObjectKind.Trigger, path, Properties.Service, Service);
        var trigger = new ProgramTrigger(this, folder, Path.Combine(_site.Folder, folder[1..]));
        await trigger.AppearedAsync();
        return trigger;
    }

    /// <summary>What came from a trigger so far.</summary>
    internal string[] Received(string path) => _recorder.From(path);

    private static bool IsThere(string program) =>
        ((string[])["/usr/bin", "/bin", "/usr/sbin", "/sbin"]).Any(folder => File.Exists(Path.Join(folder, program)));

    private Task<StatementAnswer> ManageAsync(
        Verb verb, ObjectKind kind, string name, string property, params string[] values) =>
        _admin.ManageAsync(verb, kind, name, property, values, default).WaitAsync(TimeSpan.FromSeconds(30));
}
