using System.Text;
using TriggerFs.Core;
using TriggerFs.Fs.Failed;

namespace TriggerFs.Tests.Fs;

/// <summary>The messages that were given up, as real programs see them in a real mount.</summary>
public sealed class FailedMountTests : IDisposable
{
    private static readonly byte[] Request = [.. "line\n"u8, 0, 255, .. "end"u8];

    private readonly RealMount _mount;
    private long _nowMs;

    public FailedMountTests()
    {
        _mount = RealMount.Make(allowOther: true, byFusermount: false, nodes:
        [
            Nodes.Directory(2, 1, "d"), Nodes.Trigger(3, 2, "t"), Nodes.Trigger(4, 2, "hers") with { Usable = false },
            Nodes.Trigger(5, 2, "other"),
        ]);
        _mount.Tree.AddFailed();
        _mount.Session.FileSystem.Failed.NowMs = () => _nowMs;
        File.WriteAllBytes(Path.Combine(_mount.Beside, "expected"), Request);
        for (long id = 42; id < 46; id++) Put(id);
    }

    private FakeFailed Failed => _mount.Sink.Failed;

    public void Dispose() => _mount.Dispose();

    [SkippableFact]
    public void They_are_listed_read_found_and_copied()
    {
        Assert.Equal("""
            42 43 44 45
            request reason output
            it failed
            drwx------ 0 42
            -r-------- 10 42/request
            -r-------- 8 42/output
            ./42 ./42/output ./42/reason ./42/request
            ./42/reason:it failed
            10 expected

            """, Does("""
            cd .triggerfs/failed; ls | xargs; ls -U 42 | xargs; cat 42/reason
            stat -c '%A %s %n' 42 42/request 42/output; find . -path './42*' | sort | xargs; grep -r failed ./42
            cmp 42/request $B/expected; cp 42/request $B/copy; cmp $B/copy $B/expected; wc -c < 42/request |
              sed 's/$/ expected/'; cp -a 42 $B/all; diff -r 42 $B/all
            tar -cf $B/tar 42; tar -xOf $B/tar 42/request | cmp - $B/expected; dd if=42/request bs=3 2> /dev/null |
              cmp - $B/expected; python3 -c 'import mmap, sys
            f = open("42/request", "rb"); assert mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ, flags=2)[:] == f.read()'
            """));
    }

    [SkippableFact]
    public void Busybox_and_rsync_see_the_same()
    {
        NeedsAll("busybox", "rsync");
        Assert.Equal("""
            42 43 44 45
            it failed
            ./42 ./42/output ./42/reason ./42/request

            """, Does("""
            cd .triggerfs/failed; busybox ls | xargs; busybox cat 42/reason
            busybox find . -path './42*' | sort | xargs; busybox cp 42/request $B/one; cmp $B/one $B/expected
            rsync -a 42/ $B/two/; diff -r 42 $B/two
            """));
    }

    [SkippableTheory]
    [InlineData("mv")]
    [InlineData("mv -f")]
    [InlineData("busybox mv")]
    public void Moved_onto_a_trigger_one_is_sent_to_it_and_the_trigger_stays_what_it_was(string mv)
    {
        if (mv.StartsWith("busybox")) NeedsAll("busybox");
        Does($"""
            before=$(stat -c '%i %h %A %s' d/t); exec 3>> d/t; echo first >&3
            {mv} .triggerfs/failed/42/request d/t
            [ "$(stat -c '%i %h %A %s' d/t)" = "$before" ]; echo second >&3; echo third > d/t
            [ "$(ls d)" = "$(printf 'hers\nother\nt')" ]; ! test -e .triggerfs/failed/42/request
            [ "$(ls .triggerfs/failed | xargs)" = '43 44 45' ]; rm -r .triggerfs/failed/42
            {mv} .triggerfs/failed/43/request d/other
            """);
        Assert.Equal([(42, 3ul), (43, 5)], Failed.Sent.Select(sent => (sent.Id, sent.Trigger.Value)));
        Assert.All(Failed.Sent, sent => Assert.Equal(Request, sent.Payload));
        Assert.Equal(["first\n", "second\n", "third\n"], _mount.Sink.Texts);
        Assert.Empty(_mount.Sink.Changes);
    }

