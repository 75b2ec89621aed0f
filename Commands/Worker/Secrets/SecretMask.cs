using System.Text;

namespace TriggerFs.Commands.Worker.Secrets;

/// <summary>
/// Replaces secrets by <see cref="Shown"/> in a stream of bytes, also where one comes in several pieces: what may be
/// the beginning of a secret is held back until it is known, never more than the longest secret.
/// </summary>
sealed class SecretMask
{
    /// <summary>What is seen of a secret.</summary>
    public static readonly byte[] Shown = "***"u8.ToArray();

    private readonly byte[][] _secrets;
    private readonly byte[] _held;
    private int _heldLength;

    public SecretMask(IEnumerable<string> secrets)
    {
        // The longest first: of two that begin alike, it is the one that counts.
        _secrets = [.. secrets.Select(Encoding.UTF8.GetBytes).OrderByDescending(secret => secret.Length)];
        _held = new byte[_secrets.Length == 0 ? 0 : _secrets[0].Length];
    }

    /// <summary>Bytes that the output of an input may have at the most, with what was held back before it.</summary>
    public int RoomFor(int length) => (length + _held.Length) * (1 + (Shown.Length / _secrets[^1].Length));

    /// <summary>A text without the secrets.</summary>
    public static string In(string text, IEnumerable<string> secrets)
    {
        foreach (string secret in secrets.OrderByDescending(secret => secret.Length))
            text = text.Replace(secret, Encoding.UTF8.GetString(Shown), StringComparison.Ordinal);
        return text;
    }

    /// <summary>Takes more of the stream; returns how many bytes of it can be shown.</summary>
    /// <param name="input">What came.</param>
    /// <param name="output">At least <see cref="RoomFor"/> bytes.</param>
    public int Pass(ReadOnlySpan<byte> input, Span<byte> output)
    {
        byte[] joined = new byte[_heldLength + input.Length];
        _held.AsSpan(0, _heldLength).CopyTo(joined);
        input.CopyTo(joined.AsSpan(_heldLength));
        ReadOnlySpan<byte> rest = joined;
        int written = 0;
        while (true)
        {
            int at = Next(rest, out byte[]? secret);
            int clear = rest.Length - Unclear(rest);
            // What may be the beginning of another secret, before this one or a longer one here, decides first.
            if (secret is null || clear <= at)
            {
                Take(ref rest, clear, output, ref written);
                break;
            }
            Take(ref rest, at, output, ref written);
            Hide(ref rest, secret, output, ref written);
        }
        rest.CopyTo(_held);
        _heldLength = rest.Length;
        return written;
    }

    /// <summary>The stream has ended: what was held back was no secret, or one that lies within it.</summary>
    public int End(Span<byte> output)
    {
        int written = 0;
        ReadOnlySpan<byte> rest = _held.AsSpan(0, _heldLength);
        for (int at; (at = Next(rest, out byte[]? secret)) >= 0;)
        {
            Take(ref rest, at, output, ref written);
            Hide(ref rest, secret!, output, ref written);
        }
        Take(ref rest, rest.Length, output, ref written);
        _heldLength = 0;
        return written;
    }

    private static void Take(ref ReadOnlySpan<byte> rest, int length, Span<byte> output, ref int written)
    {
        rest[..length].CopyTo(output[written..]);
        written += length;
        rest = rest[length..];
    }

    private static void Hide(ref ReadOnlySpan<byte> rest, byte[] secret, Span<byte> output, ref int written)
    {
        Shown.CopyTo(output[written..]);
        written += Shown.Length;
        rest = rest[secret.Length..];
    }

    /// <summary>The first secret in some bytes, and of several at one place the longest.</summary>
    private int Next(ReadOnlySpan<byte> bytes, out byte[]? secret)
    {
        int first = -1;
        secret = null;
        foreach (byte[] one in _secrets)
        {
            int at = (first < 0 ? bytes : bytes[..Math.Min(bytes.Length, first + one.Length - 1)]).IndexOf(one);
            if (at < 0 || (first >= 0 && at >= first)) continue;
            (first, secret) = (at, one);
        }
        return first;
    }

    /// <summary>How many of the last bytes may be the beginning of a secret.</summary>
    private int Unclear(ReadOnlySpan<byte> bytes)
    {
        for (int length = Math.Min(bytes.Length, _held.Length - 1); length > 0; length--)
            foreach (byte[] secret in _secrets)
                if (length < secret.Length && secret.AsSpan().StartsWith(bytes[^length..])) return length;
        return 0;
    }
}
