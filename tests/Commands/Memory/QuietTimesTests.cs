using TriggerFs.Commands.Memory;

namespace TriggerFs.Tests.Commands.Memory;

public class QuietTimesTests
{
    private readonly QuietTimes _quiet = new();
    private TimeSpan _spent;

    [Fact]
    public void The_start_is_work_and_the_first_quiet_time_after_it_is_the_time()
    {
        Assert.False(After(80));
        Assert.True(After(3));
    }

    [Fact]
    public void A_quiet_time_is_used_once()
    {
        After(80);
        After(0);
        Assert.False(After(0));
        Assert.False(After(10));
    }

    [Fact]
    public void Work_makes_the_next_quiet_time_worth_it_again()
    {
        After(80);
        After(0);
        Assert.False(After(500));
        Assert.False(After(500));
        Assert.True(After(1));
    }

    /// <summary>An interval in which the process worked for so many milliseconds.</summary>
    private bool After(int worked) => _quiet.IsTime(_spent += TimeSpan.FromMilliseconds(worked));
}
