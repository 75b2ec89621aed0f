using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Fs;
using TriggerFs.Fs.Operations;
using TriggerFs.Fs.Protocol;
using static TriggerFs.Tests.Fs.FakeKernel;

namespace TriggerFs.Tests.Fs;

/// <summary>Writes become messages, and answers come back, as bytes.</summary>
public sealed class WritingTests
{
    private const ulong Async = 3, Sync = 4, Lines = 5, SyncLines = 6, Close = 7, Loose = 8;

    private readonly FakeKernel _kernel = new(
        Nodes.Directory(2, 1, "d"),
        Nodes.Trigger(Async, 2, "async"),
        Nodes.Trigger(Sync, 2, "sync", synchronous: true),
        Nodes.Trigger(Lines, 2, "lines", MessageMode.Line),
        Nodes.Trigger(SyncLines, 2, "synclines", MessageMode.Line, synchronous: true),
        Nodes.Trigger(Close, 2, "close", MessageMode.Close),
        Nodes.Trigger(Loose, 2, "loose", service: ""));

    private FakeSink Sink => _kernel.Sink;

    [Fact]
    public void Each_write_is_one_message_whatever_its_offset()
    {
        ulong fh = _kernel.Open(Async);
        Assert.Equal(6u, _kernel.Write(Async, fh, "uptime")!.Body<WriteOut>().Size);
        var elsewhere = new WriteIn { Fh = fh, Offset = 1 << 20, Size = 2 };
        Assert.Equal(2u, _kernel.Ask(Opcode.Write, Async, Bytes(elsewhere), "id"u8.ToArray())!.Body<WriteOut>().Size);
        Assert.Equal(["uptime", "id"], Sink.Texts);
    }

    [Fact]
    public void A_flush_is_not_the_end_of_a_message()
    {
        ulong fh = _kernel.Open(Close);
        Flush();
        _kernel.Write(Close, fh, "one ");
        Flush();
        _kernel.Write(Close, fh, "two");
        Assert.Empty(Sink.Fired);
        _kernel.Release(Close, fh);
        Assert.Equal(["one two"], Sink.Texts);
        void Flush() =>
            Assert.Equal(Errno.None, _kernel.Ask(Opcode.Flush, Close, Bytes(new FlushIn { Fh = fh }))!.Errno);
    }

    [Fact]
    public void A_write_that_promises_more_bytes_than_it_has_is_refused()
    {
        ulong fh = _kernel.Open(Async);
        var lie = new WriteIn { Fh = fh, Size = uint.MaxValue };
        Assert.Equal(Errno.EIO, _kernel.Ask(Opcode.Write, Async, Bytes(lie), "x"u8.ToArray())!.Errno);
        Assert.Empty(Sink.Fired);
    }

    [Fact]
    public void A_write_as_large_as_the_kernels_largest_is_refused_and_never_sent_in_pieces()
    {
        ulong fh = _kernel.Open(Async);
        int whole = _kernel.FileSystem.Options.WholeWriteMax;
        Assert.Equal(Errno.EMSGSIZE, _kernel.Write(Async, fh, new byte[whole + 1])!.Errno);
        Assert.Empty(Sink.Fired);
        Assert.Equal((uint)whole, _kernel.Write(Async, fh, new byte[whole])!.Body<WriteOut>().Size);
    }

    [Fact]
    public void Pages_of_16_KiB_leave_room_for_a_whole_write_of_one_page_less()
    {
        var options = new FileSystemOptions(0, 0, PageSize: 16384);
        Assert.Equal((64, 63 * 16384), (options.Pages, options.WholeWriteMax));
    }

    [Fact]
    public void A_trigger_that_is_attached_to_nothing_has_nobody_behind_it() =>
        Assert.Equal(Errno.ENXIO, _kernel.Write(Loose, _kernel.Open(Loose), "x")!.Errno);

    [Fact]
    public void A_handle_opened_to_read_cannot_write() =>
        Assert.Equal(Errno.EBADF, _kernel.Write(Async, _kernel.Open(Async, OpenFlags.ReadOnly), "x")!.Errno);

    [Fact]
    public void A_trigger_removed_while_open_is_stale_to_its_writers()
    {
        ulong fh = _kernel.Open(Async);
        _kernel.Ask(Opcode.Lookup, 2, Name("async"));
        _kernel.Tree.Apply(Nodes.Gone(Async));
        Assert.Equal(Errno.ESTALE, _kernel.Write(Async, fh, "x")!.Errno);
    }

