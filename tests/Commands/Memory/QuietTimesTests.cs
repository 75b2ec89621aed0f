using TriggerFs.Commands.Memory;

namespace TriggerFs.Tests.Commands.Memory;

public class QuietTimesTests
{
    private readonly QuietTimes _quiet = new();
    private TimeSpan _spent;

    [Fact]
    public void The_first_quiet_time_after_the_start_is_the_time()
    {
        Assert.False(After(800));
        Assert.True(After(3));
    }

    [Fact]
    public void A_quiet_time_is_used_once()
    {
        After(800);
        After(0);
        Assert.False(After(0));
        Assert.False(After(10));
    }

    [Fact]
    public void Work_makes_the_next_quiet_time_worth_it_again()
    {
        After(800);
        After(0);
        Assert.False(After(500));
        Assert.False(After(500));
        Assert.True(After(1));
    }

    [Fact]
    public void A_broker_that_hears_a_thousand_heartbeats_is_quiet()
    {
        After(800);
        Assert.True(After(100));
        Assert.False(After(100));
    }

    [Fact]
    public void Little_work_adds_up()
    {
        Assert.True(After(100));
        for (int i = 0; i < 9; i++) Assert.False(After(100));
        Assert.True(After(100));
    }

    /// <summary>An interval in which the process worked for so many milliseconds.</summary>
    private bool After(int worked) => _quiet.IsTime(_spent += TimeSpan.FromMilliseconds(worked));
}
