using TriggerFs.Core;

namespace TriggerFs.Tests.Core;

public sealed class EvenClockTests
{
    private const long StartUnixMs = 1_700_000_000_000;

    private readonly EvenClock _clock = new(new(1000, StartUnixMs));

    [Theory]
    [InlineData(0)]
    [InlineData(3_600_000)]
    [InlineData(-3_600_000)]
    public void It_goes_on_as_the_steady_clock_does_wherever_the_wall_clock_jumps(long jumpMs)
    {
        var now = new Instant(1000 + 250, StartUnixMs + 250 + jumpMs);
        Assert.Equal(StartUnixMs + 250, _clock.UnixMs(now));
        Assert.Equal(200, _clock.AgeMs(StartUnixMs + 50, now));
        Assert.Equal(60_250, _clock.AgeMs(StartUnixMs - 60_000, now));
    }

    [Theory]
    [InlineData(StartUnixMs + 3_600_000)]
    [InlineData(0)]
    [InlineData(86_400_000)]
    [InlineData(-1)]
    public void What_an_earlier_run_wrote_by_a_clock_that_cannot_have_been_right_is_as_old_as_this_run(long unixMs) =>
        Assert.Equal(250, _clock.AgeMs(unixMs, new(1250, StartUnixMs)));

    [Fact]
    public void A_run_that_began_in_1970_knows_the_ages_of_what_it_writes()
    {
        var clock = new EvenClock(new(1000, 20_000));
        Assert.Equal(40, clock.AgeMs(20_060, new(1100, StartUnixMs)));
        Assert.Equal(100, clock.AgeMs(StartUnixMs, new(1100, 20_100)));
    }
}