    [Theory]
    [InlineData(ErrorCode.NoWorker, Errno.EHOSTUNREACH)]
    [InlineData(ErrorCode.TimedOut, Errno.ETIMEDOUT)]
    [InlineData(ErrorCode.NotAllowed, Errno.EACCES)]
    [InlineData(ErrorCode.TooLarge, Errno.EMSGSIZE)]
    [InlineData(ErrorCode.WorkerLost, Errno.EIO)]
    [InlineData(ErrorCode.Busy, Errno.EAGAIN)]
    [InlineData(ErrorCode.BrokerUnreachable, Errno.ENOTCONN)]
    internal void A_failed_synchronous_write_is_an_errno(ErrorCode code, Errno errno)
    {
        Sink.OnFire = (_, _, message) => message.Ended(code, 0);
        Assert.Equal(errno, _kernel.Write(Sync, _kernel.Open(Sync), "x")!.Errno);
    }

    [Fact]
    public void Every_error_code_has_an_errno_for_writes_and_for_changes()
    {
        foreach (ErrorCode code in Enum.GetValues<ErrorCode>())
        {
            Assert.NotEqual(Errno.None, Errnos.OfFire(code));
            Assert.NotEqual(Errno.None, Errnos.OfChange(code));
        }
    }

    [Fact]
    public void A_synchronous_write_waits_for_the_answer_and_an_exit_code_is_EIO()
    {
        IFired? waiting = null;
        Sink.OnFire = (_, _, message) => waiting = message;
        ulong fh = _kernel.Open(Sync);
        Assert.Null(_kernel.Write(Sync, fh, "true"));
        ulong first = _kernel.Unique;
        Assert.Empty(_kernel.Later);
        waiting!.Taken();
        Assert.Empty(_kernel.Later);
        waiting.Ended(null, 0);
        Assert.Equal(4u, _kernel.WaitFor(first).Body<WriteOut>().Size);
        Assert.Null(_kernel.Write(Sync, fh, "false"));
        waiting.Ended(null, 3);
        Assert.Equal(Errno.EIO, _kernel.WaitFor(_kernel.Unique).Errno);
        Assert.Equal(0, _kernel.FileSystem.Pending.Count);
    }

    [Fact]
    public void An_asynchronous_write_returns_when_the_message_is_safe_and_not_before()
    {
        IFired? waiting = null;
        Sink.OnFire = (_, _, message) => waiting = message;
        Assert.Null(_kernel.Write(Async, _kernel.Open(Async), "x"));
        waiting!.Taken();
        Assert.Equal(1u, _kernel.WaitFor(_kernel.Unique).Body<WriteOut>().Size);
        waiting.Ended(ErrorCode.NoWorker, 0);
        Assert.Single(_kernel.Later);
    }

    [Fact]
    public void An_interrupted_synchronous_write_gets_EINTR_once_and_its_request_is_abandoned()
    {
        IFired? waiting = null;
        Sink.OnFire = (_, _, message) => waiting = message;
        Assert.Null(_kernel.Write(Sync, _kernel.Open(Sync), "sleep 100"));
        ulong unique = _kernel.Unique;
        Assert.Null(_kernel.Ask(Opcode.Interrupt, 0, Bytes(new InterruptIn { Unique = unique })));
        Assert.Equal(Errno.EINTR, _kernel.WaitFor(unique).Errno);
        Assert.Same(waiting, Assert.Single(Sink.Abandoned));
        waiting!.Ended(ErrorCode.Cancelled, 0);
        Assert.Single(_kernel.Later);
    }

    [Fact]
    public void A_message_that_was_abandoned_is_not_used_for_another_write()
    {
        List<IFired> seen = [];
        Sink.OnFire = (_, _, message) => seen.Add(message);
        ulong fh = _kernel.Open(Sync);
        _kernel.Write(Sync, fh, "1");
        _kernel.Ask(Opcode.Interrupt, 0, Bytes(new InterruptIn { Unique = _kernel.Unique }));
        seen[0].Ended(ErrorCode.Cancelled, 0);
        _kernel.Write(Sync, fh, "2");
        seen[1].Ended(null, 0);
        _kernel.Write(Sync, fh, "3");
        Assert.NotSame(seen[0], seen[1]);
        Assert.Same(seen[1], seen[2]);
    }

    [Fact]
    public void The_last_answer_is_kept_with_its_exit_code_and_its_run()
    {
        Assert.False(_kernel.FileSystem.Answers.TryGetEnd(new(Async), out _, out _));
        Sink.OnFire = (_, _, message) =>
        {
            message.Taken();
            message.Ended(null, 3, new(17));
        };
        _kernel.Write(Async, _kernel.Open(Async), "false");
        Assert.True(_kernel.FileSystem.Answers.TryGetEnd(new(Async), out int exitCode, out RunId run));
        Assert.Equal((3, new RunId(17)), (exitCode, run));
    }

