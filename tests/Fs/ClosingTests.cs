using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Fs;
using TriggerFs.Fs.Protocol;
using static TriggerFs.Tests.Fs.FakeKernel;

namespace TriggerFs.Tests.Fs;

/// <summary>fsync, close, and what O_NONBLOCK leaves for them, as bytes.</summary>
public sealed class ClosingTests
{
    private const ulong Async = 3, Sync = 4, Lines = 5, Close = 6, SyncClose = 7, SyncLines = 8;
    private const uint NonBlocking = OpenFlags.ReadWrite | OpenFlags.NonBlocking;

    private readonly List<IFired> _waiting = [];

    private readonly FakeKernel _kernel = new(
        Nodes.Directory(2, 1, "d"),
        Nodes.Trigger(Async, 2, "async"),
        Nodes.Trigger(Sync, 2, "sync", synchronous: true),
        Nodes.Trigger(Lines, 2, "lines", MessageMode.Line),
        Nodes.Trigger(Close, 2, "close", MessageMode.Close),
        Nodes.Trigger(SyncClose, 2, "syncclose", MessageMode.Close, synchronous: true),
        Nodes.Trigger(SyncLines, 2, "synclines", MessageMode.Line, synchronous: true));

    public ClosingTests() => _kernel.Sink.OnFire = (_, _, message) => _waiting.Add(message);

    [Fact]
    public void Only_where_answers_may_be_waited_for_the_kernel_is_asked_to_tell_of_each_close()
    {
        Assert.False(OpenFlagsOf(Sync, OpenFlags.WriteOnly).HasFlag(FopenFlags.Noflush));
        Assert.True(OpenFlagsOf(Sync, OpenFlags.ReadOnly).HasFlag(FopenFlags.Noflush));
        Assert.True(OpenFlagsOf(Async, OpenFlags.WriteOnly).HasFlag(FopenFlags.Noflush));
    }

    [Fact]
    public void Fsync_and_close_of_what_wrote_nothing_return_at_once()
    {
        ulong fh = _kernel.Open(Sync);
        Assert.Equal(Errno.None, _kernel.Fsync(Sync, fh)!.Errno);
        Assert.Equal(Errno.None, _kernel.Flush(Sync, fh)!.Errno);
        Assert.Empty(_waiting);
    }

    [Fact]
    public void Fsync_ends_a_message_and_waits_until_it_is_safe()
    {
        ulong fh = _kernel.Open(Close);
        _kernel.Write(Close, fh, "one");
        Assert.Null(_kernel.Fsync(Close, fh));
        ulong syncing = _kernel.Unique;
        Assert.Equal(["one"], _kernel.Sink.Texts);
        Assert.Equal(WriterWaits.ForRoom, _kernel.Sink.Fired.Single().Waits);
        _waiting[0].Taken();
        Assert.Equal(Errno.None, _kernel.WaitFor(syncing).Errno);
        _kernel.Write(Close, fh, "two");
        _kernel.Release(Close, fh);
        Assert.Equal(["one", "two"], _kernel.Sink.Texts);
    }

    [Fact]
    public void Fsync_sends_a_line_that_has_not_ended()
    {
        ulong fh = _kernel.Open(Lines);
        _kernel.Write(Lines, fh, "no newline");
        Assert.Null(_kernel.Fsync(Lines, fh));
        Assert.Equal(["no newline"], _kernel.Sink.Texts);
        _waiting[0].Ended(ErrorCode.Storage, 0);
        Assert.Equal(Errno.ENOSPC, _kernel.WaitFor(_kernel.Unique).Errno);
        Assert.Equal(Errno.None, _kernel.Fsync(Lines, fh)!.Errno);
    }

    [Fact]
    public void Fsync_of_a_synchronous_trigger_waits_for_the_answer_and_fails_as_the_run_did()
    {
        ulong fh = _kernel.Open(SyncClose);
        _kernel.Write(SyncClose, fh, "false");
        Assert.Null(_kernel.Fsync(SyncClose, fh));
        Assert.Equal(WriterWaits.ForAnswer, _kernel.Sink.Fired.Single().Waits);
        _waiting[0].Ended(null, 3);
        Assert.Equal(Errno.EIO, _kernel.WaitFor(_kernel.Unique).Errno);
        Assert.Equal(Errno.None, _kernel.Fsync(SyncClose, fh)!.Errno);
    }

