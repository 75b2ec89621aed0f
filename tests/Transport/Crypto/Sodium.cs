using System.Runtime.InteropServices;

namespace TriggerFs.Tests.Transport.Crypto;

/// <summary>Debian's libsodium, which our cryptography is compared with; tests skip where it is missing.</summary>
static unsafe class Sodium
{
    private static readonly nint Library = NativeLibrary.TryLoad("libsodium.so.23", out nint handle) ? handle : 0;

    public static string? Missing => Library == 0 ? "libsodium.so.23 is not installed (apt install libsodium23)" : null;

    public static byte[] SecretBox(byte[] plain, byte[] nonce, byte[] key) =>
        Boxed("crypto_secretbox_easy", plain, nonce, key);

    public static byte[] BoxAfter(byte[] plain, byte[] nonce, byte[] shared) =>
        Boxed("crypto_box_easy_afternm", plain, nonce, shared);

    public static byte[] SharedKey(byte[] publicKey, byte[] secretKey)
    {
        nint entry = NativeLibrary.GetExport(Library, "crypto_box_beforenm");
        var call = (delegate* unmanaged<byte*, byte*, byte*, int>)entry;
        byte[] shared = new byte[32];
        fixed (byte* to = shared, their = publicKey, our = secretKey)
            Assert.Equal(0, call(to, their, our));
        return shared;
    }

    public static byte[] PublicKey(byte[] secretKey)
    {
        var call = (delegate* unmanaged<byte*, byte*, int>)NativeLibrary.GetExport(Library, "crypto_scalarmult_base");
        byte[] key = new byte[32];
        fixed (byte* to = key, from = secretKey) Assert.Equal(0, call(to, from));
        return key;
    }

    private static byte[] Boxed(string name, byte[] plain, byte[] nonce, byte[] key)
    {
        var call = (delegate* unmanaged<byte*, byte*, ulong, byte*, byte*, int>)NativeLibrary.GetExport(Library, name);
        byte[] boxed = new byte[plain.Length + 16];
        fixed (byte* to = boxed, from = plain, once = nonce, secret = key)
            Assert.Equal(0, call(to, from, (ulong)plain.Length, once, secret));
        return boxed;
    }
}
