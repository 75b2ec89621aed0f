using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Core;

public sealed class RateTests
{
    [Theory]
    [InlineData("60/m", 60, 60_000)]
    [InlineData("10/s", 10, 1000)]
    [InlineData("1000000/h", 1_000_000, 3_600_000)]
    [InlineData("none", 0, 0)]
    public void A_rate_is_read_and_written_the_same(string text, int count, int periodMs)
    {
        Assert.Equal(new Rate(count, periodMs), Rate.Parse(text));
        Assert.Equal(text, Rate.Parse(text).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("60")]
    [InlineData("/m")]
    [InlineData("0/m")]
    [InlineData("-1/m")]
    [InlineData("1000001/s")]
    [InlineData("60/d")]
    [InlineData("60/m/s")]
    [InlineData(" 60/m")]
    public void What_is_no_rate_is_refused(string text) =>
        Assert.Equal(ErrorCode.Invalid, Assert.Throws<TriggerException>(() => Rate.Parse(text)).Code);
}
