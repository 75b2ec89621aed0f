using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;

namespace TriggerFs.Tests.Core.Messages;

/// <summary>
/// Mutated and random bytes through every reader: they are read or refused, and nothing else.
/// </summary>
[Trait("Category", "Fuzz")]
public sealed class FuzzTests
{
    [Fact]
    public void Mutated_messages_are_read_or_refused_and_what_was_read_reads_again() =>
        Fuzz.Inputs("wire", 100_000, Some, static bytes => TryRead((MessageKind)bytes[0], bytes));

    private static byte[] Some(Random random)
    {
        var kind = (MessageKind)random.Next((int)MessageKind.Hello, (int)MessageKind.Last + 1);
        byte[] bytes = Mutate(random, random.Next(20) == 0 ? Noise(random) : Samples.Of(kind));
        if (bytes.Length == 0) return [(byte)kind];
        bytes[0] = (byte)kind;
        return bytes;
    }

    private static void TryRead(MessageKind kind, byte[] bytes)
    {
        byte[] again;
        try
        {
            MessageCodec.KindOf(bytes);
            MessageCodec.Describe(bytes);
            again = Samples.Again[kind](bytes);
        }
        catch (TriggerException)
        {
            return;
        }
        Assert.Equal(again, Samples.Again[kind](again));
    }

    private static byte[] Noise(Random random)
    {
        byte[] bytes = new byte[random.Next(300)];
        random.NextBytes(bytes);
        if (bytes.Length > 1) bytes[1] = MessageCodec.Version;
        return bytes;
    }

    private static byte[] Mutate(Random random, byte[] bytes)
    {
        List<byte> list = [.. bytes];
        for (int change = random.Next(1, 6); change > 0 && list.Count > 2; change--)
        {
            int at = random.Next(2, list.Count);
            switch (random.Next(6))
            {
                case 0: list[at] = (byte)random.Next(256); break;
                case 1: list[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: list.RemoveRange(at, random.Next(list.Count - at)); break;
                case 3: list.Insert(at, (byte)random.Next(256)); break;
                case 4: list.InsertRange(at, list.GetRange(at, random.Next(list.Count - at))); break;
                default: list[at] = random.Next(2) == 0 ? (byte)0xFF : (byte)0; break;
            }
        }
        return [.. list];
    }
}
