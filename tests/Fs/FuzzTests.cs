using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Fs;
using TriggerFs.Fs.Protocol;
using static TriggerFs.Tests.Fs.FakeKernel;

namespace TriggerFs.Tests.Fs;

/// <summary>Requests that no kernel sends: always a well-formed reply or silence, and no bug logged.</summary>
public sealed class FuzzTests
{
    private const int Rounds = 200_000;

    [Fact]
    public void Mutated_requests_get_a_wellformed_reply_or_silence()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        var kernel = new FakeKernel(
            Nodes.Directory(2, 1, "d"),
            Nodes.Trigger(3, 2, "t"),
            Nodes.Trigger(4, 2, "lines", MessageMode.Line),
            Nodes.Trigger(5, 2, "close", MessageMode.Close),
            Nodes.Directory(6, 2, "empty"));
        kernel.Sink.OnChange = _ => TriggerFs.Core.ErrorCode.NotAllowed;
        kernel.Sink.OnFire = (_, _, message) => AnswerSomehow(random, message);
        var bugs = new BugLog();
        var fs = new FileSystem(new(0, 0), kernel.Tree, kernel.Sink, kernel, bugs);
        byte[] buffer = new byte[Handlers.ReplyMax];
        byte[][] seeds = Seeds(kernel);
        for (int round = 0; round < Rounds; round++)
        {
            byte[] request = Mutate(random, seeds[random.Next(seeds.Length)]);
            int length = Handlers.Handle(fs, request, buffer);
            Assert.True(bugs.First is null, $"seed {seed}, round {round}: {bugs.First}");
            if (length > 0) Check(request, buffer.AsSpan(0, length), $"seed {seed}, round {round}");
            if (kernel.Later.Count > 1000) kernel.Later.Clear();
        }
        fs.Lines.Dispose();
    }

    private static void Check(byte[] request, ReadOnlySpan<byte> reply, string where)
    {
        OutHeader header = MemoryMarshal.Read<OutHeader>(reply);
        InHeader asked = MemoryMarshal.Read<InHeader>(request);
        Assert.True(header.Len == reply.Length, where);
        Assert.True(header.Unique == asked.Unique && asked.Unique != 0, where);
        Assert.True(header.Error is <= 0 and > -1000, where);
        Assert.True(header.Error == 0 || reply.Length == Unsafe.SizeOf<OutHeader>(), where);
    }

    private static void AnswerSomehow(Random random, IFired message)
    {
        message.Taken();
        if (random.Next(4) == 0) message.Output("output\n"u8, isError: false);
        message.Ended(random.Next(8) == 0 ? TriggerFs.Core.ErrorCode.NoWorker : null, random.Next(2));
    }

    /// <summary>A request of each kind that is right, so that mutations of it come far.</summary>
    private static byte[][] Seeds(FakeKernel kernel)
    {
        List<byte[]> seeds = [];
        foreach (Opcode opcode in Enum.GetValues<Opcode>())
        {
            for (ulong node = 1; node <= 6; node++)
            {
                int size = Handlers.Rows[opcode].FixedSize;
                byte[] fixedPart = new byte[size];
                if (size >= 8) fixedPart[0] = (byte)node; // A handle or a flag: small numbers are real handles.
                seeds.Add(kernel.Request(opcode, node, fixedPart, Name("t"), Name("u")));
                seeds.Add(kernel.Request(opcode, node, fixedPart, Name("empty")));
            }
        }
        for (ulong node = 3; node <= 5; node++)
            for (ulong fh = 1; fh < 8; fh++)
                seeds.Add(kernel.Request(
                    Opcode.Write, node, Bytes(new WriteIn { Fh = fh, Size = 12 }), "line\nline\nxy"u8.ToArray()));
        return [.. seeds];
    }

    private static byte[] Mutate(Random random, byte[] seed)
    {
        byte[] bytes = [.. seed];
        int changes = random.Next(5);
        for (int i = 0; i < changes; i++)
        {
            switch (random.Next(5))
            {
                case 0:
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes = bytes[..random.Next(1, bytes.Length + 1)];
                    break;
                case 3:
                    bytes = [.. bytes, .. new byte[random.Next(300)]];
                    break;
                default:
                    int at = random.Next(bytes.Length);
                    bytes.AsSpan(at, Math.Min(random.Next(1, 9), bytes.Length - at)).Fill((byte)(random.Next(2) * 255));
                    break;
            }
        }
        // Mostly the length is told truly, or nothing behind the header would ever be looked at.
        if (bytes.Length >= 4 && random.Next(10) > 0) BitConverter.TryWriteBytes(bytes, (uint)bytes.Length);
        return bytes;
    }
}
