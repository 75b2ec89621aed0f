using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Kernel;

namespace TriggerFs.Tests.Fs;

/// <summary>A real mount and real programs: what they write arrives, what they must not do is refused.</summary>
public sealed class MountTests
{
    private static readonly TreeNode[] Demo =
    [
        Nodes.Directory(2, 1, "d"),
        Nodes.Trigger(3, 2, "t", hits: 1, firedUnixMs: 1_525_123_456_789),
        Nodes.Trigger(4, 2, "sync", synchronous: true),
        Nodes.Trigger(5, 2, "lines", MessageMode.Line),
        Nodes.Trigger(6, 2, "close", MessageMode.Close),
        Nodes.Directory(7, 2, "empty"),
    ];

    [SkippableTheory]
    [InlineData("echo uptime > d/t", "uptime\n")]
    [InlineData("echo uptime >> d/t", "uptime\n")]
    [InlineData("env printf 'a\\nb' > d/t", "a\nb")]
    [InlineData("for i in 1 2 3; do printf $i; done > d/t", "1", "2", "3")]
    [InlineData("echo uptime | tee d/t > /dev/null", "uptime\n")]
    [InlineData("echo uptime | tee -a d/t > /dev/null", "uptime\n")]
    [InlineData("echo -n abcdef | dd of=d/t bs=6 status=none", "abcdef")]
    [InlineData("echo -n abcdef | dd of=d/t bs=6 seek=3 conv=notrunc status=none", "abcdef")]
    [InlineData("echo uptime > $B/x; cp $B/x d/t", "uptime\n")]
    [InlineData("echo uptime > $B/x; cp -p $B/x d/t", "uptime\n")]
    [InlineData("exec 3> d/t; echo one >&3; sleep 0.1; echo two >&3", "one\n", "two\n")]
    [InlineData("seq 3 > d/lines", "1\n", "2\n", "3\n")]
    [InlineData("(echo -n par; sleep 0.1; echo tial) > d/lines", "partial\n")]
    [InlineData("echo -n 'no newline' > d/lines; sleep 0.2", "no newline")]
    [InlineData("(echo one; sleep 0.1; echo two) > d/close; sleep 0.2", "one\ntwo\n")]
    [InlineData("truncate -s 0 d/t; truncate -s 1M d/t; echo x > d/t", "x\n")]
    [InlineData("sort -o d/t <(echo b; echo a)", "a\nb\n")]
    public void A_program_that_writes_is_delivered(string script, params string[] messages)
    {
        using var mount = RealMount.Make(Demo);
        RealMount.Outcome run = mount.Run(script);
        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.Equal(messages, mount.Sink.Texts);
    }

    [SkippableFact]
    public void Python_appends_and_its_logging_are_delivered()
    {
        using var mount = RealMount.Make(Demo);
        Skip.If(mount.Run("command -v python3").Exit != 0, "there is no python3");
        RealMount.Outcome run = mount.Run("""
            python3 - <<'END'
            import logging, logging.handlers
            with open('d/t', 'a') as f: f.write('appended\n')
            with open('d/t', 'w') as f: f.write('x' * 300000)
            handler = logging.handlers.RotatingFileHandler('d/t', maxBytes=10, backupCount=3)
            log = logging.getLogger(); log.addHandler(handler)
            log.warning('one'); log.warning('two')
            END
            """);
        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.Equal(["appended\n", new string('x', 300_000), "one\n", "two\n"], mount.Sink.Texts);
    }

    [SkippableFact]
    public void A_large_file_arrives_in_the_pieces_in_which_cat_wrote_it_and_in_order()
    {
        using var mount = RealMount.Make(Demo);
        RealMount.Outcome run = mount.Run("head -c 3000000 /dev/urandom > $B/big; cat $B/big > d/t");
        Assert.Equal((0, ""), (run.Exit, run.Error));
        byte[] sent = [.. mount.Sink.Fired.SelectMany(fired => fired.Payload)];
        Assert.Equal(File.ReadAllBytes(Path.Combine(mount.Beside, "big")), sent);
    }

