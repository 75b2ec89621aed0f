using TriggerFs.Broker.Jobs;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Jobs;

public sealed class CallRatesTests
{
    private static readonly ServiceId Api = new(21);
    private static readonly Rate PerMinute = new(60, 60_000);

    private readonly CallRates<(ServiceId, UserId)> _rates = new();

    [Fact]
    public void A_whole_period_may_be_called_at_once_and_then_one_call_for_each_that_time_gives_back()
    {
        Assert.All(Enumerable.Range(0, 60), _ => Assert.Equal(0, Take(1, nowMs: 5000)));
        Assert.Equal(1000, Take(1, nowMs: 5000));
        Assert.Equal(400, Take(1, nowMs: 5600));
        Assert.Equal(0, Take(1, nowMs: 6000));
        Assert.Equal(1000, Take(1, nowMs: 6000));
    }

    [Fact]
    public void In_the_long_run_it_is_the_rate_however_it_is_called()
    {
        var random = new Random(4711);
        int taken = 0;
        long nowMs = 1000;
        for (; nowMs < 3_601_000; nowMs += random.Next(0, 1200))
            for (int n = random.Next(0, 4); n > 0; n--)
                if (Take(1, nowMs) == 0) taken++;
        Assert.InRange(taken, 3590, 3660);
    }

    [Fact]
    public void Callers_and_services_do_not_share_a_bucket()
    {
        for (int n = 0; n < 60; n++) Take(1, nowMs: 0);
        Assert.Equal(0, Take(2, nowMs: 0));
        Assert.Equal(0, _rates.Take((new(22), new(1)), PerMinute, nowMs: 0));
        Assert.NotEqual(0, Take(1, nowMs: 0));
    }

    [Fact]
    public void A_rate_that_is_lowered_does_not_punish_for_what_was_allowed_before()
    {
        for (int n = 0; n < 1000; n++) Assert.Equal(0, _rates.Take((Api, new(1)), new(1000, 3_600_000), nowMs: 0));
        Assert.InRange(_rates.Take((Api, new(1)), new(10, 1000), nowMs: 0), 1, 100);
    }

    [Fact]
    public void A_bucket_that_is_full_again_is_forgotten()
    {
        Take(1, nowMs: 0);
        Take(2, nowMs: 500);
        _rates.Sweep(nowMs: 1000);
        Assert.Equal(1, _rates.Count);
        _rates.Sweep(nowMs: 1500);
        Assert.Equal(0, _rates.Count);
    }

    [Fact]
    public void Callers_beyond_all_bounds_wait_until_others_are_forgotten()
    {
        for (int caller = 0; caller < Limits.CallersMax; caller++) Assert.Equal(0, Take(caller, nowMs: 0));
        Assert.NotEqual(0, Take(Limits.CallersMax, nowMs: 0));
        Assert.Equal(0, Take(5, nowMs: 0));
        Assert.Equal(Limits.CallersMax, _rates.Count);
        Assert.Equal(0, Take(Limits.CallersMax, nowMs: 2000));
        Assert.Equal(1, _rates.Count);
    }

    private long Take(long caller, long nowMs) => _rates.Take((Api, new(caller)), PerMinute, nowMs);
}
