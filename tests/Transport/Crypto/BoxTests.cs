using System.Security.Cryptography;
using TriggerFs.Transport;
using TriggerFs.Transport.Crypto;

namespace TriggerFs.Tests.Transport.Crypto;

public sealed class BoxTests
{
    /// <summary>The keys of RFC 7748, section 6.1, which NaCl's tests use, too.</summary>
    private static readonly byte[] AliceSecret =
        Convert.FromHexString("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    private static readonly byte[] BobSecret =
        Convert.FromHexString("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");

    [Fact]
    public void The_public_keys_of_RFC_7748_come_out()
    {
        Assert.Equal("8520F0098930A754748B7DDCB43EF75A0DBF3A0D26381AF4EBA4A98EAA9B4E6A",
            Convert.ToHexString(new KeyPair(AliceSecret).Public));
        Assert.Equal("DE9EDB7D7B7DC1B4D35B61C2ECE435373F8343C85B78674DADFC7E146F882B4F",
            Convert.ToHexString(new KeyPair(BobSecret).Public));
    }

    [Fact]
    public void Two_sides_share_the_key_of_NaCls_own_test()
    {
        byte[] shared = Convert.FromHexString("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");
        byte[] nonce = new byte[24], expected = new byte[21], boxed = new byte[21], plain = new byte[5];
        new SecretBox(shared).Seal(nonce, "hello"u8, expected);
        Box.FromKeys(AliceSecret, new KeyPair(BobSecret).Public).Seal(nonce, "hello"u8, boxed);
        Assert.Equal(expected, boxed);
        Assert.True(Box.FromKeys(BobSecret, new KeyPair(AliceSecret).Public).Open(nonce, boxed, plain));
        Assert.Equal("hello"u8, plain);
    }

    [SkippableFact]
    public void Random_keys_and_boxes_agree_with_libsodium()
    {
        Skip.If(Sodium.Missing is not null, Sodium.Missing);
        for (int round = 0; round < 20; round++)
        {
            KeyPair ours = KeyPair.Generate(), theirs = KeyPair.Generate();
            Assert.Equal(Sodium.PublicKey(ours.Secret.ToArray()), ours.Public.ToArray());
            byte[] nonce = RandomNumberGenerator.GetBytes(24), plain = RandomNumberGenerator.GetBytes(100 + round);
            byte[] boxed = new byte[plain.Length + 16];
            Box.FromKeys(ours.Secret, theirs.Public).Seal(nonce, plain, boxed);
            byte[] shared = Sodium.SharedKey(theirs.Public.ToArray(), ours.Secret.ToArray());
            Assert.Equal(Sodium.BoxAfter(plain, nonce, shared), boxed);
        }
    }

    [Fact]
    public void A_public_key_that_shares_nothing_is_refused()
    {
        Assert.Throws<CryptographicException>(() => Box.FromKeys(AliceSecret, new byte[32]));
    }

    [Fact]
    public void A_wiped_pair_has_no_secret_left()
    {
        KeyPair pair = KeyPair.Generate();
        pair.Wipe();
        Assert.Equal(new byte[32], pair.Secret.ToArray());
    }
}
