using System.Security.Cryptography;
using TriggerFs.Transport.Crypto;

namespace TriggerFs.Transport.Zmtp;

/// <summary>
/// The key K that cookies are sealed with, and the one before it. "The server MUST discard from its memory the cookie
/// key after a short interval, for example 60 seconds" (rfc.zeromq.org/spec/26). Shared by the connections of one loop.
/// </summary>
sealed class CookieKeys(Func<long> nowMs) : IDisposable
{
    /// <summary>Each key seals for so long and opens for so long again.</summary>
    private const long RotateMs = 30_000;

    private SecretBox _current = NewKey();
    private SecretBox? _previous;
    private long _madeMs = nowMs();

    public void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain, Span<byte> boxed)
    {
        Rotate();
        _current.Seal(nonce, plain, boxed);
    }

    /// <summary>False when no key of the last minute opens it.</summary>
    public bool Open(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> boxed, Span<byte> plain)
    {
        Rotate();
        return _current.Open(nonce, boxed, plain) || (_previous?.Open(nonce, boxed, plain) ?? false);
    }

    public void Dispose()
    {
        _current.Wipe();
        _previous?.Wipe();
    }

    private void Rotate()
    {
        long age = nowMs() - _madeMs;
        if (age < RotateMs) return;
        _previous?.Wipe();
        _previous = _current;
        if (age >= 2 * RotateMs)
        {
            _previous.Wipe();
            _previous = null;
        }
        _current = NewKey();
        _madeMs += age;
    }

    private static SecretBox NewKey()
    {
        Span<byte> key = stackalloc byte[SecretBox.KeySize];
        RandomNumberGenerator.Fill(key);
        var box = new SecretBox(key);
        CryptographicOperations.ZeroMemory(key);
        return box;
    }
}
