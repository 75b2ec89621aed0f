using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Fs;
using TriggerFs.Fs.Protocol;
using static TriggerFs.Tests.Fs.FakeKernel;

namespace TriggerFs.Tests.Fs;

/// <summary>What years of the same requests must not do: fill memory.</summary>
public sealed class SteadyStateTests
{
    private const ulong Directory = 2, Trigger = 3, Lines = 4, Whole = 5;
    private const int Times = 500;

    private readonly FakeKernel _kernel = new(
        Nodes.Directory(Directory, 1, "d"),
        Nodes.Trigger(Trigger, Directory, "t"),
        Nodes.Trigger(Lines, Directory, "lines", MessageMode.Line),
        Nodes.Trigger(Whole, Directory, "whole", MessageMode.Close));

    private readonly FileSystem _fs;
    private readonly byte[] _reply = new byte[Handlers.ReplyMax];

    public SteadyStateTests() =>
        _fs = new(new(0, 0), _kernel.Tree, new NullSink(), _kernel, NullLogger.Instance);

    [Fact]
    public void Looking_allocates_nothing() => Hold(
        _kernel.Request(Opcode.Lookup, Directory, Name("t")),
        _kernel.Request(Opcode.Forget, Trigger, Bytes(new ForgetIn { Nlookup = 1 })),
        _kernel.Request(Opcode.Lookup, Directory, Name("is-not-there")),
        _kernel.Request(Opcode.Getattr, Trigger, Bytes(default(GetattrIn))),
        _kernel.Request(Opcode.Statfs, 1),
        _kernel.Request(Opcode.Getxattr, Trigger, Bytes(new GetxattrIn { Size = 99 }), Name("security.capability")),
        _kernel.Request(Opcode.Getxattr, Trigger, Bytes(new GetxattrIn { Size = 99 }), Name("user.triggerfs.service")),
        _kernel.Request(Opcode.Getxattr, Trigger, Bytes(new GetxattrIn { Size = 0 }), Name("user.triggerfs.plugin")),
        _kernel.Request(Opcode.Setattr, Trigger, Bytes(new SetattrIn { Valid = SetattrValid.Size })));

    [Fact]
    public void Listing_allocates_nothing() => Hold(
        _kernel.Request(Opcode.Opendir, Directory, Bytes(default(OpenIn))),
        _kernel.Request(Opcode.Readdirplus, Directory, Bytes(new ReadIn { Fh = 1, Size = 4096 })),
        _kernel.Request(Opcode.Readdir, Directory, Bytes(new ReadIn { Fh = 1, Offset = 2, Size = 4096 })),
        _kernel.Request(Opcode.Releasedir, Directory, Bytes(new ReleaseIn { Fh = 1 })));

    [Theory]
    [InlineData(Trigger)]
    [InlineData(Lines)]
    [InlineData(Whole)]
    public void Opening_writing_and_closing_allocates_nothing(ulong trigger)
    {
        byte[] line = Encoding.UTF8.GetBytes(new string('x', 98) + "\ny");
        Hold(
            _kernel.Request(Opcode.Open, trigger, Bytes(new OpenIn { Flags = OpenFlags.WriteOnly })),
            _kernel.Request(Opcode.Poll, trigger, Bytes(new PollIn { Fh = 1, Flags = PollEvents.ScheduleNotify })),
            _kernel.Request(Opcode.Write, trigger, Bytes(new WriteIn { Fh = 1, Size = 100 }), line),
            _kernel.Request(Opcode.Write, trigger, Bytes(new WriteIn { Fh = 1, Size = 100 }), line),
            _kernel.Request(Opcode.Flush, trigger, Bytes(new FlushIn { Fh = 1 })),
            _kernel.Request(Opcode.Fsync, trigger, Bytes(new FsyncIn { Fh = 1 })),
            _kernel.Request(Opcode.Write, trigger, Bytes(new WriteIn { Fh = 1, Size = 100 }), line),
            _kernel.Request(Opcode.Release, trigger, Bytes(new ReleaseIn { Fh = 1 })));
        Assert.Equal(0, _fs.Files.Count);
        Assert.Equal(0, _fs.Kept.Total);
    }

    [Fact]
    public void Reading_on_and_on_allocates_nothing()
    {
        Handle(_kernel.Request(Opcode.Open, Trigger, Bytes(new OpenIn { Flags = OpenFlags.ReadOnly })));
        Handle(_kernel.Request(Opcode.Read, Trigger, Bytes(new ReadIn { Fh = 1, Size = 4096 })));
        var write = new WriteIn { Fh = OpenToWrite(), Size = 4 };
        Hold(
            _kernel.Request(Opcode.Write, Trigger, Bytes(write), "true"u8.ToArray()),
            _kernel.Request(Opcode.Read, Trigger, Bytes(new ReadIn { Fh = 1, Offset = 1, Size = 4096 })));
    }

    [Fact]
    public void What_is_always_refused_allocates_nothing() => Hold(
    [
        .. Handlers.Rows.Values.Where(row => row.Why is not null).Select(row => _kernel.Request(row.Opcode, Trigger)),
    ]);

    /// <summary>Requests one after the other, again and again, cost no memory once everything is warm.</summary>
    private void Hold(params byte[][] requests)
    {
        Repeat(requests);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Repeat(requests);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Repeat(byte[][] requests)
    {
        for (int i = 0; i < Times; i++)
            foreach (byte[] request in requests) Handle(request);
    }

    private int Handle(byte[] request) => Handlers.Handle(_fs, request, _reply);

    private ulong OpenToWrite()
    {
        Handle(_kernel.Request(Opcode.Open, Trigger, Bytes(new OpenIn { Flags = OpenFlags.WriteOnly })));
        return 2;
    }

    private sealed class NullSink : ITriggerSink
    {
        public void Fire(NodeId trigger, WriterWaits waits, ReadOnlySpan<byte> payload, IFired message)
        {
            message.Taken();
            message.Output("done\n"u8, isError: false);
            message.Ended(null, 0);
        }

        public void Abandon(IFired message)
        {
        }

        public void Change(TreeChange change, IReplyTo reply) => reply.Answer(ErrorCode.Unsupported);
    }
}
