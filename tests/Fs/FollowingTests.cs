using System.Text;
using TriggerFs.Fs.Operations;
using TriggerFs.Fs.Protocol;
using static TriggerFs.Tests.Fs.FakeKernel;

namespace TriggerFs.Tests.Fs;

/// <summary>tail -f: a handle that only reads sees what comes behind the last answer.</summary>
public sealed class FollowingTests
{
    private const ulong Trigger = 3, Other = 4;

    private readonly FakeKernel _kernel = new(
        Nodes.Directory(2, 1, "d"), Nodes.Trigger(Trigger, 2, "t"), Nodes.Trigger(Other, 2, "other"));

    private Followers Followers => _kernel.FileSystem.Followers;

    [Fact]
    public void Behind_the_end_of_the_last_answer_comes_what_was_put_out_since()
    {
        Answer("one\n");
        ulong fh = _kernel.Open(Trigger, OpenFlags.ReadOnly);
        Assert.Equal("one\n", Read(fh, 0));
        Answer("two\n");
        Assert.Equal("", Read(fh, 4)); // One reading sees one answer, and ends.
        Assert.Equal("two\n", Read(fh, 4));
        Assert.Equal("", Read(fh, 8));
        Answer("three\n", Other);
        Assert.Equal("", Read(fh, 8));
        Answer("four\n");
        Assert.Equal("fo", Read(fh, 8, size: 2));
        Assert.Equal("ur\n", Read(fh, 10));
        Assert.Equal("four\n", Read(fh, 0)); // From the beginning it is the last answer again.
    }

    [Fact]
    public void What_follows_an_empty_answer_is_read_once_though_it_begins_at_offset_0()
    {
        ulong fh = _kernel.Open(Trigger, OpenFlags.ReadOnly);
        Assert.Equal("", Read(fh, 0));
        Answer("one\n");
        Answer("two\n");
        Assert.Equal("one\ntwo\n", Read(fh, 0));
        Assert.Equal("", Read(fh, 8));
    }

    [Fact]
    public void A_trigger_that_is_followed_has_the_size_that_tail_has_read_and_can_read()
    {
        Answer("one\n");
        ulong fh = _kernel.Open(Trigger, OpenFlags.ReadOnly);
        Read(fh, 0);
        Assert.Equal((0ul, true), SizeAndWhetherItIsKept());
        Read(fh, 4);
        Assert.Equal((4ul, false), SizeAndWhetherItIsKept());
        Answer("more\n");
        Assert.Equal((9ul, false), SizeAndWhetherItIsKept());
        Assert.Equal("more\n", Read(fh, 4));
        Assert.Equal((9ul, false), SizeAndWhetherItIsKept());
        var ofHandle = new GetattrIn { GetattrFlags = GetattrFlags.Fh, Fh = fh };
        Assert.Equal(0ul, _kernel.Ask(Opcode.Getattr, Trigger, Bytes(ofHandle))!.Body<AttrOut>().Attr.Size);
        Assert.Equal(9ul, _kernel.Ask(Opcode.Lookup, 2, Name("t"))!.Body<EntryOut>().Attr.Size);
        Assert.Equal(0ul, _kernel.Ask(Opcode.Lookup, 2, Name("t"))!.Body<EntryOut>().AttrValid);
        _kernel.Release(Trigger, fh);
        Assert.Equal((0ul, true), SizeAndWhetherItIsKept());
        Assert.Equal(0, Followers.Count);
    }

    [Fact]
    public void The_size_is_never_less_than_what_one_of_several_has_read()
    {
        Answer("a long answer\n");
        ulong first = Followed();
        Answer("b\n");
        ulong second = Followed();
        Assert.Equal(16ul, SizeAndWhetherItIsKept().Size);
        Assert.Equal("b\n", Read(first, 14));
        _kernel.Release(Trigger, first);
        Assert.Equal(2ul, SizeAndWhetherItIsKept().Size);
        _kernel.Release(Trigger, second);
    }

    [Fact]
    public void A_follower_that_does_not_read_keeps_the_end_and_says_what_is_missing()
    {
        ulong fh = Followed();
        for (int i = 0; i < 10; i++) Answer(new string('x', 99_999) + (i == 9 ? "end" : "\n"));
        ulong size = SizeAndWhetherItIsKept().Size;
        string text = Read(fh, 0, from: 1) + Read(fh, 0, from: 1) + Read(fh, 0, from: 1);
        Assert.StartsWith("[triggerfs: ", text);
        Assert.EndsWith("xend", text);
        Assert.InRange(text.Length, Followers.WaitingMax, (int)size);
        Assert.Equal(0, Followers.Total);
    }

    [Fact]
    public void Many_followers_that_do_not_read_take_no_more_memory_than_there_is_for_them()
    {
        List<ulong> files = [.. Enumerable.Range(0, 50).Select(_ => Followed())];
        for (int i = 0; i < 3; i++) Answer(new string('x', 100_000));
        Assert.InRange(Followers.Total, 1, Followers.TotalMax);
        Assert.StartsWith("[triggerfs: ", Read(files[^1], 0, from: 1));
        foreach (ulong file in files) _kernel.Release(Trigger, file);
        Assert.Equal((0, 0L), (Followers.Count, Followers.Total));
    }

