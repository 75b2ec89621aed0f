using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Fs;
using TriggerFs.Fs.Failed;
using TriggerFs.Fs.Protocol;
using static TriggerFs.Tests.Fs.FakeKernel;

namespace TriggerFs.Tests.Fs;

/// <summary>
/// Requests that no kernel sends: always one well-formed reply, or silence where the kernel wants none, no bug logged,
/// and nothing that waits for ever.
/// </summary>
[Trait("Category", "Fuzz")]
public sealed class FuzzTests
{
    [Fact]
    public void Mutated_requests_get_one_wellformed_reply_each_or_silence() => Fuzz.Rounds("requests", 100, random =>
    {
        using var round = new FuzzRound(random);
        round.Run();
    });
}

/// <summary>Some thousand requests to a file system of its own, and its end.</summary>
sealed class FuzzRound : IDisposable
{
    private const int Requests = 10_000;

    private readonly Random _random;
    private readonly FakeKernel _kernel = new(
        Nodes.Directory(2, 1, "d"),
        Nodes.Trigger(3, 2, "t"),
        Nodes.Trigger(4, 2, "lines", MessageMode.Line),
        Nodes.Trigger(5, 2, "close", MessageMode.Close),
        Nodes.Directory(6, 2, "empty"),
        Nodes.Trigger(7, 2, "sync", synchronous: true));

    private readonly ReplyLedger _ledger = new();
    private readonly BugLog _bugs = new();
    private readonly FileSystem _fs;
    private readonly Queue<IFired> _underWay = new();
    private readonly byte[] _reply = new byte[Handlers.ReplyMax];
    private ulong _unique = 1 << 20;

    public FuzzRound(Random random)
    {
        _random = random;
        _kernel.Sink.OnChange = _ => TriggerFs.Core.ErrorCode.NotAllowed;
        _kernel.Sink.OnFire = (_, _, message) => AnswerSomehow(message);
        _fs = new(new(0, 0), _kernel.Tree, _kernel.Sink, _ledger, _bugs);
    }

    public void Dispose() => _fs.Lines.Dispose();

    public void Run()
    {
        byte[][] seeds = Seeds();
        for (int i = 0; i < Requests; i++)
        {
            Handle(Mutate(seeds[_random.Next(seeds.Length)]));
            Check($"request {i}");
            if (_underWay.Count > 64) End(_underWay.Dequeue());
            if (i % 100 == 0) _kernel.Sink.Failed.Put(42, "request"u8.ToArray(), "reason\n", "output"u8.ToArray());
        }
        while (_underWay.TryDequeue(out IFired? message)) End(message);
        // What still waits now reads an answer that never comes: a signal ends each of them.
        foreach (ulong unique in _ledger.Open.ToArray())
            Handle(_kernel.Request(Opcode.Interrupt, 0, Bytes(new InterruptIn { Unique = unique })));
        Check("at the end");
        Assert.Empty(_ledger.Open);
        Assert.Equal(0, _fs.Pending.Count);
    }

    private void Handle(byte[] request)
    {
        _ledger.Asked(request);
        int length = Handlers.Handle(_fs, request, _reply);
        if (length > 0) _ledger.Answered(request, _reply.AsSpan(0, length));
    }

    private void Check(string where)
    {
        Assert.True(_bugs.First is null, $"{where}: {_bugs.First}");
        Assert.True(_ledger.Wrong is null, $"{where}: {_ledger.Wrong}");
    }

    /// <summary>At once, or later.</summary>
    private void AnswerSomehow(IFired message)
    {
        if (_random.Next(8) > 0) message.Taken();
        if (_random.Next(4) == 0) message.Output("output\n"u8, isError: false);
        if (_random.Next(2) == 0) End(message);
        else _underWay.Enqueue(message);
    }

    private void End(IFired message) =>
        message.Ended(_random.Next(8) == 0 ? TriggerFs.Core.ErrorCode.NoWorker : null, _random.Next(2));

    /// <summary>A request of each kind that is right, so that mutations of it come far.</summary>
    private byte[][] Seeds()
    {
        List<byte[]> seeds = [];
        foreach (Opcode opcode in Enum.GetValues<Opcode>())
        {
            for (ulong node = 1; node <= 7; node++)
            {
                int size = Handlers.Rows[opcode].FixedSize;
                byte[] fixedPart = new byte[size];
                if (size >= 8) fixedPart[0] = (byte)node; // A handle or a flag: small numbers are real handles.
                seeds.Add(_kernel.Request(opcode, node, fixedPart, Name("t"), Name("u")));
                seeds.Add(_kernel.Request(opcode, node, fixedPart, Name("empty")));
            }
            foreach (FailedPart part in Enum.GetValues<FailedPart>())
            {
                byte[] fixedPart = new byte[Handlers.Rows[opcode].FixedSize];
                if (fixedPart.Length >= 8) fixedPart[0] = opcode is Opcode.Rename or Opcode.Rename2 ? (byte)2 : (byte)1;
                ulong node = new FailedNode(42, part).Id;
                seeds.Add(_kernel.Request(opcode, node, fixedPart, Name("request"), Name("t")));
                seeds.Add(_kernel.Request(opcode, FailedNode.Root.Id, fixedPart, Name("42"), Name("t")));
            }
        }
        for (ulong node = 3; node <= 7; node++)
        {
            for (ulong fh = 1; fh < 8; fh++)
            {
                seeds.Add(_kernel.Request(
                    Opcode.Write, node, Bytes(new WriteIn { Fh = fh, Size = 12 }), "line\nline\nxy"u8.ToArray()));
                seeds.Add(_kernel.Request(Opcode.Read, node, Bytes(new ReadIn { Fh = fh, Size = 4096 })));
            }
        }
        return [.. seeds];
    }

    private byte[] Mutate(byte[] seed)
    {
        byte[] bytes = [.. seed];
        int changes = _random.Next(5);
        for (int i = 0; i < changes; i++)
        {
            switch (_random.Next(5))
            {
                case 0:
                    bytes[_random.Next(bytes.Length)] = (byte)_random.Next(256);
                    break;
                case 1:
                    bytes[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));
                    break;
                case 2:
                    bytes = bytes[.._random.Next(1, bytes.Length + 1)];
                    break;
                case 3:
                    bytes = [.. bytes, .. new byte[_random.Next(300)]];
                    break;
                default:
                    int at = _random.Next(bytes.Length);
                    int length = Math.Min(_random.Next(1, 9), bytes.Length - at);
                    bytes.AsSpan(at, length).Fill((byte)(_random.Next(2) * 255));
                    break;
            }
        }
        Mend(bytes);
        return bytes;
    }

    /// <summary>
    /// Mostly the length is told truly, or nothing behind the header would ever be looked at. The numbers are the
    /// kernel's own: each is new, and few are missing.
    /// </summary>
    private void Mend(byte[] bytes)
    {
        if (bytes.Length < Unsafe.SizeOf<InHeader>()) return;
        ref InHeader header = ref MemoryMarshal.AsRef<InHeader>(bytes.AsSpan());
        if (_random.Next(10) > 0) header.Len = (uint)bytes.Length;
        header.Unique = _random.Next(100) > 0 ? _unique += 2 : 0;
    }
}
