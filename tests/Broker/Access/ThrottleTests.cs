using TriggerFs.Broker.Access;

namespace TriggerFs.Tests.Broker.Access;

public sealed class ThrottleTests
{
    private readonly Throttle _throttle = new();

    [Fact]
    public void Three_mistakes_are_forgiven_then_each_wait_is_twice_the_last()
    {
        var waits = new List<long>();
        for (int failure = 0; failure < 12; failure++)
        {
            _throttle.Failed("team1/hp", "host", 1000);
            waits.Add(_throttle.WaitMs("team1/hp", "host", 1000));
        }
        Assert.Equal([0, 0, 0, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000], waits);
    }

    [Fact]
    public void Success_forgives_all()
    {
        for (int failure = 0; failure < 9; failure++) _throttle.Failed("a", "host", 0);
        _throttle.Succeeded("a", "host");
        Assert.Equal(1, _throttle.Failed("a", "host", 0));
    }

    [Fact]
    public void Ten_quiet_minutes_forgive_all()
    {
        for (int failure = 0; failure < 9; failure++) _throttle.Failed("a", "host", 0);
        Assert.Equal(1, _throttle.Failed("a", "host", 600_001));
    }

    [Theory]
    [InlineData("[2001:db8:1:2::3]", "[2001:db8:1:2:ffff:4:5:6]", true)]
    [InlineData("[2001:db8:1:2::3]", "[2001:db8:1:3::3]", false)]
    [InlineData("[::ffff:10.0.0.1]", "10.0.0.1", true)]
    [InlineData("[::ffff:10.0.0.1]", "[::ffff:10.0.0.2]", false)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    public void All_addresses_of_one_network_of_IPv6_count_as_one(string host, string other, bool isOne)
    {
        _throttle.Failed("a", host, 0);
        Assert.Equal(isOne ? 2 : 1, _throttle.Failed("a", other, 0));
        _throttle.Succeeded("a", host);
        Assert.Equal(isOne ? 1 : 2, _throttle.Failed("a", other, 0));
    }

    [Fact]
    public void A_million_invented_identities_take_bounded_memory()
    {
        for (int identity = 0; identity < 1_000_000; identity++)
            _throttle.Failed(identity.ToString(), "host", identity);
        Assert.InRange(_throttle.Remembered, 1, Throttle.GuessersMax);
    }
}
