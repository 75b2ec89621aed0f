using System.Diagnostics;
using System.Text;
using TriggerFs.Broker.Store;
using TriggerFs.Commands.Session;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>When a real broker has what it says is stored: seen by its system calls.</summary>
public sealed class QueueSyncTests : IAsyncLifetime
{
    private Site _site = null!;
    private Process? _strace;

    private string Trace => Path.Join(_site.Folder, "trace");

    public async Task InitializeAsync() => _site = await Site.InitAsync();

    public async Task DisposeAsync()
    {
        if (_strace is { HasExited: false } strace)
        {
            Child.Send(strace.Id, 2);
            await strace.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }
        await _site.DisposeAsync();
    }

    [SkippableFact]
    public async Task Without_a_word_of_it_a_message_is_on_the_disk_before_it_is_told_as_stored()
    {
        await StartAsync("");
        await StoreAsync();
        string[] calls = Calls();
        int written = Array.FindIndex(calls, IsWrite);
        Assert.True(written >= 0, string.Join('\n', calls));
        int synced = Array.FindIndex(calls, written, IsSync);
        int told = Array.FindIndex(calls, written, line => line.Contains("socket:", StringComparison.Ordinal)
            || line.Contains("TCP:", StringComparison.Ordinal));
        Assert.True(written < synced && synced < told, string.Join('\n', calls));
    }

    [SkippableFact]
    public async Task At_an_interval_nobody_waits_for_the_disk_and_it_is_synced_all_the_same()
    {
        await StartAsync("queuesync = \"interval 100ms\"");
        await StoreAsync();
        Assert.Contains(Calls(), IsWrite);
        await Site.UntilAsync(() => Task.FromResult(Calls().Any(IsSync)), "it was never synced");
    }

    [SkippableTheory]
    [InlineData("interval 1m")]
    [InlineData("none")]
    public async Task Between_syncs_and_where_there_are_none_messages_wait_for_no_disk_but_the_configuration_does(
        string rule)
    {
        await StartAsync($"queuesync = \"{rule}\"");
        await StoreAsync();
        Assert.Contains(Calls(), IsWrite);
        Assert.DoesNotContain(Calls(), IsSync);
        await _site.CliAsync("set services name other");
        await Site.UntilAsync(() => Task.FromResult(Calls().Any(IsSync)), "a service was made and not synced");
    }

    [SkippableFact]
    public async Task A_broker_that_is_killed_between_syncs_has_lost_nothing_that_it_told_as_stored()
    {
        await StartAsync("queuesync = \"interval 1m\"", isTraced: false);
        await StoreAsync(Enumerable.Range(1, 200).Select(n => $"echo {n}").ToArray());
        _site.Broker.Kill();
        await _site.Broker.EndAsync();
        using var store = new SqliteStore(Path.Join(_site.Folder, "site", "state", "triggerfs.db"));
        Assert.Equal(Enumerable.Range(1, 200).Select(n => (ulong)n),
            store.Load().Messages.Select(message => (ulong)message.Message.Value));
    }

    private static bool IsWrite(string line) =>
        line.Contains("pwrite64(", StringComparison.Ordinal) && line.Contains("-wal>", StringComparison.Ordinal);

    private static bool IsSync(string line) =>
        line.Contains("sync(", StringComparison.Ordinal) && line.Contains("-wal>", StringComparison.Ordinal);

    /// <summary>A broker with a service that has no worker, watched from when it is there.</summary>
    private async Task StartAsync(string line, bool isTraced = true)
    {
        Skip.If(isTraced && !File.Exists("/usr/bin/strace"), "strace is not installed");
        string settings = File.ReadAllText(_site.SettingsFile);
        File.WriteAllText(
            _site.SettingsFile, settings.Replace("[broker]", $"[broker]\n{line}", StringComparison.Ordinal));
        await _site.StartBrokerAsync();
        await _site.CliAsync("set services name svc");
        if (!isTraced) return;
        _strace = Process.Start(new ProcessStartInfo("strace",
        [
            "-f", "-y", "-o", Trace, "-e", "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg",
            "-p", $"{_site.Broker.Id}",
        ])
        { RedirectStandardError = true })!;
        string? attached = await _strace.StandardError.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Skip.IfNot(attached?.Contains("attached") == true, $"strace: {attached}");
    }

    private string[] Calls()
    {
        using var trace = new FileStream(Trace, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(trace);
        return reader.ReadToEnd().Split('\n');
    }

    /// <summary>Sends messages, and returns when the broker has said of each that it is stored.</summary>
    private async Task StoreAsync(params string[] commands)
    {
        await using UserSession session = _site.Session();
        await session.OpenAsync(TimeSpan.FromSeconds(30), default);
        ulong sequence = 0;
        foreach (string command in commands.DefaultIfEmpty("true"))
            await PostedMessage.SendAsync(
                session, "svc", Encoding.UTF8.GetBytes(command), new(new UInt128(4711, ++sequence)));
    }
}
