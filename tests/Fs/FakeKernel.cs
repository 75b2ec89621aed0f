using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using TriggerFs.Core.Messages;
using TriggerFs.Fs;
using TriggerFs.Fs.Nodes;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Tests.Fs;

/// <summary>
/// The kernel's end: makes requests as bytes, hands them to the handlers, and takes replies, now or later.
/// </summary>
sealed class FakeKernel : IKernelReplies
{
    private readonly byte[] _buffer = new byte[Handlers.ReplyMax];
    private ulong _unique = 2;

    public FakeKernel(params TreeNode[] nodes)
    {
        Tree = new();
        Sink = new() { Tree = Tree };
        FileSystem = new(new(1000, 1001), Tree, Sink, this, Log);
        Tree.Apply(Nodes.Snapshot(nodes));
    }

    public TriggerTree Tree { get; }

    public FakeSink Sink { get; }

    public FileSystem FileSystem { get; }

    public BugLog Log { get; } = new();

    /// <summary>Replies and notifications that came later.</summary>
    public ConcurrentQueue<byte[]> Later { get; } = new();

    /// <summary>The user who makes the requests; root by default.</summary>
    public uint Caller { get; set; }

    /// <summary>The unique number of the last request.</summary>
    public ulong Unique => _unique;

    public Errno Send(ReadOnlySpan<byte> message)
    {
        Later.Enqueue(message.ToArray());
        return Errno.None;
    }

    /// <summary>Any bytes at all; null for silence.</summary>
    public Reply? Raw(ReadOnlySpan<byte> bytes)
    {
        int length = Handlers.Handle(FileSystem, bytes, _buffer);
        return length == 0 ? null : new(_buffer[..length]);
    }

    public Reply? Ask(Opcode opcode, ulong node, params byte[][] parts) => Raw(Request(opcode, node, parts));

    public byte[] Request(Opcode opcode, ulong node, params byte[][] parts)
    {
        _unique += 2;
        var header = new InHeader
        {
            Len = (uint)(Unsafe.SizeOf<InHeader>() + parts.Sum(part => part.Length)),
            Opcode = opcode,
            Unique = _unique,
            Nodeid = node,
            Uid = Caller,
        };
        return [.. Bytes(header), .. parts.SelectMany(part => part)];
    }

    /// <summary>The reply that came later to a request; waits for it.</summary>
    public Reply WaitFor(ulong unique)
    {
        for (int i = 0; i < 1000; i++)
        {
            foreach (byte[] bytes in Later)
                if (new Reply(bytes) is var reply && reply.Unique == unique) return reply;
            Thread.Sleep(10);
        }
        throw new TimeoutException($"no reply to request {unique}");
    }

    public ulong Open(ulong node, uint flags = OpenFlags.WriteOnly) =>
        Ask(Opcode.Open, node, Bytes(new OpenIn { Flags = flags }))!.Body<OpenOut>().Fh;

    public Reply? Write(ulong node, ulong fh, string text) => Write(node, fh, Encoding.UTF8.GetBytes(text));

    public Reply? Write(ulong node, ulong fh, byte[] bytes, uint flags = OpenFlags.WriteOnly) =>
        Ask(Opcode.Write, node, Bytes(new WriteIn { Fh = fh, Size = (uint)bytes.Length, Flags = flags }), bytes);

    public Reply? Flush(ulong node, ulong fh) => Ask(Opcode.Flush, node, Bytes(new FlushIn { Fh = fh }));

    public Reply? Fsync(ulong node, ulong fh) => Ask(Opcode.Fsync, node, Bytes(new FsyncIn { Fh = fh }));

    public void Interrupt(ulong unique) => Ask(Opcode.Interrupt, 0, Bytes(new InterruptIn { Unique = unique }));

    /// <summary>The events of a poll, which asks to be woken as number 42.</summary>
    public uint Poll(ulong node, ulong fh)
    {
        var poll = new PollIn { Fh = fh, Kh = 42, Flags = PollEvents.ScheduleNotify };
        return Ask(Opcode.Poll, node, Bytes(poll))!.Body<PollOut>().Revents;
    }

    /// <summary>Whether a poll was woken since this was asked last.</summary>
    public bool WasWoken()
    {
        bool isWoken = false;
        while (Later.TryDequeue(out byte[]? notice))
            isWoken |= new Reply(notice) is { Unique: 0, Code: (int)NotifyCode.Poll };
        return isWoken;
    }

    public Reply? Read(ulong node, ulong fh, ulong offset = 0, uint size = 4096, uint flags = OpenFlags.ReadWrite) =>
        Ask(Opcode.Read, node, Bytes(new ReadIn { Fh = fh, Offset = offset, Size = size, Flags = flags }));

    public Reply? Release(ulong node, ulong fh) => Ask(Opcode.Release, node, Bytes(new ReleaseIn { Fh = fh }));

    public static byte[] Bytes<T>(T value) where T : unmanaged =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();

    public static byte[] Name(string name) => [.. Encoding.UTF8.GetBytes(name), 0];
}

/// <summary>One reply, taken apart.</summary>
sealed class Reply(byte[] bytes)
{
    public ulong Unique => Header.Unique;

    /// <summary>For a notification its code, as the kernel has it.</summary>
    public int Code => Header.Error;

    public Errno Errno => (Errno)(-Header.Error);

    public OutHeader Header => MemoryMarshal.Read<OutHeader>(bytes);

    public ReadOnlySpan<byte> Rest => bytes.AsSpan(Unsafe.SizeOf<OutHeader>());

    public string Text => Encoding.UTF8.GetString(Rest);

    public int Length => bytes.Length;

    public T Body<T>() where T : unmanaged
    {
        Assert.Equal(Errno.None, Errno);
        return MemoryMarshal.Read<T>(Rest);
    }
}