    [Fact]
    public void An_interrupted_fsync_gets_EINTR_and_what_it_waited_for_goes_on()
    {
        ulong fh = _kernel.Open(SyncClose);
        _kernel.Write(SyncClose, fh, "sleep 100");
        Assert.Null(_kernel.Fsync(SyncClose, fh));
        ulong syncing = _kernel.Unique;
        _kernel.Interrupt(syncing);
        Assert.Equal(Errno.EINTR, _kernel.WaitFor(syncing).Errno);
        Assert.Empty(_kernel.Sink.Abandoned);
        _waiting[0].Ended(null, 0);
        Assert.Single(_kernel.Later);
    }

    [Fact]
    public void The_last_close_of_a_synchronous_trigger_sends_as_an_asynchronous_one_because_nobody_waits()
    {
        ulong fh = _kernel.Open(SyncClose);
        _kernel.Write(SyncClose, fh, "x");
        _kernel.Release(SyncClose, fh);
        Assert.Equal(WriterWaits.ForRoom, _kernel.Sink.Fired.Single().Waits);
    }

    [Fact]
    public void What_was_kept_until_the_close_and_found_no_room_is_reported_as_lost()
    {
        _kernel.Sink.OnFire = (_, _, message) => message.Ended(ErrorCode.Storage, 0);
        ulong fh = _kernel.Open(Close);
        _kernel.Write(Close, fh, "12345");
        _kernel.Release(Close, fh);
        Assert.Contains(_kernel.Log.Lines, line => line.Contains("LOST: 5 bytes that 'close' kept"));
    }

    [Fact]
    public void What_was_kept_for_a_trigger_that_was_removed_is_reported_as_lost()
    {
        _kernel.Ask(Opcode.Lookup, 2, Name("close"));
        ulong fh = _kernel.Open(Close);
        _kernel.Write(Close, fh, "12345");
        _kernel.Tree.Apply(Nodes.Gone(Close));
        _kernel.Release(Close, fh);
        Assert.Empty(_kernel.Sink.Fired);
        Assert.Contains(_kernel.Log.Lines, line => line.Contains("LOST: 5 bytes that 'close' kept"));
    }

    [Fact]
    public void A_synchronous_write_that_may_not_wait_returns_and_the_close_waits_for_its_answer()
    {
        ulong fh = _kernel.Open(Sync);
        Assert.Equal(4u, Write(fh, "true")!.Body<WriteOut>().Size);
        Assert.Null(_kernel.Flush(Sync, fh));
        ulong closing = _kernel.Unique;
        _waiting[0].Ended(ErrorCode.TimedOut, 0);
        Assert.Equal(Errno.ETIMEDOUT, _kernel.WaitFor(closing).Errno);
        Assert.Equal(Errno.None, _kernel.Flush(Sync, fh)!.Errno);
    }

    [Fact]
    public void The_close_of_a_file_that_was_opened_with_O_NONBLOCK_does_not_wait()
    {
        ulong fh = _kernel.Open(Sync, OpenFlags.WriteOnly | OpenFlags.NonBlocking);
        Write(fh, "true");
        Assert.Equal(Errno.None, _kernel.Flush(Sync, fh)!.Errno);
    }

    [Fact]
    public void A_second_synchronous_write_that_may_not_wait_is_EAGAIN_until_poll_says_writable()
    {
        ulong fh = _kernel.Open(Sync, NonBlocking);
        Assert.NotEqual(0u, _kernel.Poll(Sync, fh) & PollEvents.Out);
        Write(fh, "one");
        Assert.Equal(0u, _kernel.Poll(Sync, fh) & PollEvents.Out);
        Assert.Equal(Errno.EAGAIN, Write(fh, "two")!.Errno);
        Assert.False(_kernel.WasWoken());
        _waiting[0].Ended(null, 0);
        Assert.True(_kernel.WasWoken());
        Assert.NotEqual(0u, _kernel.Poll(Sync, fh) & PollEvents.Out);
        Assert.Equal(3u, Write(fh, "two")!.Body<WriteOut>().Size);
        Assert.Equal(["one", "two"], _kernel.Sink.Texts);
    }

