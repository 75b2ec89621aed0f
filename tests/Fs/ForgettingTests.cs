using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Fs;
using TriggerFs.Fs.Protocol;
using static TriggerFs.Tests.Fs.FakeKernel;

namespace TriggerFs.Tests.Fs;

/// <summary>It measures the memory of the whole process, so no other test runs meanwhile.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>The kernel is given names and takes them back, for years.</summary>
[Collection(nameof(Alone))]
public sealed class ForgettingTests
{
    private const ulong Directory = 2;

    private readonly FakeKernel _kernel = new(Nodes.Directory(Directory, 1, "d"), Nodes.Trigger(3, Directory, "t"));
    private readonly FileSystem _fs;
    private readonly byte[] _reply = new byte[Handlers.ReplyMax];

    public ForgettingTests() =>
        _fs = new(new(0, 0), _kernel.Tree, _kernel.Sink, _kernel, NullLogger.Instance);

    [Fact]
    public void A_million_names_made_and_forgotten_leave_the_node_table_as_it_was_and_the_memory_too()
    {
        ulong next = MakeAndForget(1_000_000, 50_000);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        while (next < 2_000_000) next = MakeAndForget(next, 1000);
        Assert.Equal(3, _fs.Tree.Count);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 8 * 1024 * 1024);
    }

    /// <summary>
    /// Triggers that come, are looked up twice, go, and are forgotten: each second one by itself, the others together.
    /// Returns the number behind the last of them.
    /// </summary>
    private ulong MakeAndForget(ulong first, int count)
    {
        var together = new List<ForgetOne>();
        ulong end = first + (ulong)count;
        byte[] forget = _kernel.Request(Opcode.Forget, 0, Bytes(new ForgetIn { Nlookup = 1 }));
        for (ulong id = first; id < end; id++)
        {
            string name = $"n{id}";
            byte[] lookup = _kernel.Request(Opcode.Lookup, Directory, Name(name));
            MemoryMarshal.Write(forget.AsSpan((int)Marshal.OffsetOf<InHeader>(nameof(InHeader.Nodeid))), id);
            _fs.Tree.Apply(Nodes.Changed(Nodes.Trigger(id, Directory, name)));
            Assert.Equal(144, Handle(lookup) & Handle(lookup));
            _fs.Tree.Apply(Nodes.Gone(id));
            Handle(forget);
            Assert.NotNull(_fs.Tree.Find(id)); // Gone, and still with the kernel.
            if (id % 2 == 0) together.Add(new() { Nodeid = id, Nlookup = 1 });
            else Handle(forget);
        }
        Assert.Equal(3 + together.Count, _fs.Tree.Count);
        var batch = new BatchForgetIn { Count = (uint)together.Count };
        Handle(_kernel.Request(Opcode.BatchForget, 0, Bytes(batch), [.. together.SelectMany(Bytes)]));
        Assert.Equal(3, _fs.Tree.Count);
        return end;
    }

    private int Handle(byte[] request) => Handlers.Handle(_fs, request, _reply);
}