    [Fact]
    public void A_handle_that_writes_follows_no_more()
    {
        ulong fh = _kernel.Open(Trigger, OpenFlags.ReadWrite);
        Read(fh, 0);
        Assert.Equal(1, Followers.Count);
        Answer("answer\n", fh: fh);
        Assert.Equal(0, Followers.Count);
        Assert.Equal("answer\n", Read(fh, 0));
    }

    [SkippableTheory]
    [InlineData("tail -f")]
    [InlineData("tail -F")]
    [InlineData("tail -n 1 -f")]
    [InlineData("tail --follow=name --retry")]
    [InlineData("busybox tail -f")]
    public void Tail_shows_the_last_answer_and_new_ones_as_they_come(string tail)
    {
        using var mount = RealMount.Make(Nodes.Directory(2, 1, "d"), Nodes.Trigger(Trigger, 2, "t"));
        Skip.If(mount.Run($"command -v {tail.Split(' ')[0]}").Exit != 0, $"there is no {tail.Split(' ')[0]}");
        mount.Sink.OnFire = (_, payload, message) => ThreadPool.QueueUserWorkItem(_ =>
        {
            message.Taken();
            message.Output([.. "begin "u8], isError: false);
            Thread.Sleep(100);
            message.Output([.. "end of "u8, .. payload], isError: false);
            message.Ended(null, 0);
        });
        RealMount.Outcome run = mount.Run($$"""
            within() { for i in {1..200}; do $1 && return; sleep 0.05; done; echo "not in time: $1"; }
            saw() { [ "$(cat $B/seen)" = "$(printf "$expected")" ]; }
            echo one > d/t; kept() { grep -q one d/t; }; within kept
            : > $B/seen
            {{tail}} d/t > $B/seen 2> $B/errors & tail=$!
            expected='begin end of one\n'; within saw
            echo two > d/t; expected+='begin end of two\n'; within saw
            echo two > d/t; expected+='begin end of two\n'; within saw
            echo 3 >> d/t; expected+='begin end of 3\n'; within saw
            kill $tail; cat $B/seen $B/errors
            """);
        Assert.Equal("begin end of one\nbegin end of two\nbegin end of two\nbegin end of 3\n", run.Out);
        Assert.Equal("", run.Error);
    }

    [SkippableFact]
    public void While_it_is_followed_a_logger_that_rotates_at_a_size_does_not_rotate()
    {
        using var mount = RealMount.Make(Nodes.Directory(2, 1, "d"), Nodes.Trigger(Trigger, 2, "t"));
        Skip.If(mount.Run("command -v python3").Exit != 0, "there is no python3");
        mount.Sink.OnFire = (_, payload, message) =>
        {
            message.Taken();
            message.Output(payload, isError: false);
            message.Ended(null, 0);
        };
        RealMount.Outcome run = mount.Run("""
            : > $B/seen
            tail -f d/t > $B/seen 2>&1 & tail=$!
            python3 - <<'END'
            import logging.handlers, time
            log = logging.getLogger()
            log.addHandler(logging.handlers.RotatingFileHandler('d/t', maxBytes=50, backupCount=3))
            for i in range(20):
                log.warning('a line of some length'); time.sleep(0.1)
            END
            for i in {1..80}; do [ $(wc -l < $B/seen) = 20 ] && break; sleep 0.1; done
            kill $tail; wc -l < $B/seen; ls d
            """);
        Assert.Equal(("20\nt\n", ""), (run.Out, run.Error));
    }

    private string Read(ulong fh, ulong offset, uint size = 128 * 1024, ulong from = 0) =>
        _kernel.Read(Trigger, fh, offset + from, size)!.Text;

    /// <summary>A handle that has read to the end, of a trigger whose last answer is short.</summary>
    private ulong Followed()
    {
        ulong fh = _kernel.Open(Trigger, OpenFlags.ReadOnly);
        while (Read(fh, 0).Length > 0 && Read(fh, 1000).Length > 0)
        {
        }
        Read(fh, 1000);
        return fh;
    }

    private (ulong Size, bool IsKept) SizeAndWhetherItIsKept()
    {
        AttrOut answer = _kernel.Ask(Opcode.Getattr, Trigger, Bytes(default(GetattrIn)))!.Body<AttrOut>();
        return (answer.Attr.Size, answer.AttrValid > 0);
    }

    private void Answer(string output, ulong trigger = Trigger, ulong? fh = null)
    {
        _kernel.Sink.OnFire = (_, _, message) =>
        {
            message.Taken();
            message.Output(Encoding.UTF8.GetBytes(output), isError: false);
            message.Ended(null, 0);
        };
        ulong writer = fh ?? _kernel.Open(trigger);
        _kernel.Write(trigger, writer, "x");
        if (fh is null) _kernel.Release(trigger, writer);
    }
}
