using System.Diagnostics;
using TriggerFs.Core;
using TriggerFs.Transport.Tcp;

namespace TriggerFs.Tests.Transport.Tcp;

public sealed class PaceTests
{
    private static readonly long Microsecond = Stopwatch.Frequency / 1_000_000;

    private readonly long _begin = Stopwatch.GetTimestamp();
    private Pace _pace = Pace.Start;

    public PaceTests() => _pace.Written(_begin);

    [Fact]
    public void Who_has_nothing_else_under_way_gets_it_at_once()
    {
        _pace.Add(0);
        Assert.False(_pace.MayWait(_begin));
    }

    [Fact]
    public void Who_has_much_under_way_gets_it_with_others_a_microsecond_later_for_each()
    {
        _pace.Add(64);
        Assert.True(_pace.MayWait(_begin + (63 * Microsecond)));
        Assert.False(_pace.MayWait(_begin + (64 * Microsecond)));
    }

    [Fact]
    public void Nobody_waits_longer_than_half_a_millisecond()
    {
        _pace.Add(int.MaxValue);
        Assert.True(_pace.MayWait(_begin + (499 * Microsecond)));
        Assert.False(_pace.MayWait(_begin + (500 * Microsecond)));
    }

    [Fact]
    public void Who_has_few_under_way_is_in_a_hurry_until_it_is_written_and_who_has_more_is_not()
    {
        _pace.Add(Limits.FewUnderWay + 1);
        Assert.False(_pace.IsHurried);
        _pace.Add(Limits.FewUnderWay);
        Assert.True(_pace.IsHurried);
        _pace.Written(_begin);
        Assert.False(_pace.IsHurried);
    }

    [Fact]
    public void One_message_that_may_not_wait_takes_the_others_along()
    {
        _pace.Add(64);
        _pace.Add(0);
        _pace.Add(64);
        Assert.False(_pace.MayWait(_begin));
        _pace.Written(_begin);
        _pace.Add(64);
        Assert.True(_pace.MayWait(_begin));
    }
}