    [SkippableFact]
    public void A_write_that_may_be_a_piece_of_a_larger_one_is_refused_and_a_smaller_one_is_whole()
    {
        using var mount = RealMount.Make(Demo);
        int whole = mount.Session.FileSystem.Options.WholeWriteMax;
        RealMount.Outcome run = mount.Run(
            $"head -c {whole} /dev/zero | dd of=d/t bs={whole} iflag=fullblock status=none");
        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.Equal([whole], mount.Sink.Fired.Select(fired => fired.Payload.Length));
        run = mount.Run("dd if=/dev/zero of=d/t bs=4M count=1 status=none");
        Assert.Equal(1, run.Exit);
        Assert.Contains("Message too long", run.Error);
        Assert.Single(mount.Sink.Fired);
    }

    [SkippableFact]
    public void The_handle_that_wrote_reads_its_answer_and_a_fresh_one_the_last()
    {
        using var mount = RealMount.Make(Demo);
        mount.Sink.OnFire = (_, payload, message) => ThreadPool.QueueUserWorkItem(_ =>
        {
            message.Taken();
            Thread.Sleep(50);
            message.Output([.. "answer to "u8, .. payload], isError: false);
            message.Ended(null, 0);
        });
        RealMount.Outcome run = mount.Run(
            "exec 3<>d/t; echo one >&3; cat <&3; echo two >&3; cat <&3; exec 3>&-; echo last:; cat d/t; cat d/t");
        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.Equal("answer to one\nanswer to two\nlast:\nanswer to two\nanswer to two\n", run.Out);
    }

    [SkippableTheory]
    [InlineData(null, 0, 0, "")]
    [InlineData(null, 3, 1, "Input/output error")]
    [InlineData(ErrorCode.NoWorker, 0, 1, "No route to host")]
    [InlineData(ErrorCode.TimedOut, 0, 1, "Connection timed out")]
    [InlineData(ErrorCode.NotAllowed, 0, 1, "Permission denied")]
    internal void A_synchronous_write_fails_as_its_run_did(ErrorCode? failure, int exitCode, int status, string says)
    {
        using var mount = RealMount.Make(Demo);
        mount.Sink.OnFire = (_, _, message) => ThreadPool.QueueUserWorkItem(_ => message.Ended(failure, exitCode));
        RealMount.Outcome run = mount.Run("echo false > d/sync");
        Assert.Equal(status, run.Exit);
        Assert.Contains(says, run.Error);
    }

    [SkippableFact]
    public void A_writer_that_waits_can_be_killed_at_once_and_its_request_is_abandoned()
    {
        using var mount = RealMount.Make(Demo);
        mount.Sink.OnFire = (_, _, _) => { };
        RealMount.Outcome run = mount.Run("echo 'sleep 100' > d/sync & sleep 0.3; kill -KILL $!; wait $!; echo $?");
        Assert.Equal("137\n", run.Out);
        Assert.Single(mount.Sink.Abandoned);
    }

    [SkippableTheory]
    [InlineData("echo x > d/new", "Operation not permitted")]
    [InlineData("rm d/t", "Operation not permitted")]
    [InlineData("rm -rf d/t", "Operation not permitted")]
    [InlineData("ln -s t d/link", "Operation not permitted")]
    [InlineData("ln d/t d/link", "Operation not permitted")]
    [InlineData("mkfifo d/fifo", "Operation not permitted")]
    [InlineData("cp /etc/passwd d/new", "Operation not permitted")]
    [InlineData("chown 12345 d/t", "Operation not permitted")]
    [InlineData("fallocate -l 10 d/t", "not supported")]
    [InlineData("rmdir d", "Directory not empty")]
    [InlineData("mkdir d/t", "File exists")]
    [InlineData("mkdir d/.hidden", "Operation not permitted")]
    [InlineData("mv d/t .", "Operation not permitted")]
    [InlineData("mv -T d/t d/sync", "File exists")]
    [InlineData("mkdir d/$(printf 'x%.0s' {1..256})", "File name too long")]
    [InlineData("sed -i s/a/b/ d/t", "Operation not permitted")]
    [InlineData("cd d/t", "Not a directory")]
    public void What_triggers_do_not_do_is_refused_and_sends_and_changes_nothing(string script, string says)
    {
        using var mount = RealMount.Make(Demo);
        RealMount.Outcome run = mount.Run(script);
        Assert.NotEqual(0, run.Exit);
        Assert.Contains(says, run.Error);
        Assert.Empty(mount.Sink.Fired);
        Assert.Empty(mount.Sink.Changes);
    }

