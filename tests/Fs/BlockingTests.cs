using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;

namespace TriggerFs.Tests.Fs;

/// <summary>Programs that wait, on a real mount: what they wait for, what does not wait, and how they die.</summary>
public sealed class BlockingTests
{
    private static readonly TreeNode[] Demo =
    [
        Nodes.Directory(2, 1, "d"),
        Nodes.Trigger(3, 2, "t"),
        Nodes.Trigger(4, 2, "sync", synchronous: true),
        Nodes.Trigger(5, 2, "close", MessageMode.Close),
        Nodes.Trigger(6, 2, "syncclose", MessageMode.Close, synchronous: true),
    ];

    [SkippableTheory]
    [InlineData("echo x > d/sync")]
    [InlineData("echo x > d/t")]
    [InlineData("exec 3<> d/taken; echo x >&3; cat <&3")]
    [InlineData("dd if=/dev/zero of=d/syncclose bs=1 count=1 conv=fsync status=none")]
    [InlineData("dd if=/dev/zero of=d/close bs=1 count=1 conv=fsync status=none")]
    [InlineData("python3 -c 'import os, fcntl; fd = os.open(\"d/sync\", os.O_WRONLY); "
        + "fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK); os.write(fd, b\"x\"); os.close(fd)'")]
    public void Whoever_waits_is_killed_at_once_and_nothing_of_it_is_left(string script)
    {
        using var mount = RealMount.Make([.. Demo, Nodes.Trigger(7, 2, "taken")]);
        File.WriteAllText(Path.Combine(mount.Beside, "script"), script);
        mount.Sink.OnFire = (trigger, _, message) =>
        {
            if (trigger.Value == 7) message.Taken();
            File.WriteAllText(Path.Combine(mount.Beside, "fired"), "");
        };
        RealMount.Outcome run = mount.Run(
            "setsid bash $B/script & for i in {1..200}; do [ -e $B/fired ] && break; sleep 0.05; done; sleep 0.2; "
            + "kill -KILL -- -$!; wait $!; echo $?");
        Assert.Equal("137\n", run.Out);
        Assert.True(SpinWait.SpinUntil(() => mount.Session.FileSystem.Pending.Count == 0, TimeSpan.FromSeconds(10)));
        Assert.True(SpinWait.SpinUntil(() => mount.Session.FileSystem.Files.Count == 0, TimeSpan.FromSeconds(10)));
        Assert.Single(mount.Sink.Fired);
    }

    [SkippableFact]
    public void While_a_write_waits_for_its_answer_looking_at_its_file_does_not()
    {
        using var mount = RealMount.Make(Demo);
        IFired? waiting = null;
        mount.Sink.OnFire = (trigger, _, message) =>
        {
            if (trigger.Value != 4)
            {
                message.Ended(null, 0);
                return;
            }
            waiting = message;
            File.WriteAllText(Path.Combine(mount.Beside, "fired"), "");
        };
        RealMount.Outcome run = mount.Run("""
            (exec > d/sync 2> /dev/null; echo x) &
            for i in {1..200}; do [ -e $B/fired ] && break; sleep 0.05; done; sleep 0.1
            echo 'import os; os.getxattr("d/sync", "user.triggerfs.mode")' > $B/getxattr
            for look in 'ls -l d' 'stat d/sync' 'cat d/sync' 'df d/sync' 'test -w d/sync' 'exec 4>> d/sync' \
                'echo y > d/t' 'find . -newer d/t' 'python3 $B/getxattr'; do
                timeout -s KILL 5 bash -c "$look" > /dev/null || echo $look
            done
            """);
        Assert.Equal(("", ""), (run.Out, run.Error));
        Assert.NotNull(waiting);
        waiting!.Ended(null, 0);
    }

    [SkippableFact]
    public void While_one_request_holds_its_reader_up_another_reader_serves_the_others()
    {
        using var mount = RealMount.Make(Demo);
        using var isHeld = new ManualResetEventSlim();
        using var goesOn = new ManualResetEventSlim();
        mount.Sink.OnFire = (_, _, message) =>
        {
            isHeld.Set();
            goesOn.Wait(TimeSpan.FromSeconds(10));
            message.Taken();
            message.Ended(null, 0);
        };
        Task<RealMount.Outcome> writer = Task.Run(() => mount.Run("echo x > d/t"));
        Assert.True(isHeld.Wait(TimeSpan.FromSeconds(10)));
        Assert.Equal((0, "close\n"), (mount.Run("stat d/new; ls d/close").Exit, mount.Run("cd d; ls close").Out));
        goesOn.Set();
        Assert.Equal((0, ""), (writer.Result.Exit, writer.Result.Error));
    }

