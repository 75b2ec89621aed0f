using System.Buffers.Binary;

namespace TriggerFs.Transport;

/// <summary>Z85 (rfc.zeromq.org/spec/32): four bytes as five printable characters.</summary>
static class Z85
{
    private const string Digits =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

    /// <summary>The text of some bytes, a multiple of four.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % 4 != 0) throw new ArgumentException("not a multiple of four", nameof(bytes));
        Span<char> text = stackalloc char[bytes.Length / 4 * 5];
        for (int group = 0; group < bytes.Length / 4; group++)
        {
            uint value = BinaryPrimitives.ReadUInt32BigEndian(bytes[(4 * group)..]);
            for (int i = 4; i >= 0; i--, value /= 85) text[(5 * group) + i] = Digits[(int)(value % 85)];
        }
        return new string(text);
    }

    /// <summary>False for a wrong length, another character, and a group over 2^32 - 1.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        if (text.Length % 5 != 0 || text.Length / 5 * 4 != bytes.Length) return false;
        for (int group = 0; group < text.Length / 5; group++)
        {
            ulong value = 0;
            foreach (char letter in text.Slice(5 * group, 5))
            {
                int digit = Digits.IndexOf(letter);
                if (digit < 0) return false;
                value = (value * 85) + (ulong)digit;
            }
            if (value > uint.MaxValue) return false;
            BinaryPrimitives.WriteUInt32BigEndian(bytes[(4 * group)..], (uint)value);
        }
        return true;
    }
}
