using TriggerFs.Commands.Mount;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Spool;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Up;

/// <summary>The mount of a trial, where this machine can mount; why not, where it cannot.</summary>
sealed class UpFiles : IAsyncDisposable
{
    private readonly MountJournal _journal = new(Console.OpenStandardOutput(), null);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _mountpoint;
    private readonly bool _isOurs;
    private Task _ended = Task.CompletedTask;

    private UpFiles(string mountpoint)
    {
        _mountpoint = mountpoint;
        _isOurs = !Directory.Exists(mountpoint);
    }

    /// <summary>Whether programs can use the files.</summary>
    public bool AreThere => Why is null;

    /// <summary>Why there are none, for a person; null when there are.</summary>
    public string? Why { get; private set; }

    /// <summary>Mounts; what stands against it is no error.</summary>
    public static async Task<UpFiles> StartAsync(Trial trial, CancellationToken stop)
    {
        var files = new UpFiles(trial.Mountpoint);
        try
        {
            Directory.CreateDirectory(trial.Mountpoint);
            var session = NetworkSession.New(trial.Settings, PeerRole.Mount);
            var spool = new SpoolOptions(Path.Join(Path.GetDirectoryName(trial.Logfile), "spool"));
            var mount = new MountRun(new(new(trial.Mountpoint), spool, IsPart: true), session, files._journal);
            files._ended = mount.RunAsync(files._stop.Token);
            Task first = await Task.WhenAny(mount.Ready, files._ended).WaitAsync(stop);
            if (first == files._ended) await files._ended;
        }
        catch (OperationCanceledException)
        {
            await files.DisposeAsync();
            throw;
        }
        catch (TriggerException problem)
        {
            files.Why = problem.Report();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            files.Why = $"triggerfs: {trial.Mountpoint} cannot be used\n  why: {problem.Message}";
        }
        return files;
    }

    /// <summary>Says something to the person, after what the mount has said already.</summary>
    public void Say(string text)
    {
        foreach (string line in text.Split('\n')) _journal.Plain(line);
    }

    /// <summary>Unmounts, and waits for the last answers for a moment.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _ended;
        }
        catch (Exception problem) when (problem is TriggerException or OperationCanceledException)
        {
            // It was told when it happened.
        }
        if (_isOurs && Directory.Exists(_mountpoint)) RemoveEmpty();
        _journal.Dispose();
        _stop.Dispose();
    }

    private void RemoveEmpty()
    {
        try
        {
            Directory.Delete(_mountpoint);
        }
        catch (IOException)
        {
            // Somebody put something there.
        }
    }
}
