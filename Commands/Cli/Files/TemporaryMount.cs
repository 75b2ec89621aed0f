using TriggerFs.Commands.Mount;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Spool;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Fs.Kernel;

namespace TriggerFs.Commands.Cli.Files;

/// <summary>The team's tree in a folder of its own, which goes with it; answers are shown on the terminal.</summary>
sealed class TemporaryMount : IAsyncDisposable
{
    private readonly MountJournal _journal = new(Console.OpenStandardOutput(), null);
    private readonly CancellationTokenSource _stop = new();
    private readonly MountRun _run;
    private readonly Task _ended;

    private TemporaryMount(string folder, Settings settings, UserSession session)
    {
        Path = folder;
        SpoolOptions spool = settings.Mount.SpoolRules with
        {
            Folder = SpoolPlace.Of(settings, Environment.GetEnvironmentVariable),
        };
        _run = new(new(new MountOptions(folder) { IsTemporary = true }, spool, IsPart: true), session, _journal);
        _ended = Task.Run(() => _run.RunAsync(_stop.Token));
    }

    /// <summary>Where the files are.</summary>
    public string Path { get; }

    /// <summary>Mounts, and returns when programs can use the files; throws why they cannot.</summary>
    /// <param name="newSession">Makes a session with the broker, not opened yet.</param>
    public static async Task<TemporaryMount> StartAsync(
        Settings settings, Func<Settings, PeerRole, UserSession> newSession, CancellationToken stop)
    {
        UserSession session = newSession(settings, PeerRole.Mount);
        string folder = PrivateFolder.Make(Environment.GetEnvironmentVariable, Environment.IsPrivilegedProcess);
        var mount = new TemporaryMount(folder, settings, session);
        try
        {
            if (await Task.WhenAny(mount._run.Ready, mount._ended).WaitAsync(stop) == mount._ended) await mount._ended;
            return mount;
        }
        catch
        {
            await mount.DisposeAsync();
            throw;
        }
    }

    /// <summary>Throws what ended it, when it ended by itself.</summary>
    public void ThrowTrouble()
    {
        if (_ended.Exception?.InnerException is TriggerException problem) throw problem;
    }

    /// <summary>Unmounts, waits for the last answers for a moment, and removes the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _ended;
        }
        catch (Exception problem) when (problem is TriggerException or OperationCanceledException)
        {
            // It was told, or will be.
        }
        _journal.Dispose();
        _stop.Dispose();
        PrivateFolder.Remove(Path);
    }
}