    [Fact]
    public void Lines_are_messages_also_when_they_span_writes()
    {
        ulong fh = _kernel.Open(Lines);
        Assert.Equal(8u, _kernel.Write(Lines, fh, "one\ntwo\n")!.Body<WriteOut>().Size);
        Assert.Equal(4u, _kernel.Write(Lines, fh, "th\nr")!.Body<WriteOut>().Size);
        _kernel.Write(Lines, fh, "e");
        _kernel.Write(Lines, fh, "e\n\nrest");
        Assert.Equal(["one\n", "two\n", "th\n", "ree\n", "\n"], Sink.Texts);
        _kernel.Release(Lines, fh);
        Assert.Equal("rest", Sink.Texts.Last());
    }

    [Fact]
    public void A_line_that_does_not_end_goes_after_a_second()
    {
        ulong fh = _kernel.Open(Lines);
        _kernel.Write(Lines, fh, "prompt> ");
        Assert.Empty(Sink.Fired);
        Assert.True(SpinWait.SpinUntil(() => !Sink.Fired.IsEmpty, TimeSpan.FromSeconds(10)));
        Assert.Equal(["prompt> "], Sink.Texts);
    }

    [Fact]
    public void When_the_queue_is_full_in_the_middle_of_lines_the_write_is_short()
    {
        int room = 2;
        Sink.OnFire = (_, _, message) =>
        {
            if (room-- > 0) message.Taken();
            message.Ended(room >= 0 ? null : ErrorCode.Busy, 0);
        };
        ulong fh = _kernel.Open(Lines);
        Assert.Equal(4u, _kernel.Write(Lines, fh, "a\nb\nc\nd\n")!.Body<WriteOut>().Size);
        Assert.Equal(Errno.EAGAIN, _kernel.Write(Lines, fh, "c\nd\n")!.Errno);
    }

    [Fact]
    public void Synchronous_lines_are_answered_together()
    {
        List<IFired> waiting = [];
        Sink.OnFire = (_, _, message) => waiting.Add(message);
        Assert.Null(_kernel.Write(SyncLines, _kernel.Open(SyncLines), "a\nb\n"));
        waiting[0].Ended(null, 0);
        Assert.Empty(_kernel.Later);
        waiting[1].Ended(null, 0);
        Assert.Equal(4u, _kernel.WaitFor(_kernel.Unique).Body<WriteOut>().Size);
    }

    [Fact]
    public void A_fresh_handle_reads_the_last_answer_at_its_offsets()
    {
        Assert.Equal("", _kernel.Read(Async, _kernel.Open(Async, OpenFlags.ReadOnly))!.Text);
        Answer("up 8:26\n");
        _kernel.Write(Async, _kernel.Open(Async), "uptime");
        ulong fh = _kernel.Open(Async, OpenFlags.ReadOnly);
        Assert.Equal("up 8:26\n", _kernel.Read(Async, fh)!.Text);
        Assert.Equal("8:26\n", _kernel.Read(Async, fh, offset: 3)!.Text);
        Assert.Equal("", _kernel.Read(Async, fh, offset: 8)!.Text);
        Assert.Equal("up", _kernel.Read(Async, fh, size: 2)!.Text);
    }

    [Fact]
    public void The_last_answer_is_bounded_and_says_what_is_missing()
    {
        Answer(new string('x', 100_000) + "end");
        _kernel.Write(Async, _kernel.Open(Async), "big");
        string text = _kernel.Read(Async, _kernel.Open(Async, OpenFlags.ReadOnly), size: 1 << 20)!.Text;
        Assert.StartsWith($"[triggerfs: {100_003 - AnswerStore.AnswerMax} bytes before this are not kept]\n", text);
        Assert.EndsWith("xend", text);
    }

    [Fact]
    public void The_handle_that_wrote_reads_its_answer_and_then_the_end()
    {
        Answer("up\n");
        ulong fh = _kernel.Open(Async, OpenFlags.ReadWrite);
        _kernel.Write(Async, fh, "uptime\n");
        Assert.Equal("u", _kernel.Read(Async, fh, offset: 7, size: 1)!.Text);
        Assert.Equal("p\n", _kernel.Read(Async, fh, offset: 8)!.Text);
        Assert.Equal("", _kernel.Read(Async, fh, offset: 10)!.Text);
        _kernel.Write(Async, fh, "uptime\n");
        Assert.Equal("up\n", _kernel.Read(Async, fh, offset: 17)!.Text);
    }