    [SkippableFact]
    public void Who_writes_to_a_trigger_never_misses_it_while_messages_are_moved_onto_it()
    {
        for (long id = 100; id < 200; id++) Put(id);
        Does("""
            (while [ ! -e $B/over ]; do echo x > d/t || echo lost >> $B/lost; done) & writer=$!
            for id in $(seq 100 199); do mv .triggerfs/failed/$id/request d/t; done
            touch $B/over; wait $writer; [ ! -e $B/lost ]
            """);
        Assert.Equal(100, Failed.Sent.Count);
    }

    [SkippableFact]
    public void What_cannot_be_moved_says_why_and_stays()
    {
        RealMount.Outcome run = _mount.Run("""
            cd .triggerfs/failed
            mv 42 ../../d/t; mv 42 ../../d; mv 42/request ../../d/new; mv 42/reason ../../d/t
            mv 42/request ../../d/hers; mv 42/request 43/request; mv ../../d/t 42/request; rmdir 42
            touch 42/request; touch 42/new; mkdir new; : > 42/reason; ln 42/request x; ls -A ../../d | xargs
            """);
        Assert.Equal("hers other t\n", run.Out);
        Assert.Equal(13, run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Empty(Failed.Sent);
        Assert.Equal([42, 43, 44, 45], Failed.Ids);
    }

    [SkippableFact]
    public void Removed_one_is_dropped_whatever_removes_it()
    {
        NeedsAll("busybox");
        Does("""
            cd .triggerfs/failed; rm -r 42; busybox rm -rf 43; find 44 -delete; rm 45/*; rmdir 45; [ -z "$(ls)" ]
            """);
        Assert.Empty(Failed.Ids);
        for (long id = 50; id < 60; id++) Put(id);
        _nowMs += FailedFolder.FreshMs;
        RealMount.Outcome all = _mount.Run("rm -r .triggerfs/failed");
        Assert.Contains("Read-only file system", all.Error);
        Assert.Empty(Failed.Ids);
    }

    [SkippableFact]
    public void Moved_out_one_is_gone_when_it_has_been_copied()
    {
        NeedsAll("rsync");
        Does("""
            cd .triggerfs/failed; mv 42 $B/42; cmp $B/42/request $B/expected; mv 43/request $B/43
            cmp $B/43 $B/expected; rsync -a --remove-source-files 44 $B; cmp $B/44/request $B/expected
            [ "$(ls)" = 45 ]
            """);
        Assert.Equal([45], Failed.Ids);
    }

    [SkippableFact]
    public void Other_users_see_nothing_of_it()
    {
        NeedsAll("setpriv");
        RealMount.Outcome run = _mount.Run("""
            other='setpriv --reuid 65534 --regid 65534 --clear-groups'
            $other ls .triggerfs; $other ls .triggerfs/failed; $other cat .triggerfs/failed/42/request
            $other rm -r .triggerfs/failed/42; $other mv .triggerfs/failed/42/request d/t
            """);
        Assert.Equal("failed\n", run.Out);
        Assert.Equal(4, run.Error.Split('\n').Count(line => line.Contains("Permission denied")));
        Assert.Equal([42, 43, 44, 45], Failed.Ids);
    }

    [SkippableFact]
    public void Without_the_broker_who_looks_is_told_at_once_and_all_else_goes_on()
    {
        Failed.Trouble = ErrorCode.BrokerUnreachable;
        RealMount.Outcome run = _mount.Run("""
            ls .triggerfs/failed; cat .triggerfs/failed/42/request; ls -l .triggerfs; find . | wc -l
            """);
        Assert.Equal(2, run.Error.Split('\n').Count(line => line.Contains("endpoint is not connected")));
        Assert.Contains("failed", run.Out);
        Assert.EndsWith("5\n", run.Out);
    }

    [SkippableFact]
    public void Who_waits_for_a_broker_that_does_not_answer_can_be_killed()
    {
        Failed.Held = new();
        RealMount.Outcome run = _mount.Run("timeout -s KILL 1 ls .triggerfs/failed; echo $?; ls d");
        Assert.Contains("137", run.Out);
        Assert.EndsWith("hers\nother\nt\n", run.Out);
    }

    /// <summary>Runs a script of which nothing fails; what it puts out.</summary>
    private string Does(string script)
    {
        RealMount.Outcome run = _mount.Run("set -e; " + script);
        Assert.Equal((0, ""), (run.Exit, run.Error));
        return run.Out;
    }

    private void NeedsAll(params string[] programs)
    {
        foreach (string program in programs)
            Skip.If(_mount.Run($"command -v {program}").Exit != 0, $"there is no {program}");
    }

    private void Put(long id) => Failed.Put(id, Request, "it failed\n", Encoding.UTF8.GetBytes("printed\n"));
}
