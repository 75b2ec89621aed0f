using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Fs;
using TriggerFs.Fs.Operations;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Tests.Fs;

/// <summary>How large a message may be, and how much memory the unfinished ones may take.</summary>
public sealed class LimitTests
{
    private const ulong Async = 3, Lines = 4, Close = 5, Large = 6, LargeLines = 7, Small = 8, SmallLines = 9;

    private static readonly byte[] Piece = new byte[600 * 1024];

    private readonly FakeKernel _kernel = new(
        Nodes.Directory(2, 1, "d"),
        Nodes.Trigger(Async, 2, "async"),
        Nodes.Trigger(Lines, 2, "lines", MessageMode.Line),
        Nodes.Trigger(Close, 2, "close", MessageMode.Close),
        Nodes.Trigger(Large, 2, "large", MessageMode.Close, limit: Limits.TriggerLimitMax),
        Nodes.Trigger(LargeLines, 2, "largelines", MessageMode.Line, limit: Limits.TriggerLimitMax),
        Nodes.Trigger(Small, 2, "small", limit: 4),
        Nodes.Trigger(SmallLines, 2, "smalllines", MessageMode.Line, limit: 4));

    /// <summary>However slow this machine is, no line goes before its end.</summary>
    public LimitTests() => _kernel.FileSystem.Lines.Dispose();

    private FakeSink Sink => _kernel.Sink;

    private KeptBytes Kept => _kernel.FileSystem.Kept;

    [Fact]
    public void A_write_over_the_triggers_limit_is_refused()
    {
        ulong fh = _kernel.Open(Small);
        Assert.Equal(Errno.EMSGSIZE, _kernel.Write(Small, fh, "12345")!.Errno);
        Assert.Equal(4u, _kernel.Write(Small, fh, "1234")!.Body<WriteOut>().Size);
        Assert.Equal(["1234"], Sink.Texts);
    }

    [Fact]
    public void A_line_over_the_limit_is_refused_as_a_whole()
    {
        ulong fh = _kernel.Open(Lines);
        Assert.Equal(Errno.None, _kernel.Write(Lines, fh, Piece)!.Errno);
        Assert.Equal(Errno.EMSGSIZE, _kernel.Write(Lines, fh, Piece)!.Errno);
        _kernel.Release(Lines, fh);
        Assert.Empty(Sink.Fired);
        Assert.Equal(0, Kept.Total);
    }

    [Fact]
    public void Lines_before_one_over_the_limit_are_taken_and_the_write_is_short()
    {
        ulong fh = _kernel.Open(SmallLines);
        Assert.Equal(6u, _kernel.Write(SmallLines, fh, "abc\nd\nefghi\n")!.Body<WriteOut>().Size);
        Assert.Equal(Errno.EMSGSIZE, _kernel.Write(SmallLines, fh, "efghi\n")!.Errno);
        Assert.Equal(["abc\n", "d\n"], Sink.Texts);
    }

    [SkippableFact]
    public void A_line_up_to_the_triggers_limit_may_span_many_writes()
    {
        ulong fh = _kernel.Open(LargeLines);
        byte[] piece = new byte[1 << 20];
        long beganMs = Environment.TickCount64;
        for (int i = 1; i < 16; i++) Assert.Equal(Errno.None, _kernel.Write(LargeLines, fh, piece)!.Errno);
        piece[^1] = (byte)'\n';
        Assert.Equal(Errno.None, _kernel.Write(LargeLines, fh, piece)!.Errno);
        // A line that takes longer than that is sent as it is, which another test holds.
        Skip.If(Environment.TickCount64 - beganMs > 800, "the machine took longer for 16 MiB than a line may take");
        Assert.Equal(Limits.TriggerLimitMax, Assert.Single(Sink.Fired).Payload.Length);
        Assert.Equal(0, Kept.Total);
    }

    [Fact]
    public void A_message_until_close_over_the_limit_is_refused_and_not_a_byte_of_it_is_sent()
    {
        ulong fh = _kernel.Open(Close);
        Assert.Equal(Errno.None, _kernel.Write(Close, fh, Piece)!.Errno);
        Assert.Equal(Errno.EMSGSIZE, _kernel.Write(Close, fh, Piece)!.Errno);
        Assert.Equal(Errno.EMSGSIZE, _kernel.Write(Close, fh, "x")!.Errno);
        Assert.Equal(Errno.EMSGSIZE, _kernel.Fsync(Close, fh)!.Errno);
        _kernel.Release(Close, fh);
        Assert.Empty(Sink.Fired);
        Assert.Equal(0, Kept.Total);
    }

    [Fact]
    public void A_message_until_close_may_have_16_MiB_where_the_limit_says_so_and_not_a_byte_more()
    {
        ulong fh = _kernel.Open(Large), over = _kernel.Open(Large);
        byte[] piece = new byte[1 << 20];
        for (int i = 0; i < 16; i++)
        {
            Assert.Equal(Errno.None, _kernel.Write(Large, fh, piece)!.Errno);
            Assert.Equal(Errno.None, _kernel.Write(Large, over, piece)!.Errno);
        }
        Assert.Equal(Errno.EMSGSIZE, _kernel.Write(Large, over, "x")!.Errno);
        _kernel.Release(Large, fh);
        _kernel.Release(Large, over);
        Assert.Equal(Limits.TriggerLimitMax, Assert.Single(Sink.Fired).Payload.Length);
        Assert.Equal(0, Kept.Total);
    }

    [Fact]
    public void Unfinished_messages_of_many_handles_take_no_more_memory_than_there_is_for_them()
    {
        List<ulong> files = [];
        Errno errno = Errno.None;
        for (int i = 0; i < 200 && errno == Errno.None; i++)
        {
            files.Add(_kernel.Open(Close));
            errno = _kernel.Write(Close, files[^1], Piece)!.Errno;
        }
        Assert.Equal(Errno.ENOSPC, errno);
        Assert.InRange(Kept.Total, KeptBytes.Max / 2, KeptBytes.Max);
        Assert.Equal(Errno.ENOSPC, _kernel.Write(Close, files[^1], "x")!.Errno); // It misses bytes: all or nothing.
        foreach (ulong file in files) _kernel.Release(Close, file);
        Assert.Equal(files.Count - 1, Sink.Fired.Count);
        Assert.Equal(0, Kept.Total);
    }

    [Fact]
    public void Without_memory_for_its_beginning_a_line_is_refused_and_can_be_written_again()
    {
        ulong fh = _kernel.Open(Lines);
        Assert.True(Kept.TryTake(KeptBytes.Max));
        Assert.Equal(Errno.ENOSPC, _kernel.Write(Lines, fh, "no newline")!.Errno);
        Assert.Equal(2u, _kernel.Write(Lines, fh, "a\nb")!.Body<WriteOut>().Size);
        Kept.Return(KeptBytes.Max);
        Assert.Equal(2u, _kernel.Write(Lines, fh, "b\n")!.Body<WriteOut>().Size);
        Assert.Equal(["a\n", "b\n"], Sink.Texts);
    }
}