    [SkippableTheory]
    [InlineData("touch d/t")]
    [InlineData("grep -r xyzzy . || true")]
    [InlineData("flock d/t true")]
    [InlineData("exec 3>d/t")]
    [InlineData("test -w d/t && cat d/t && find . > /dev/null && du -s . > /dev/null")]
    public void Looking_touching_and_locking_send_nothing(string script)
    {
        using var mount = RealMount.Make(Demo);
        RealMount.Outcome run = mount.Run(script);
        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.Empty(mount.Sink.Fired);
        Assert.Empty(mount.Sink.Changes);
    }

    [SkippableFact]
    public void Directories_are_made_moved_and_removed_and_modes_changed()
    {
        using var mount = RealMount.Make(Demo);
        RealMount.Outcome run = mount.Run("""
            set -e
            umask 027
            mkdir d/new; stat -c '%A %h' d/new d
            mkdir -p d/new/deep/er; cd d/new; pwd; cd - > /dev/null
            mv d/t d/new/renamed; ls d/new
            mv d/new moved; ls moved
            rmdir moved/deep/er moved/deep d/empty; ls moved; ls d
            chmod 600 moved/renamed; stat -c %a moved/renamed
            echo x > moved/renamed
            """);
        Assert.Equal((0, ""), (run.Exit, run.Error));
        string[] lines = run.Out.Split('\n');
        Assert.Equal(["drwxr-x--- 2", "drwxr-xr-x 4", $"{mount.Path}/d/new", "deep", "renamed"], lines[..5]);
        Assert.Equal(["deep", "renamed", "renamed", "close", "lines", "sync", "600", ""], lines[5..]);
        Assert.Equal(["x\n"], mount.Sink.Texts);
    }

    [SkippableFact]
    public void A_trigger_that_logrotate_renames_is_not_lost_without_a_word()
    {
        using var mount = RealMount.Make(Demo);
        RealMount.Outcome run = mount.Run(
            "mv d/t d/t.1 && ! touch d/t && ! echo x > d/t && mv d/t.1 d/t && echo x > d/t");
        Assert.Equal(0, run.Exit);
        Assert.Equal(["x\n"], mount.Sink.Texts);
        Assert.Contains(
            mount.Log.Lines, line => line.Contains("'t' was renamed to 't.1'") && line.Contains("mv 't.1' 't'"));
    }

    [SkippableFact]
    public void Stat_and_df_show_what_programs_expect()
    {
        using var mount = RealMount.Make(Demo);
        RealMount.Outcome run = mount.Run(
            "stat -c '%i %A %s %h %u %y' d/t; stat -f -c '%l %b %a' .; df . | tail -n 1; ls -la d | wc -l; ls d");
        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.StartsWith("3 -rw-r--r-- 0 1 0 2018-04-30 21:24:16.789", run.Out);
        Assert.Contains("\n255 262144 262144\ntriggerfs ", run.Out);
        Assert.EndsWith("\n8\nclose\nempty\nlines\nsync\nt\n", run.Out);
    }

    [SkippableFact]
    public void What_changes_elsewhere_is_seen_through_the_kernels_caches()
    {
        using var mount = RealMount.Make(Demo);
        // Now the kernel knows them, and that d/new is not there.
        Assert.Equal(1, mount.Run("stat d/new d/t d/sync d").Exit);
        mount.Tree.Apply(Nodes.Changed(Nodes.Trigger(20, 2, "new"), Nodes.Trigger(3, 2, "t", mode: 0b110_000_000)));
        mount.Tree.Apply(Nodes.Gone(4));
        mount.Tree.Apply(Nodes.Changed(Nodes.Trigger(5, 2, "renamed", MessageMode.Line)));
        RealMount.Outcome run = mount.Run(
            "for i in {1..50}; do [ -e d/new ] && [ $(stat -c %a d/t) = 600 ] && [ ! -e d/sync ] && break; "
            + "sleep 0.02; done;"
            + "echo x > d/new; stat -c %a d/t; ls d; echo l > d/renamed; echo y > d/sync");
        Assert.Equal("600\nclose\nempty\nnew\nrenamed\nt\n", run.Out);
        Assert.Contains("d/sync: Operation not permitted", run.Error);
        Assert.Equal(["x\n", "l\n"], mount.Sink.Texts);
    }

