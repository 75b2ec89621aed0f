using System.Buffers.Binary;
using System.Text;
using TriggerFs.Commands.Spool;

namespace TriggerFs.Tests.Commands.Spool;

/// <summary>
/// Spools whose files were damaged in every way: they open, send what is left in order, and never lose what is written
/// to them afterwards.
/// </summary>
[Trait("Category", "Fuzz")]
public sealed class FuzzTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private SpoolOptions Options => new(Path.Combine(_folder.Path, "spool")) { SegmentBytes = 400 };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_spool_that_was_damaged_opens_and_keeps_what_is_written_from_then_on() =>
        Fuzz.Rounds("spool", 150, DamageAndUse);

    private void DamageAndUse(Random random)
    {
        if (Directory.Exists(Options.Folder)) Directory.Delete(Options.Folder, recursive: true);
        Fill(random);
        foreach (string file in Directory.GetFiles(Options.Folder))
            if (Path.GetFileName(file) != "lock" && random.Next(3) > 0) Damage(random, file);

        bool isSome = random.Next(2) == 0;
        using (MessageSpool spool = Open())
        {
            ulong sequence = spool.Append(new(7), 1, "written afterwards"u8)!.Value;
            List<(ulong, string)> sent = SendAll(spool, finish: text => isSome && !text.StartsWith('w'));
            Assert.Equal((sequence, "written afterwards"), sent[^1]);
        }
        using (MessageSpool spool = Open(window: 8))
        {
            Assert.Equal("written afterwards", SendAll(spool, finish: static _ => true)[^1].Text);
            Assert.Equal(0, spool.Depth);
        }
        using (MessageSpool spool = Open()) Assert.Empty(SendAll(spool, finish: static _ => true));
    }

    private MessageSpool Open(int window = 10_000) =>
        MessageSpool.TryOpen(Options with { WindowMax = window }, static _ => { })!;

    private void Fill(Random random)
    {
        for (int times = random.Next(1, 3); times > 0; times--)
        {
            using MessageSpool spool = Open();
            for (int i = random.Next(1, 25); i > 0; i--)
                spool.Append(new((ulong)i), 1, Encoding.ASCII.GetBytes(new string('x', random.Next(80))));
            if (random.Next(2) == 0 && spool.TryNext(out SpooledMessage first, out _)) spool.Done(first.Sequence);
        }
    }

    private static void Damage(Random random, string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        bytes = random.Next(4) == 0 ? Shuffled(random, bytes) : random.Mutate(bytes);
        if (random.Next(2) == 0) Mend(bytes);
        if (random.Next(8) == 0) File.Copy(file, Path.Combine(Path.GetDirectoryName(file)!, "ffff.segment"), true);
        File.WriteAllBytes(file, bytes);
    }

    /// <summary>Whole records, some twice, some not at all, in any order: each is right for itself.</summary>
    private static byte[] Shuffled(Random random, byte[] bytes)
    {
        List<byte[]> records = [];
        for (int at = Segment.HeaderSize; at < bytes.Length;)
        {
            if (SpoolRecord.SizeOf(bytes.AsSpan(at)) is not { } size || at + size > bytes.Length) break;
            records.Add(bytes[at..(at += size)]);
        }
        if (records.Count == 0) return bytes;
        byte[][] chosen = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => random.Pick(records))];
        return [.. bytes[..Segment.HeaderSize], .. chosen.SelectMany(record => record)];
    }

    /// <summary>Makes checksums right again, so that what is behind them is looked at.</summary>
    private static void Mend(byte[] bytes)
    {
        for (int at = Segment.HeaderSize; at < bytes.Length;)
        {
            if (SpoolRecord.SizeOf(bytes.AsSpan(at)) is not { } size || at + size > bytes.Length) break;
            uint sum = SpoolRecord.Crc32C(bytes.AsSpan(at + 8, size - 8));
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + 4), sum);
            at += size;
        }
        for (int at = 0; bytes.Length == 64 && at < 64; at += 32)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + 28), SpoolRecord.Crc32C(bytes.AsSpan(at, 28)));
    }

    private static List<(ulong Sequence, string Text)> SendAll(MessageSpool spool, Func<string, bool> finish)
    {
        List<(ulong Sequence, string Text)> sent = [];
        while (spool.TryNext(out SpooledMessage message, out ReadOnlySpan<byte> payload))
        {
            if (sent.Count > 0) Assert.True(message.Sequence > sent[^1].Sequence, "not in order");
            sent.Add((message.Sequence, Encoding.ASCII.GetString(payload)));
            Assert.True(sent.Count < 10_000, "it never ends");
            if (finish(sent[^1].Text)) spool.Done(message.Sequence);
        }
        return sent;
    }
}