    [SkippableFact]
    public void Two_synchronous_writes_to_one_file_run_one_after_the_other()
    {
        using var mount = RealMount.Make(Demo);
        int atOnce = 0, most = 0;
        mount.Sink.OnFire = (_, _, message) => ThreadPool.QueueUserWorkItem(_ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref atOnce));
            Thread.Sleep(50);
            Interlocked.Decrement(ref atOnce);
            message.Ended(null, 0);
        });
        RealMount.Outcome run = mount.Run("for i in 1 2 3 4; do echo $i > d/sync & done; wait");
        Assert.Equal((0, ""), (run.Exit, run.Error));
        Assert.Equal((4, 1), (mount.Sink.Fired.Count, most));
    }

    [SkippableFact]
    public void A_trigger_removed_while_it_is_open_is_stale_to_its_writer()
    {
        using var mount = RealMount.Make(Demo);
        mount.Sink.OnFire = (_, _, message) =>
        {
            mount.Tree.Apply(Nodes.Gone(3));
            message.Taken();
            message.Ended(null, 0);
        };
        RealMount.Outcome run = mount.Run("exec 3> d/t; echo one >&3; echo two >&3");
        Assert.Contains("Stale file handle", run.Error);
        Assert.Equal(["one\n"], mount.Sink.Texts);
    }

    [SkippableFact]
    public void Fsync_waits_for_the_answer_and_fails_as_the_run_did()
    {
        using var mount = RealMount.Make(Demo);
        mount.Sink.OnFire = (_, _, message) => ThreadPool.QueueUserWorkItem(_ =>
        {
            Thread.Sleep(100);
            message.Ended(null, 7);
        });
        RealMount.Outcome run = mount.Run(
            "echo false > $B/x; dd if=$B/x of=d/syncclose conv=fsync status=none; echo $?; "
            + "dd if=$B/x of=d/syncclose status=none; echo $?");
        Assert.Equal("1\n0\n", run.Out);
        Assert.Contains("fsync failed", run.Error);
        Assert.Contains("Input/output error", run.Error);
    }

    [SkippableFact]
    public void A_writer_that_waits_for_room_goes_on_when_there_is_some_and_one_that_may_not_gets_EAGAIN()
    {
        using var mount = RealMount.Make(Demo);
        SkipWithoutPython(mount);
        List<IFired> waiting = [];
        mount.Sink.OnFire = (_, _, message) =>
        {
            if (mount.Sink.Fired.Last().Waits == WriterWaits.ForNothing)
            {
                mount.Sink.HasNoRoom = true;
                message.Ended(ErrorCode.Busy, 0);
                ThreadPool.QueueUserWorkItem(_ =>
                {
                    while (mount.Sink.OnRoom is null) Thread.Sleep(10);
                    mount.Sink.HasNoRoom = false;
                    mount.Sink.OnFire = (_, _, later) => later.Taken();
                    mount.Sink.OnRoom();
                });
                return;
            }
            ThreadPool.QueueUserWorkItem(_ =>
            {
                Thread.Sleep(100);
                message.Taken();
            });
        };
        RealMount.Outcome run = mount.Run("""
            echo waits > d/t && python3 - << 'END'
            import os, select
            fd = os.open('d/t', os.O_WRONLY | os.O_NONBLOCK)
            try: os.write(fd, b'x')
            except BlockingIOError: print('EAGAIN')
            poll = select.poll(); poll.register(fd, select.POLLOUT)
            print(poll.poll(10000) == [(fd, select.POLLOUT)])
            print(os.write(fd, b'again'))
            END
            """);
        Assert.Equal(("EAGAIN\nTrue\n5\n", ""), (run.Out, run.Error));
        Assert.Equal(["waits\n", "x", "again"], mount.Sink.Texts);
    }

    [SkippableFact]
    public void A_synchronous_trigger_works_with_O_NONBLOCK_poll_and_select()
    {
        using var mount = RealMount.Make(Demo);
        SkipWithoutPython(mount);
        mount.Sink.OnFire = (_, payload, message) => ThreadPool.QueueUserWorkItem(_ =>
        {
            Thread.Sleep(200);
            message.Output([.. "answer to "u8, .. payload], isError: false);
            Thread.Sleep(200);
            message.Ended(null, Encoding.UTF8.GetString(payload) == "false" ? 1 : 0);
        });
        RealMount.Outcome run = mount.Run("""
            python3 - << 'END'
            import os, select
            fd = os.open('d/sync', os.O_RDWR | os.O_NONBLOCK)
            print(os.write(fd, b'true'))
            for call in (lambda: os.write(fd, b'two'), lambda: os.read(fd, 99)):
                try: call()
                except BlockingIOError: print('EAGAIN')
            print(select.select([fd], [fd], [], 0))
            print(select.select([fd], [], [], 10) == ([fd], [], []), os.read(fd, 99))
            print(select.select([], [fd], [], 10) == ([], [fd], []), os.read(fd, 99))
            os.close(fd)
            fd = os.open('d/sync', os.O_WRONLY | os.O_NONBLOCK)
            os.write(fd, b'false')
            print(select.select([], [fd], [], 10) == ([], [fd], []))
            try: os.write(fd, b'next')
            except OSError as problem: print(problem.strerror)
            END
            """);
        Assert.Equal(
            "4\nEAGAIN\nEAGAIN\n([], [], [])\nTrue b'answer to true'\nTrue b''\nTrue\nInput/output error\n", run.Out);
        Assert.Equal("", run.Error);
        Assert.Equal(["true", "false"], mount.Sink.Texts);
    }

    [SkippableFact]
    public void A_signal_with_a_handler_ends_the_wait_with_EINTR_and_cancels_the_request()
    {
        using var mount = RealMount.Make(Demo);
        SkipWithoutPython(mount);
        mount.Sink.OnFire = (_, _, _) => { };
        RealMount.Outcome run = mount.Run("""
            python3 - << 'END'
            import os, signal
            def enough(*_): raise TimeoutError
            signal.signal(signal.SIGALRM, enough)
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            fd = os.open('d/sync', os.O_WRONLY)
            try: os.write(fd, b'sleep 100')
            except TimeoutError: print('interrupted')
            END
            """);
        Assert.Equal(("interrupted\n", ""), (run.Out, run.Error));
        Assert.Single(mount.Sink.Abandoned);
    }

    private static void SkipWithoutPython(RealMount mount) =>
        Skip.If(mount.Run("command -v python3").Exit != 0, "there is no python3");
}
