namespace TriggerFs.Transport;

/// <summary>A CURVE key pair, 32 bytes each. The secret key is never printed.</summary>
sealed class KeyPair(byte[] publicKey, byte[] secretKey)
{
    public byte[] PublicKey { get; } = publicKey;

    public byte[] SecretKey { get; } = secretKey;
}
