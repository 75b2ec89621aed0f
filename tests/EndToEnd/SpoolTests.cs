using System.Diagnostics;
using System.Globalization;
using System.Text;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Spool;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>The spool of a real mount: what is in it when the mount, the broker or its room is gone.</summary>
public sealed class SpoolTests(SpoolSite spools) : IClassFixture<SpoolSite>
{
    private string Work => spools.Site.Folder;

    [SkippableFact]
    public async Task What_a_mount_that_was_killed_left_is_sent_by_the_next_one_but_for_a_torn_end_and_what_is_too_old()
    {
        await using SpoolMount mount = spools.Mount();
        await mount.StartAsync();
        ulong trigger = ulong.Parse(await mount.DoAsync("stat -c %i d/t"));
        await spools.BrokerAwayAsync();
        await mount.DoAsync($"for i in one two torn; do echo 'echo '$i' >> {Work}/left' > d/t; done");
        await mount.ReportsAsync("depth: 3");
        string report = await mount.DoAsync("cat .triggerfs/spool");
        Assert.Matches("(?m)^broker: away$", report);
        Assert.Matches("(?m)^oldest: 20[0-9-]+[ T][0-9:.]+", report);
        Assert.Matches("(?m)^bytes: [1-9]", report);

        mount.Process.Kill();
        await mount.Process.EndAsync();
        using (FileStream log = File.OpenWrite(mount.Segment)) log.SetLength(log.Length - 3);
        LeaveBeside(mount, new(trigger));
        await spools.BrokerBackAsync();
        await mount.StartAsync();
        await mount.Process.LineAsync("were not written whole and are cut off");
        await mount.Process.LineAsync("REJECTED: .*the message is too old: it was written 192 h ago");
        await mount.ReportsAsync("depth: 0");
        await mount.ReportsAsync("rejected: 1");
        await TwoMounts.ShowsAsync(Work, "wc -l < left", "3");
        string[] done = File.ReadAllLines(Path.Join(Work, "left"));
        Assert.Equal(["one", "two"], done.Where(line => line != "other")); // Of two spools each keeps its own order.
        string kept = await File.ReadAllTextAsync(Path.Join($"{mount.Spool.Folder}.2", "rejected.jsonl"));
        Assert.Contains(Convert.ToBase64String("echo old"u8), kept, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_full_spool_fails_with_ENOSPC_in_log_and_mailbox_unless_the_oldest_messages_make_room()
    {
        await using SpoolMount mount = spools.Mount("spoolsize = \"32MiB\"");
        await mount.StartAsync();
        await spools.BrokerAwayAsync();
        await File.WriteAllTextAsync(Path.Join(Work, "comment"), new string('#', 1_000_000));
        string fill = $"for i in $(seq 40); do cat {Work}/comment > d/$trigger || exit 1; done 2>&1";
        Ended full = await TwoMounts.TryAsync(mount.Mountpoint, $"trigger=full; {fill}");
        Assert.NotEqual(0, full.ExitCode);
        Assert.Contains("No space left on device", full.Out, StringComparison.Ordinal);
        await mount.Process.LineAsync("is full: [0-9]+ messages wait. Writes fail with ENOSPC");
        await using SpoolMount other = spools.Mount("spoolsize = \"32MiB\"");

        await spools.BrokerBackAsync();
        await Site.UntilAsync(async () => (await spools.Site.CliAsync("show mailbox")).Out.Contains("is full"),
            "the mailbox does not say it");
        await mount.ReportsAsync("depth: 0");
        await other.StartAsync();
        await spools.BrokerAwayAsync();
        await other.DoAsync($"trigger=oldest; {fill}; echo newest > d/oldest");
        await other.Process.LineAsync("the oldest messages make room");
        Assert.Matches("(?m)^dropped: [1-9]", await other.DoAsync("cat .triggerfs/spool"));
        other.Process.Kill();
        await other.Process.EndAsync();
        Assert.Equal("newest\n", LastIn(other.Spool));
        await spools.BrokerBackAsync();
    }

    [SkippableFact]
    public async Task Where_each_write_is_to_be_on_the_disk_it_returns_behind_fsync_and_where_none_is_nothing_syncs()
    {
        Skip.IfNot(File.Exists("/usr/bin/strace"), "strace is not installed");
        string[] always = await TracedAsync("always");
        int written = Array.FindIndex(always, IsMessage);
        int synced = Array.FindIndex(always, written, IsSync);
        int answered = Array.FindIndex(always, written, line => line.Contains("/dev/fuse", StringComparison.Ordinal));
        Assert.True(written >= 0 && written < synced && synced < answered, string.Join('\n', always));

        string[] none = await TracedAsync("none");
        Assert.Contains(none, IsMessage);
        Assert.DoesNotContain(none, line => line.Contains("sync(", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Where_the_disk_is_told_at_intervals_writes_do_not_wait_for_it_and_it_is_told_no_more_often()
    {
        Skip.IfNot(File.Exists("/usr/bin/strace"), "strace is not installed");
        const int messages = 30;
        string[] lines = await TracedAsync("interval 1s",
            $"for i in {{1..{messages}}}; do echo 'echo traced' > d/t; done",
            static lines => Array.FindLastIndex(lines, IsSync) > Array.FindLastIndex(lines, IsMessage));
        string story = string.Join('\n', lines);
        double[] written = [.. lines.Where(IsMessage).Select(SecondsOf)];
        double[] synced = [.. lines.Where(IsSync).Select(SecondsOf)];
        Assert.Equal(messages, written.Length);
        // One writer: if it had waited for the disk, there were as many of these as of those.
        Assert.True(synced.Length < messages, story);
        // Of the message before these there may be one, too.
        Assert.True(synced.Length <= 2 + (synced[^1] - written[0]), story);
    }

    [SkippableFact]
    public async Task A_write_that_the_disk_refuses_fails_and_mount_and_its_files_say_so_until_the_disk_takes_all()
    {
        Skip.IfNot(File.Exists("/usr/bin/strace"), "strace is not installed");
        await using SpoolMount mount = spools.Mount("spoolsync = \"always\"");
        await mount.StartAsync();
        await mount.DoAsync("echo true > d/t");
        await mount.ReportsAsync("depth: 0");
        await using (await StraceAsync(
            mount, "-o", Path.Join(Work, "refused"), "-e", "trace=fsync", "-e", "inject=fsync:error=EIO"))
        {
            Ended refused = await TwoMounts.TryAsync(mount.Mountpoint, "echo true > d/t");
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Contains("No space left on device", refused.Err + refused.Out, StringComparison.Ordinal);
            await mount.Process.LineAsync("W: the spool is not brought to the disk: Input/output error");
            string report = await mount.DoAsync("cat .triggerfs/spool");
            Assert.Matches("(?m)^disk: refused since 20.*Input/output error", report);
        }
        await mount.Process.LineAsync("the spool is on the disk again");
        await mount.ReportsAsync("disk: ok");
        await mount.DoAsync("echo true > d/t");
    }

    [SkippableFact]
    public async Task A_message_that_comes_again_after_the_broker_was_killed_is_told_as_stored_and_carried_out_once()
    {
        Skip.If(spools.Site is null, "/dev/fuse cannot be opened here");
        var message = new MessageId(new UInt128(4711, 1));
        await StoreAsync(message);
        await TwoMounts.ShowsAsync(Work, "cat once", "once");
        spools.Site.Broker.Kill();
        await spools.Site.Broker.EndAsync();
        await spools.BrokerBackAsync();
        await StoreAsync(message);
        await StoreAsync(new(new UInt128(4711, 2)));
        await TwoMounts.ShowsAsync(Work, "cat once", "once\nonce"); // The second and the third time.
    }

    [SkippableFact]
    public async Task Messages_go_out_many_a_second_in_their_order_and_with_the_time_at_which_they_were_written()
    {
        await using SpoolMount mount = spools.Mount();
        await mount.StartAsync();
        string before = DateTime.UtcNow.ToString("s");
        await spools.BrokerAwayAsync();
        await mount.DoAsync($"for i in {{1..100}}; do echo 'echo '$i' $TRIGGERFS_WRITTEN >> {Work}/order' > d/t; done");
        string after = DateTime.UtcNow.AddSeconds(1).ToString("s");
        await spools.BrokerBackAsync();
        await TwoMounts.ShowsAsync(Work, "wc -l < order", "100");
        string[][] lines = [.. File.ReadLines(Path.Join(Work, "order")).Select(line => line.Split(' '))];
        Assert.Equal(Enumerable.Range(1, 100), lines.Select(line => int.Parse(line[0])));
        Assert.All(lines, line => Assert.InRange(line[1], before, after, StringComparer.Ordinal));
        string report = await mount.DoAsync("cat .triggerfs/spool");
        Assert.Matches("(?m)^sent: 100$", report);
        Assert.Matches("(?m)^sentpersecond: [0-9]", report);
    }

    /// <summary>Another mount left a spool: one message that is fresh, and one of eight days ago.</summary>
    private void LeaveBeside(SpoolMount mount, NodeId trigger)
    {
        var others = new SpoolOptions($"{mount.Spool.Folder}.2");
        using MessageSpool spool = MessageSpool.TryOpen(others, static _ => { })!;
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        spool.Append(trigger, now - (long)TimeSpan.FromDays(8).TotalMilliseconds, "echo old"u8);
        spool.Append(trigger, now, Encoding.UTF8.GetBytes($"echo other >> {Work}/left"));
    }

    /// <summary>The newest message in a spool that nobody has open.</summary>
    private static string LastIn(SpoolOptions options)
    {
        using MessageSpool spool = MessageSpool.TryOpen(options, static _ => { })!;
        string last = "";
        while (spool.TryNext(out _, out ReadOnlySpan<byte> payload)) last = Encoding.UTF8.GetString(payload);
        return last;
    }

    /// <summary>What the mount does while something is written, until it has done enough.</summary>
    private async Task<string[]> TracedAsync(
        string policy, string script = "echo 'echo traced' > d/t", Func<string[], bool>? isEnough = null)
    {
        await using SpoolMount mount = spools.Mount($"spoolsync = \"{policy}\"");
        await mount.StartAsync();
        await mount.DoAsync("echo true > d/t");
        await mount.ReportsAsync("depth: 0");
        string trace = Path.Join(Work, $"trace.{policy}");
        await using (await StraceAsync(
            mount, "-y", "-ttt", "-s", "200", "-o", trace, "-e", "trace=fsync,fdatasync,pwrite64,write,writev"))
        {
            await mount.DoAsync(script);
            await mount.ReportsAsync("depth: 0");
            await Site.UntilAsync(async () => isEnough?.Invoke(await File.ReadAllLinesAsync(trace)) ?? true,
                $"the mount does not do it: {trace}");
        }
        return await File.ReadAllLinesAsync(trace);
    }

    /// <summary>Of a line of strace: a message goes into the spool.</summary>
    private static bool IsMessage(string line) =>
        line.Contains("pwrite64(", StringComparison.Ordinal) && line.Contains("traced", StringComparison.Ordinal);

    private static bool IsSync(string line) =>
        line.Contains("sync(", StringComparison.Ordinal) && line.Contains(".segment>", StringComparison.Ordinal);

    private static double SecondsOf(string line) =>
        double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    /// <summary>Lets strace look at the mount, or do to it what it is told, until it is disposed.</summary>
    private static async Task<Child> StraceAsync(SpoolMount mount, params string[] how)
    {
        var strace = new Child(new ProcessStartInfo("strace", ["-f", .. how, "-p", $"{mount.Process.Id}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        string first = await strace.LineAsync("strace: ");
        Skip.IfNot(first.Contains("attached", StringComparison.Ordinal), first);
        return strace;
    }

    /// <summary>Sends a message as a spool does, and returns when the broker has it on its disk.</summary>
    private async Task StoreAsync(MessageId message)
    {
        await using UserSession session = spools.Site.Session();
        await session.OpenAsync(TimeSpan.FromSeconds(30), default);
        byte[] command = Encoding.UTF8.GetBytes($"echo once >> {Work}/once");
        await PostedMessage.SendAsync(session, "svc", command, message);
    }
}
