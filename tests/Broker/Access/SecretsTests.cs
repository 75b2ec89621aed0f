using TriggerFs.Broker.Access;
using TriggerFs.Core;

namespace TriggerFs.Tests.Broker.Access;

public sealed class SecretsTests
{
    [Fact]
    public void A_hash_matches_its_secret_and_no_other()
    {
        string hash = Secrets.Hash("correct horse", cost: 4);
        Assert.True(Secrets.Match(hash, "correct horse"));
        Assert.False(Secrets.Match(hash, "correct horse "));
        Assert.False(Secrets.Match(hash, ""));
        Assert.DoesNotContain("horse", hash);
    }

    [Fact]
    public void A_secret_that_bcrypt_would_cut_short_is_refused_and_never_matches()
    {
        string longest = new('x', 72);
        string hash = Secrets.Hash(longest, cost: 4);
        Assert.True(Secrets.Match(hash, longest));
        Assert.False(Secrets.Match(hash, longest + "y"));
        Refused("72 bytes", longest + "y");
    }

    [Fact]
    public void The_limit_counts_bytes_and_not_letters() => Refused("72 bytes", new string('é', 37));

    [Fact]
    public void An_empty_secret_is_refused() => Refused("empty", "");

    [Fact]
    public void A_secret_with_a_zero_byte_is_refused_and_never_matches()
    {
        Refused("control character", "a\0b");
        Assert.False(Secrets.Match(Secrets.Hash("a", cost: 4), "a\0b"));
    }

    [Fact]
    public void Nobodys_hash_matches_nothing_and_costs_the_same() =>
        Assert.False(Secrets.Match(Secrets.HashOfNobody(4), "impossible"));

    private static void Refused(string why, string secret)
    {
        TriggerException refusal = Assert.Throws<TriggerException>(() => Secrets.Hash(secret, cost: 4));
        Assert.Equal(ErrorCode.Invalid, refusal.Code);
        Assert.Contains(why, refusal.Why);
        if (secret.Length > 0) Assert.DoesNotContain(secret, refusal.Report());
    }
}
