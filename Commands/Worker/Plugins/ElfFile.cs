using System.Buffers.Binary;

namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>Reads from a 64-bit ELF program which libraries it is linked with (elf(5)).</summary>
static class ElfFile
{
    private const uint PT_LOAD = 1, PT_DYNAMIC = 2;
    private const long DT_NULL = 0, DT_NEEDED = 1, DT_STRTAB = 5;
    private const int HeaderSize = 64, ProgramHeaderSize = 56, ProgramHeadersMax = 64, DynamicMax = 64 * 1024;

    /// <summary>
    /// Whether a file is a program that needs a library whose name begins so. What is no such program, or broken, does
    /// not.
    /// </summary>
    public static bool Needs(string path, string library)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] header = Read(file, 0, HeaderSize);
            // 64-bit, little-endian.
            if (!header.AsSpan().StartsWith("\u007fELF\u0002\u0001"u8)) return false;
            (uint Type, long Offset, long Address, long Size)[] segments = Segments(file, header);
            (uint _, long offset, long _, long size) = Array.Find(segments, segment => segment.Type == PT_DYNAMIC);
            if (size is <= 0 or > DynamicMax) return false;
            return Needs(file, segments, Read(file, offset, (int)size), library);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool Needs(
        FileStream file, (uint Type, long Offset, long Address, long Size)[] segments, byte[] dynamic, string library)
    {
        long strings = Tags(dynamic).FirstOrDefault(tag => tag.Tag == DT_STRTAB).Value;
        foreach ((uint type, long offset, long address, long size) in segments)
        {
            if (type != PT_LOAD || strings < address || strings >= address + size) continue;
            long table = strings - address + offset;
            return Tags(dynamic).Where(tag => tag.Tag == DT_NEEDED)
                .Any(tag => Begins(file, table + tag.Value, library));
        }
        return false;
    }

    private static (uint Type, long Offset, long Address, long Size)[] Segments(FileStream file, ReadOnlySpan<byte> elf)
    {
        long at = Number(elf[32..]);
        int entrySize = BinaryPrimitives.ReadUInt16LittleEndian(elf[54..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(elf[56..]);
        if (entrySize != ProgramHeaderSize || count > ProgramHeadersMax) return [];
        byte[] table = Read(file, at, count * ProgramHeaderSize);
        var segments = new (uint, long, long, long)[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = table.AsSpan(i * ProgramHeaderSize, ProgramHeaderSize);
            segments[i] = ((uint)Number(entry), Number(entry[8..]), Number(entry[16..]), Number(entry[32..]));
        }
        return segments;
    }

    private static IEnumerable<(long Tag, long Value)> Tags(byte[] dynamic)
    {
        for (int at = 0; at + 16 <= dynamic.Length; at += 16)
        {
            long tag = Number(dynamic.AsSpan(at));
            if (tag == DT_NULL) yield break;
            yield return (tag, Number(dynamic.AsSpan(at + 8)));
        }
    }

    private static bool Begins(FileStream file, long at, string text) =>
        Read(file, at, text.Length).AsSpan().SequenceEqual(System.Text.Encoding.ASCII.GetBytes(text));

    private static long Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);

    private static byte[] Read(FileStream file, long at, int length)
    {
        byte[] bytes = new byte[length];
        if (at < 0 || at > file.Length) throw new EndOfStreamException();
        file.Position = at;
        file.ReadExactly(bytes);
        return bytes;
    }
}
