using System.Net;
using TriggerFs.Transport;

namespace TriggerFs.Tests.Transport;

public sealed class SeldomTests
{
    private readonly Seldom _seldom = new();

    [Fact]
    public void Something_is_said_of_each_address_once_a_minute()
    {
        Assert.True(_seldom.May(IPAddress.Loopback, 5));
        Assert.False(_seldom.May(IPAddress.Parse("127.0.0.1"), 60_004));
        Assert.True(_seldom.May(IPAddress.IPv6Loopback, 60_004));
        Assert.True(_seldom.May(IPAddress.Loopback, 60_005));
    }

    [Fact]
    public void A_million_addresses_do_not_fill_the_log()
    {
        int said = 0;
        for (uint i = 0; i < 1_000_000; i++) said += _seldom.May(new IPAddress(i), 7) ? 1 : 0;
        Assert.Equal(1000, said);
    }
}