    [Fact]
    public void A_read_waits_for_its_answer_and_gets_output_as_it_comes()
    {
        IFired? waiting = null;
        Sink.OnFire = (_, _, message) =>
        {
            waiting = message;
            message.Taken();
        };
        ulong fh = _kernel.Open(Async, OpenFlags.ReadWrite);
        _kernel.Write(Async, fh, "make");
        Assert.Null(_kernel.Read(Async, fh));
        waiting!.Output("compiling\n"u8, isError: false);
        Assert.Equal("compiling\n", _kernel.WaitFor(_kernel.Unique).Text);
        Assert.Null(_kernel.Read(Async, fh));
        waiting.Ended(null, 0);
        Assert.Equal(0, _kernel.WaitFor(_kernel.Unique).Rest.Length);
    }

    [Fact]
    public void Two_writes_are_read_in_the_order_in_which_they_were_written()
    {
        List<IFired> waiting = [];
        Sink.OnFire = (_, _, message) =>
        {
            waiting.Add(message);
            message.Taken();
        };
        ulong fh = _kernel.Open(Async, OpenFlags.ReadWrite);
        _kernel.Write(Async, fh, "a");
        _kernel.Write(Async, fh, "b");
        waiting[1].Output("second"u8, isError: false);
        waiting[1].Ended(null, 0);
        Assert.Null(_kernel.Read(Async, fh));
        waiting[0].Ended(null, 0);
        Assert.Equal("second", _kernel.WaitFor(_kernel.Unique).Text);
    }

    [Fact]
    public void An_answer_that_failed_is_an_errno_to_its_reader()
    {
        Sink.OnFire = (_, _, message) =>
        {
            message.Taken();
            message.Ended(ErrorCode.NoWorker, 0);
        };
        ulong fh = _kernel.Open(Async, OpenFlags.ReadWrite);
        _kernel.Write(Async, fh, "x");
        Assert.Equal(Errno.EHOSTUNREACH, _kernel.Read(Async, fh)!.Errno);
        Assert.Equal("", _kernel.Read(Async, fh)!.Text);
    }

    [Fact]
    public void A_read_that_may_not_wait_is_EAGAIN_and_poll_wakes_it()
    {
        IFired? waiting = null;
        Sink.OnFire = (_, _, message) =>
        {
            waiting = message;
            message.Taken();
        };
        ulong fh = _kernel.Open(Async, OpenFlags.ReadWrite);
        _kernel.Write(Async, fh, "x");
        Assert.Equal(Errno.EAGAIN, _kernel.Read(Async, fh, flags: OpenFlags.ReadWrite | OpenFlags.NonBlocking)!.Errno);
        var poll = new PollIn { Fh = fh, Kh = 42, Flags = PollEvents.ScheduleNotify };
        Assert.Equal(0u, _kernel.Ask(Opcode.Poll, Async, Bytes(poll))!.Body<PollOut>().Revents & PollEvents.In);
        waiting!.Output("y"u8, isError: false);
        Assert.True(_kernel.Later.TryDequeue(out byte[]? notice));
        Assert.Equal((0ul, (int)NotifyCode.Poll), (new Reply(notice).Unique, new Reply(notice).Code));
        Assert.NotEqual(0u, _kernel.Ask(Opcode.Poll, Async, Bytes(poll))!.Body<PollOut>().Revents & PollEvents.In);
    }

    [Fact]
    public void An_interrupted_read_loses_no_output()
    {
        IFired? waiting = null;
        Sink.OnFire = (_, _, message) =>
        {
            waiting = message;
            message.Taken();
        };
        ulong fh = _kernel.Open(Async, OpenFlags.ReadWrite);
        _kernel.Write(Async, fh, "x");
        Assert.Null(_kernel.Read(Async, fh));
        ulong reading = _kernel.Unique;
        _kernel.Ask(Opcode.Interrupt, 0, Bytes(new InterruptIn { Unique = reading }));
        Assert.Equal(Errno.EINTR, _kernel.WaitFor(reading).Errno);
        waiting!.Output("kept"u8, isError: false);
        Assert.Equal("kept", _kernel.Read(Async, fh)!.Text);
        Assert.Empty(Sink.Abandoned); // The message of an asynchronous trigger was taken for good.
    }

    private void Answer(string output) => Sink.OnFire = (_, _, message) =>
    {
        message.Taken();
        message.Output(Encoding.UTF8.GetBytes(output), isError: false);
        message.Ended(null, 0);
    };
}
