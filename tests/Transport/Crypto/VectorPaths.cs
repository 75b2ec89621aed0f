using System.Globalization;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using TriggerFs.Commands.Spool;
using TriggerFs.Transport;
using TriggerFs.Transport.Crypto;

namespace TriggerFs.Tests.Transport.Crypto;

/// <summary>
/// What comes out of the code that asks the processor which instructions it has: encryption, and the spool's checksum.
/// </summary>
static class VectorPaths
{
    /// <summary>The widest lanes, whether products and checksums have instructions, and a hash of all that comes out.
    /// </summary>
    public static string Report() => string.Create(CultureInfo.InvariantCulture,
        $"{Salsa20.Lanes} {Bmi2.X64.IsSupported} {Sse42.X64.IsSupported} {Digest()}");

    public static int Run()
    {
        Console.WriteLine(Report());
        return 0;
    }

    private static string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] plain = new byte[70_000], key = new byte[32];
        new Random(7).NextBytes(plain);
        new Random(8).NextBytes(key);
        var sealing = new MessageBox(Box.FromKeys(key, new KeyPair(key).Public), "CurveZMQMESSAGEC"u8);
        ulong counter = 0;
        foreach (int length in (int[])[.. Enumerable.Range(0, 1200), 4096, 65_535, 65_536, plain.Length])
        {
            byte[] boxed = new byte[length + MessageBox.Overhead];
            sealing.Seal(counter++, plain.AsSpan(0, length), default, default, boxed);
            hash.AppendData(boxed);
            hash.AppendData(BitConverter.GetBytes(SpoolRecord.Crc32C(plain.AsSpan(0, length))));
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