    [Fact]
    public void The_failure_of_a_synchronous_write_that_did_not_wait_is_told_once_to_the_next()
    {
        ulong fh = _kernel.Open(Sync); // Write-only: nobody reads the answer.
        Write(fh, "false");
        _waiting[0].Ended(null, 1);
        Assert.Equal(Errno.EIO, Write(fh, "two")!.Errno);
        Assert.Equal(3u, Write(fh, "two")!.Body<WriteOut>().Size);
        Assert.Equal(["false", "two"], _kernel.Sink.Texts);
    }

    [Fact]
    public void The_answer_to_a_synchronous_write_that_did_not_wait_is_read_and_its_failure_then_told_no_more()
    {
        ulong fh = _kernel.Open(Sync, NonBlocking);
        Write(fh, "uptime");
        Assert.Equal(Errno.EAGAIN, _kernel.Read(Sync, fh, flags: NonBlocking)!.Errno);
        Assert.Equal(0u, _kernel.Poll(Sync, fh) & PollEvents.In);
        _waiting[0].Output("up\n"u8, isError: false);
        Assert.True(_kernel.WasWoken());
        Assert.Equal("up\n", _kernel.Read(Sync, fh, flags: NonBlocking)!.Text);
        _waiting[0].Ended(ErrorCode.WorkerLost, 0);
        Assert.Equal(Errno.EIO, _kernel.Read(Sync, fh, flags: NonBlocking)!.Errno);
        Assert.Equal(Errno.None, _kernel.Fsync(Sync, fh)!.Errno);
    }

    [Fact]
    public void A_reader_that_is_interrupted_gives_up_what_a_synchronous_trigger_does_for_it()
    {
        ulong fh = _kernel.Open(Sync, NonBlocking);
        Write(fh, "sleep 1000");
        Assert.Null(_kernel.Read(Sync, fh));
        _kernel.Interrupt(_kernel.Unique);
        Assert.Equal(Errno.EINTR, new Reply(Assert.Single(_kernel.Later)).Errno);
        Assert.Equal([_waiting[0]], _kernel.Sink.Abandoned);
        Assert.Equal(Errno.None, _kernel.Flush(Sync, fh)!.Errno); // Nor does its close wait for that.
        _waiting[0].Ended(ErrorCode.Cancelled, 0);
        Assert.Equal(Errno.ECANCELED, _kernel.Read(Sync, fh)!.Errno);
    }

    [Fact]
    public void A_reader_that_is_interrupted_leaves_what_another_reader_or_the_writer_waits_for()
    {
        ulong fh = _kernel.Open(Sync, NonBlocking);
        Write(fh, "uptime");
        _kernel.Read(Sync, fh);
        ulong reading = _kernel.Unique;
        _kernel.Read(Sync, fh);
        _kernel.Interrupt(reading);
        ulong both = _kernel.Open(Sync, OpenFlags.ReadWrite);
        _kernel.Write(Sync, both, "waits"u8.ToArray());
        _kernel.Read(Sync, both);
        _kernel.Interrupt(_kernel.Unique);
        Assert.Empty(_kernel.Sink.Abandoned);
    }

    [Fact]
    public void Synchronous_lines_of_one_write_that_may_not_wait_are_all_sent()
    {
        ulong fh = _kernel.Open(SyncLines, NonBlocking);
        Assert.Equal(4u, _kernel.Write(SyncLines, fh, "a\nb\n"u8.ToArray(), NonBlocking)!.Body<WriteOut>().Size);
        Assert.Equal(["a\n", "b\n"], _kernel.Sink.Texts);
        _waiting[1].Ended(null, 0);
        Assert.Equal(0u, _kernel.Poll(SyncLines, fh) & PollEvents.Out);
        _waiting[0].Ended(null, 0);
        Assert.NotEqual(0u, _kernel.Poll(SyncLines, fh) & PollEvents.Out);
    }

    private Reply? Write(ulong fh, string text) =>
        _kernel.Write(Sync, fh, System.Text.Encoding.UTF8.GetBytes(text), NonBlocking);

    private FopenFlags OpenFlagsOf(ulong node, uint flags) =>
        _kernel.Ask(Opcode.Open, node, Bytes(new OpenIn { Flags = flags }))!.Body<OpenOut>().OpenFlags;
}