    [SkippableFact]
    public void Ten_thousand_triggers_are_listed_in_a_moment()
    {
        ulong[] numbers = [.. Enumerable.Range(0, 10_000).Select(i => (ulong)i)];
        TreeNode[] directories = [.. numbers[..200].Select(i => Nodes.Directory(i + 100, 1, $"dir{i}"))];
        TreeNode[] triggers = [.. numbers.Select(i => Nodes.Trigger(i + 1000, (i % 200) + 100, $"trigger{i}"))];
        using var mount = RealMount.Make([.. directories, .. triggers]);
        RealMount.Outcome run = mount.Run("time (ls -lR . | grep -c trigger)");
        Assert.Equal("10000\n", run.Out);
    }

    [SkippableFact]
    public void Another_user_is_held_to_the_mode_bits()
    {
        using var mount = RealMount.Make(byFusermount: false, allowOther: true, Demo);
        RealMount.Outcome run = mount.Run("chmod 755 $B; setpriv --reuid 65534 --clear-groups cat d/t; "
            + "setpriv --reuid 65534 --clear-groups bash -c 'echo x > d/t'");
        Assert.Equal(1, run.Exit);
        Assert.Contains("Permission denied", run.Error);
        Assert.Empty(mount.Sink.Fired);
    }

    [SkippableFact]
    public void A_mount_through_fusermount3_works_too()
    {
        using var mount = RealMount.Make(byFusermount: true, allowOther: false, Demo);
        RealMount.Outcome run = mount.Run("echo uptime > d/t");
        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.Equal(["uptime\n"], mount.Sink.Texts);
    }

    [SkippableFact]
    public void Unmounting_from_outside_ends_the_session()
    {
        using var mount = RealMount.Make(Demo);
        Assert.Equal(0, mount.Run("cd /; umount $M").Exit);
        Assert.True(mount.Session.Ended.Wait(TimeSpan.FromSeconds(10)));
    }

    [SkippableFact]
    public void A_program_with_an_open_file_does_not_keep_the_mount_from_going()
    {
        using var mount = RealMount.Make(Demo);
        mount.Run("sleep 300 3> d/t > /dev/null 2>&1 & echo $! > $B/pid");
        string pid = File.ReadAllText(Path.Combine(mount.Beside, "pid")).Trim();
        try
        {
            Assert.False(mount.Session.Unmount(TimeSpan.FromMilliseconds(200)));
            Assert.Null(MountTable.At(mount.Path));
            Assert.True(mount.Session.Ended.Wait(TimeSpan.FromSeconds(10)));
        }
        finally
        {
            System.Diagnostics.Process.GetProcessById(int.Parse(pid)).Kill();
        }
    }

    [SkippableFact]
    public void A_mountpoint_with_something_in_it_is_refused_and_says_what_to_do()
    {
        RealMount.SkipWithoutFuse();
        using var folder = new TemporaryFolder();
        folder.Write("left-behind", "x");
        var problem = Assert.Throws<TriggerException>(() => KernelMount.Mount(new(folder.Path), _ => { }));
        Assert.Contains("not empty", problem.Message);
        Assert.Contains("left-behind", problem.Why);
        Assert.Contains("--nonempty", problem.Fix);
    }

    [SkippableFact]
    public void A_mountpoint_that_another_process_serves_is_refused()
    {
        using var mount = RealMount.Make(Demo);
        var problem = Assert.Throws<TriggerException>(() => KernelMount.Mount(new(mount.Path), _ => { }));
        Assert.Equal(ErrorCode.Exists, problem.Code);
    }

    [SkippableFact]
    public void A_mount_left_behind_by_a_crash_is_cleaned_up_at_the_next_start()
    {
        RealMount.SkipWithoutFuse();
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "mnt");
        Directory.CreateDirectory(path);
        FuseDevice dead = FuseDevice.Open();
        string options = $"fd={dead.Descriptor},rootmode=40000,user_id=0,group_id=0";
        Assert.Equal(0, Native.Mount("triggerfs", path, MountTable.Type, 0, options));
        dead.Dispose(); // The connection ends with its last descriptor, as with a kill -9.
        List<string> reports = [];
        KernelMount mount = KernelMount.Mount(new(path), reports.Add);
        try
        {
            Assert.Contains($"Cleaned up a stale mount in {path}", reports);
        }
        finally
        {
            mount.Device.Dispose();
            mount.Unmount(TimeSpan.Zero);
            Assert.Null(MountTable.At(path));
        }
    }
}
