using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Fs;
using TriggerFs.Fs.Operations;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Tests.Fs;

/// <summary>
/// A reader that is slower than the plugin slows it down, as a pipe would; who never reads holds nobody back.
/// </summary>
public sealed class SlowReaderTests
{
    private const ulong Async = 3, Sync = 4;

    private static readonly byte[] Piece = new byte[64 * 1024];

    private readonly Source _source = new();
    private readonly List<IFired> _waiting = [];

    private readonly FakeKernel _kernel = new(
        Nodes.Directory(2, 1, "d"),
        Nodes.Trigger(Async, 2, "async"),
        Nodes.Trigger(Sync, 2, "sync", synchronous: true));

    public SlowReaderTests() => _kernel.Sink.OnFire = (_, _, message) =>
    {
        message.Taken();
        _waiting.Add(message);
    };

    [Fact]
    public void Output_flows_as_long_as_little_is_unread_and_then_waits_for_its_reader()
    {
        ulong fh = Write(Async);
        int pieces = PutOutUntilHeld();
        Assert.Equal(AnswerQueue.HoldAbove + Piece.Length, pieces * Piece.Length);
        Assert.Equal(0, _source.Read);
        Assert.Equal(Handlers.ReadMax, Read(fh));
        Assert.Equal(Piece.Length, _source.Read);
    }

    [Fact]
    public void Nothing_is_lost_however_much_comes_to_a_slow_reader()
    {
        ulong fh = Write(Async);
        Read(fh); // A reader is there; its first read waits.
        long read = 0, put = 0;
        for (int i = 0; i < 200; i++)
        {
            Put(Piece);
            put += Piece.Length;
            if (i % 3 == 0) read += Read(fh);
        }
        _waiting[0].Ended(null, 0);
        read += _kernel.Later.Select(bytes => new Reply(bytes)).Sum(reply => reply.Rest.Length);
        for (int got = Read(fh); got > 0; got = Read(fh)) read += got;
        Assert.Equal(put, read);
        Assert.Equal(Errno.None, _kernel.Read(Async, fh)!.Errno);
        Assert.Equal(0, _kernel.FileSystem.Unread.Total);
    }

    [Fact]
    public void Who_does_not_begin_to_read_holds_nobody_back_for_long_and_is_told_what_it_missed()
    {
        ulong fh = Write(Async);
        PutOutUntilHeld();
        Assert.True(SpinWait.SpinUntil(() => _source.Read == Piece.Length, TimeSpan.FromSeconds(30)));
        for (int i = 0; i < 100; i++) Assert.True(Put(Piece));
        _waiting[0].Ended(null, 0);
        int read = 0;
        for (Reply reply = ReadAll(fh); ; reply = ReadAll(fh))
        {
            if (reply.Errno == Errno.EMSGSIZE) break;
            Assert.Equal(Errno.None, reply.Errno);
            read += reply.Rest.Length;
        }
        Assert.Equal(AnswerQueue.UnreadMax, read);
    }

    [Fact]
    public void A_writer_that_waits_for_the_answer_cannot_read_it_before_so_nobody_is_held_back()
    {
        ulong fh = Write(Sync);
        for (int i = 0; i < 16; i++) Assert.True(Put(Piece));
        _waiting[0].Ended(null, 0);
        Assert.True(Read(fh, Sync) > 0);
    }

    [Fact]
    public void The_close_of_the_handle_lets_the_plugin_go()
    {
        ulong fh = Write(Async);
        PutOutUntilHeld();
        _kernel.Release(Async, fh);
        Assert.Equal(Piece.Length, _source.Read);
        Assert.True(Put(Piece));
        Assert.Equal(0, _kernel.FileSystem.Unread.Total);
    }

    [Fact]
    public void The_end_of_a_message_lets_go_of_its_source_which_serves_another_from_then_on()
    {
        ulong fh = Write(Async);
        PutOutUntilHeld();
        _waiting[0].Ended(null, 0);
        while (Read(fh) > 0)
        {
        }
        Assert.Equal(0, _source.Read);
    }

    [Fact]
    public void Answers_that_many_handles_do_not_read_take_no_more_memory_than_there_is_for_them()
    {
        List<ulong> files = [];
        for (int i = 0; i < 100; i++)
        {
            files.Add(Write(Async));
            _waiting[i].Output(new byte[1 << 20], isError: false);
        }
        Assert.Equal(KeptBytes.Max, _kernel.FileSystem.Unread.Total);
        _waiting[^1].Ended(null, 0);
        Assert.Equal(Errno.EMSGSIZE, _kernel.Read(Async, files[^1])!.Errno);
        foreach (ulong file in files) _kernel.Release(Async, file);
        Assert.Equal(0, _kernel.FileSystem.Unread.Total);
    }

    private ulong Write(ulong trigger)
    {
        ulong fh = _kernel.Open(trigger, OpenFlags.ReadWrite);
        _kernel.Write(trigger, fh, "x");
        return fh;
    }

    private bool Put(byte[] bytes) => _waiting[^1].Output(bytes, isError: false, _source);

    private int PutOutUntilHeld()
    {
        for (int pieces = 1; ; pieces++)
            if (!Put(Piece)) return pieces;
    }

    private int Read(ulong fh, ulong trigger = Async) => _kernel.Read(trigger, fh, size: 1 << 20)?.Rest.Length ?? 0;

    private Reply ReadAll(ulong fh) => _kernel.Read(Async, fh, size: 1 << 20)!;

    private sealed class Source : IOutputSource
    {
        public int Read { get; private set; }

        public void Consumed(int bytes) => Read += bytes;
    }
}
