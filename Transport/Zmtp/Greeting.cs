namespace TriggerFs.Transport.Zmtp;

/// <summary>The first 64 octets each way (rfc.zeromq.org/spec/37, "Formal Grammar").</summary>
/// <remarks>
/// greeting = signature version mechanism as-server filler; signature = %xFF padding %x7F; padding = 8OCTET (not
/// significant); version = %x03 %x01; mechanism = 20 null padded characters; as-server = %x00 | %x01; filler = 31%x00
/// </remarks>
static class Greeting
{
    public const int Size = 64;

    private const int VersionAt = 10;
    private const int MechanismAt = 12;
    private const int MechanismSize = 20;
    private const int AsServerAt = 32;

    public static void Write(Span<byte> greeting, ReadOnlySpan<byte> mechanism, bool asServer)
    {
        greeting = greeting[..Size];
        greeting.Clear();
        greeting[0] = 0xFF;
        greeting[9] = 0x7F;
        greeting[VersionAt] = 3;
        greeting[VersionAt + 1] = 1;
        mechanism.CopyTo(greeting[MechanismAt..]);
        greeting[AsServerAt] = asServer ? (byte)1 : (byte)0;
    }

    /// <summary>
    /// Refuses a greeting as soon as a byte of it is wrong, so that somebody who speaks HTTP is not waited for. False
    /// when all is right so far and more is to come. as-server is not looked at: libzmq and NetMQ do not send it.
    /// </summary>
    public static bool Check(ReadOnlySpan<byte> soFar, ReadOnlySpan<byte> mechanism)
    {
        if (soFar.Length > 0 && soFar[0] != 0xFF || soFar.Length > 9 && soFar[9] != 0x7F)
            throw new ZmtpException("it does not speak ZMTP: its greeting has no signature");
        // "A peer MUST accept higher protocol versions as valid." 3.0 differs from 3.1 by commands that we never send.
        if (soFar.Length > VersionAt && soFar[VersionAt] < 3)
            throw new ZmtpException($"it speaks ZMTP {soFar[VersionAt]}; version 3.0 or later is needed");
        if (soFar.Length < Size) return false;
        ReadOnlySpan<byte> theirs = soFar.Slice(MechanismAt, MechanismSize).TrimEnd((byte)0);
        // "If the mechanism that the peer received does not exactly match the mechanism it sent, it MUST close."
        if (!theirs.SequenceEqual(mechanism))
            throw new ZmtpException(
                $"it wants the mechanism {Text.Shown(theirs)}, and this side {Text.Shown(mechanism)}");
        return true;
    }
}
