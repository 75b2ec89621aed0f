using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace TriggerFs.Commands.Spool;

/// <summary>What a spool knows of itself.</summary>
/// <param name="Spool">Its number, random and never 0: with the sequence it is a message's id.</param>
/// <param name="Opening">
/// How often it was opened, this time included: the high half of the sequences of this time, so that none is ever used
/// twice, whatever a power cut took away.
/// </param>
/// <param name="Floor">Every message with a lower sequence is done with.</param>
readonly record struct Head(ulong Spool, uint Opening, ulong Floor);

/// <summary>
/// The small file in which a spool keeps its <see cref="Head"/>, in two places that are written in turn: a write that
/// is torn leaves the one before.
/// </summary>
/// <remarks>
/// a place, little-endian: u64 turn | u64 spool | u32 opening | u64 floor | u32 CRC-32C of all before
/// </remarks>
sealed class HeadFile : IDisposable
{
    private const int PlaceSize = 32;

    private readonly SafeFileHandle _file;
    private ulong _turn;

    private HeadFile(SafeFileHandle file) => _file = file;

    /// <summary>Opens the file or makes it; begins another opening, which is on the disk when this returns.</summary>
    /// <param name="found">What the segments say: their spool (0 for none) and the highest sequence in them.</param>
    public static (HeadFile File, Head Head) Open(string folder, (ulong Spool, ulong Sequence) found)
    {
        string path = Path.Combine(folder, "head");
        var head = new HeadFile(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
        File.SetUnixFileMode(head._file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Head last = head.Newest() ?? new(found.Spool != 0 ? found.Spool : NewSpool(), 0, 0);
        uint opening = Math.Max(last.Opening, (uint)(found.Sequence >> 32)) + 1;
        Head next = last with { Opening = opening };
        head.Write(next);
        SpoolFolder.Flush(head._file);
        return (head, next);
    }

    /// <summary>What the file says without opening the spool; null when there is nothing to read.</summary>
    public static Head? Peek(string folder)
    {
        string path = Path.Combine(folder, "head");
        if (!File.Exists(path)) return null;
        using var head = new HeadFile(File.OpenHandle(path));
        return head.Newest();
    }

    public void Write(Head head)
    {
        Span<byte> place = stackalloc byte[PlaceSize];
        BinaryPrimitives.WriteUInt64LittleEndian(place, ++_turn);
        BinaryPrimitives.WriteUInt64LittleEndian(place[8..], head.Spool);
        BinaryPrimitives.WriteUInt32LittleEndian(place[16..], head.Opening);
        BinaryPrimitives.WriteUInt64LittleEndian(place[20..], head.Floor);
        BinaryPrimitives.WriteUInt32LittleEndian(place[28..], SpoolRecord.Crc32C(place[..28]));
        RandomAccess.Write(_file, place, (long)(_turn % 2) * PlaceSize);
    }

    public void Dispose() => _file.Dispose();

    private Head? Newest()
    {
        Head? newest = null;
        Span<byte> places = stackalloc byte[2 * PlaceSize];
        int length = RandomAccess.Read(_file, places, 0);
        for (int at = 0; at + PlaceSize <= length; at += PlaceSize)
        {
            ReadOnlySpan<byte> place = places.Slice(at, PlaceSize);
            if (BinaryPrimitives.ReadUInt32LittleEndian(place[28..]) != SpoolRecord.Crc32C(place[..28])) continue;
            ulong turn = BinaryPrimitives.ReadUInt64LittleEndian(place);
            var head = new Head(
                BinaryPrimitives.ReadUInt64LittleEndian(place[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(place[16..]),
                BinaryPrimitives.ReadUInt64LittleEndian(place[20..]));
            if (turn > _turn && IsPossible(head)) (_turn, newest) = (turn, head);
        }
        return newest;
    }

    /// <summary>A floor above all that an opening could write would swallow what is written next.</summary>
    private static bool IsPossible(Head head) =>
        head.Spool != 0 && head.Opening < uint.MaxValue && head.Floor >> 32 <= head.Opening;

    private static ulong NewSpool() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;
}
