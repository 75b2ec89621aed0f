using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Core;

public sealed class DeliveryTests
{
    private static readonly Delivery All = new(
        new Backoff(1500, 60_000), 3_600_000, Priority: 0, MaxInflight: 3, OnBusy.Replace, Unique: false,
        OnFull.DropOldest);

    [Fact]
    public void All_settings_are_read_back_as_they_were_written()
    {
        Assert.Equal(
            "backoff=1s500ms..1m ttl=3600000 priority=0 max-inflight=3 on-busy=replace unique=off on-full=drop-oldest",
            All.ToString());
        Assert.Equal(All, Delivery.Parse(All.ToString()));
        Assert.Equal(default, Delivery.Parse(""));
    }

    [Fact]
    public void What_the_trigger_says_wins_except_for_how_many_run_at_once()
    {
        var service = new Delivery(new Backoff(1, 2), 5, Priority: 9, MaxInflight: 7, OnBusy.Drop, Unique: true);
        Assert.Equal(All, All.Or(service));
        Assert.Equal(service with { MaxInflight = 0 }, default(Delivery).Or(service));
    }

    [Fact]
    public void An_empty_value_is_as_if_nobody_had_set_it()
    {
        Delivery rest = All;
        foreach ((string property, _) in All.Settings) rest = rest.With(property, "");
        Assert.Equal(default, rest);
    }

    [Theory]
    [InlineData(Properties.Backoff, "5m..1s")]
    [InlineData(Properties.Backoff, "1s..25h")]
    [InlineData(Properties.Backoff, "0s..1s")]
    [InlineData(Properties.Backoff, "1s..2s..3s")]
    [InlineData(Properties.Ttl, "2592000001")]
    [InlineData(Properties.Ttl, "-1")]
    [InlineData(Properties.Priority, "10")]
    [InlineData(Properties.MaxInflight, "4097")]
    [InlineData(Properties.OnBusy, "wait")]
    [InlineData(Properties.Unique, "yes")]
    [InlineData(Properties.OnFull, "drop")]
    public void What_is_none_of_its_values_is_refused(string property, string value) => Assert.Equal(
        ErrorCode.Invalid, Assert.Throws<TriggerException>(() => default(Delivery).With(property, value)).Code);

    [Fact]
    public void A_backoff_doubles_up_to_its_end_and_is_at_most_a_quarter_shorter()
    {
        var backoff = Backoff.Parse("1s..10s");
        Assert.Equal([1000, 2000, 4000, 8000, 10_000, 10_000],
            Enumerable.Range(0, 6).Select(failures => backoff.After(failures, random: 0)));
        for (ulong random = 0; random < 5000; random++) Assert.InRange(backoff.After(1, random), 1500, 2000);
        Assert.Equal(10_000, backoff.After(int.MaxValue, 0));
        Assert.Equal(1, Backoff.Parse("1ms").After(0, ulong.MaxValue));
    }
}
