using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Fs;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Tests.Fs;

/// <summary>Asynchronous writes that find no room: they wait, are short, or are refused, and lose nothing.</summary>
public sealed class WaitingForRoomTests
{
    private const ulong Async = 3, Lines = 4;
    private const uint NonBlocking = OpenFlags.WriteOnly | OpenFlags.NonBlocking;

    private readonly List<(string Text, IFired Message)> _waiting = [];

    private readonly FakeKernel _kernel = new(
        Nodes.Directory(2, 1, "d"),
        Nodes.Trigger(Async, 2, "async"),
        Nodes.Trigger(Lines, 2, "lines", MessageMode.Line));

    public WaitingForRoomTests() =>
        _kernel.Sink.OnFire = (_, bytes, message) => _waiting.Add((Encoding.UTF8.GetString(bytes), message));

    [Fact]
    public void How_a_file_is_written_says_whether_the_writer_may_wait()
    {
        ulong fh = _kernel.Open(Async);
        _kernel.Write(Async, fh, "x");
        _kernel.Write(Async, fh, "x"u8.ToArray(), NonBlocking);
        Assert.Equal(
            [WriterWaits.ForRoom, WriterWaits.ForNothing], _kernel.Sink.Fired.Select(fired => fired.Waits));
    }

    [Fact]
    public void A_write_that_may_not_wait_is_EAGAIN_where_there_is_no_room()
    {
        _kernel.Sink.OnFire = (_, _, message) => message.Ended(ErrorCode.Busy, 0);
        Assert.Equal(Errno.EAGAIN, _kernel.Write(Async, _kernel.Open(Async), "x"u8.ToArray(), NonBlocking)!.Errno);
    }

    [Fact]
    public void Poll_says_writable_when_there_is_room_and_wakes_when_there_is_again()
    {
        ulong fh = _kernel.Open(Async);
        Assert.NotEqual(0u, _kernel.Poll(Async, fh) & PollEvents.Out);
        _kernel.Sink.HasNoRoom = true;
        Assert.Equal(0u, _kernel.Poll(Async, fh) & PollEvents.Out);
        Assert.False(_kernel.WasWoken());
        _kernel.Sink.HasNoRoom = false;
        _kernel.Sink.OnRoom!();
        Assert.True(_kernel.WasWoken());
        Assert.NotEqual(0u, _kernel.Poll(Async, fh) & PollEvents.Out);
    }

    [Fact]
    public void A_write_that_waited_in_vain_is_ENOSPC()
    {
        Assert.Null(_kernel.Write(Async, _kernel.Open(Async), "x"));
        _waiting[0].Message.Ended(ErrorCode.Storage, 0);
        Assert.Equal(Errno.ENOSPC, _kernel.WaitFor(_kernel.Unique).Errno);
    }

    [Fact]
    public void A_writer_that_is_killed_while_it_waits_for_room_is_gone_at_once()
    {
        Assert.Null(_kernel.Write(Async, _kernel.Open(Async), "x"));
        ulong unique = _kernel.Unique;
        _kernel.Interrupt(unique);
        Assert.Equal(Errno.EINTR, _kernel.WaitFor(unique).Errno);
        Assert.Same(_waiting[0].Message, Assert.Single(_kernel.Sink.Abandoned));
        Assert.Equal(0, _kernel.Tree.Find(Async)!.WaitingWrites);
    }

    [Fact]
    public void Of_lines_that_waited_those_that_were_taken_count_and_the_write_is_short()
    {
        _kernel.FileSystem.Lines.Dispose();
        ulong fh = _kernel.Open(Lines);
        Assert.Null(_kernel.Write(Lines, fh, "a\nbb\nccc\nrest"));
        _waiting[0].Message.Taken();
        _waiting[1].Message.Taken();
        Assert.Empty(_kernel.Later);
        _waiting[2].Message.Ended(ErrorCode.Storage, 0);
        Assert.Equal(5u, _kernel.WaitFor(_kernel.Unique).Body<WriteOut>().Size);
        _kernel.Write(Lines, fh, "ccc\nrest");
        _kernel.Write(Lines, fh, "!\n");
        Assert.Equal(["a\n", "bb\n", "ccc\n", "ccc\n", "rest!\n"], _waiting.Select(fired => fired.Text));
    }

    [Fact]
    public void The_beginning_of_a_line_that_found_no_room_is_there_when_its_end_is_written_again()
    {
        _kernel.FileSystem.Lines.Dispose(); // However slow this machine is, no line goes before its end.
        ulong fh = _kernel.Open(Lines);
        _kernel.Write(Lines, fh, "begin ");
        Assert.Null(_kernel.Write(Lines, fh, "end\nrest"));
        _waiting[0].Message.Ended(ErrorCode.Storage, 0);
        Assert.Equal(Errno.ENOSPC, _kernel.WaitFor(_kernel.Unique).Errno);
        _kernel.Write(Lines, fh, "end\nrest");
        Assert.Equal(["begin end\n", "begin end\n"], _waiting.Select(fired => fired.Text));
        _kernel.Release(Lines, fh);
        Assert.Equal("rest", _waiting.Last().Text);
    }

    [Fact]
    public void The_beginning_of_a_line_is_there_also_when_there_was_no_room_at_once()
    {
        _kernel.FileSystem.Lines.Dispose();
        ulong fh = _kernel.Open(Lines);
        _kernel.Write(Lines, fh, "begin ");
        _kernel.Sink.OnFire = (_, _, message) => message.Ended(ErrorCode.Busy, 0);
        Assert.Equal(Errno.EAGAIN, _kernel.Write(Lines, fh, "end\n"u8.ToArray(), NonBlocking)!.Errno);
        _kernel.Release(Lines, fh);
        Assert.Equal(["begin end\n", "begin "], _kernel.Sink.Texts);
    }

    [Fact]
    public void Lines_that_were_taken_before_a_signal_came_count()
    {
        ulong fh = _kernel.Open(Lines);
        Assert.Null(_kernel.Write(Lines, fh, "a\nbb\n"));
        ulong unique = _kernel.Unique;
        _waiting[0].Message.Taken();
        _kernel.Interrupt(unique);
        Assert.Equal(2u, _kernel.WaitFor(unique).Body<WriteOut>().Size);
        Assert.Same(_waiting[1].Message, Assert.Single(_kernel.Sink.Abandoned));
        _waiting[1].Message.Ended(ErrorCode.Cancelled, 0);
        Assert.Single(_kernel.Later);
    }

    [Fact]
    public void A_line_that_has_not_ended_does_not_go_while_its_write_waits()
    {
        ulong fh = _kernel.Open(Lines);
        Assert.Null(_kernel.Write(Lines, fh, "a\nrest"));
        Assert.False(SpinWait.SpinUntil(() => _waiting.Count > 1, TimeSpan.FromSeconds(1.5)));
        _waiting[0].Message.Taken();
        Assert.True(SpinWait.SpinUntil(() => _waiting.Count > 1, TimeSpan.FromSeconds(20)));
        Assert.Equal("rest", _waiting[1].Text);
    }
}
