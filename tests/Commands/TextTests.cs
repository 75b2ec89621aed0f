using TriggerFs.Commands;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands;

public sealed class TextTests
{
    [Theory]
    [InlineData("300ms", 300)]
    [InlineData("10s", 10_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1.5s", 1500)]
    [InlineData("0s", 0)]
    [InlineData("2m3s4ms", 123_004)]
    public void A_duration_is_read(string text, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Duration.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("s")]
    [InlineData("10x")]
    [InlineData("-1s")]
    [InlineData("1..5s")]
    [InlineData("1 s")]
    [InlineData("99999999999h")]
    [InlineData("9999999999999999999999999999999999999s")]
    public void What_is_not_a_duration_is_refused(string text) =>
        Assert.Equal(ErrorCode.Invalid, Assert.Throws<TriggerException>(() => Duration.Parse(text)).Code);

    [Theory]
    [InlineData("1h30m")]
    [InlineData("25h")]
    [InlineData("10s")]
    [InlineData("1s500ms")]
    [InlineData("0s")]
    public void A_printed_duration_reads_back(string text) => Assert.Equal(text, Duration.Print(Duration.Parse(text)));

    [Theory]
    [InlineData("16MiB", 16_777_216)]
    [InlineData("64KiB", 65_536)]
    [InlineData("1500", 1500)]
    [InlineData("2GiB", 2_147_483_648)]
    public void A_size_is_read(string text, long bytes) => Assert.Equal(bytes, ByteSize.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("-1")]
    [InlineData("1.5MiB")]
    [InlineData("16MB")]
    [InlineData("99999999999GiB")]
    public void What_is_not_a_size_is_refused(string text) =>
        Assert.Equal(ErrorCode.Invalid, Assert.Throws<TriggerException>(() => ByteSize.Parse(text)).Code);

    [Theory]
    [InlineData("16MiB")]
    [InlineData("3KiB")]
    [InlineData("1GiB")]
    [InlineData("1500")]
    [InlineData("0")]
    public void A_printed_size_reads_back(string text) => Assert.Equal(text, ByteSize.Print(ByteSize.Parse(text)));

    [Theory]
    [InlineData(907_914_622, "907.914622ms")]
    [InlineData(1_500_000_000, "1.5s")]
    [InlineData(45_100, "45.1µs")]
    [InlineData(999, "999ns")]
    [InlineData(123_250_000_000, "2m3.25s")]
    [InlineData(3_600_000_000_000, "1h0m0s")]
    public void An_elapsed_time_is_printed_as_in_2018(long nanoseconds, string text) =>
        Assert.Equal(text, Duration.PrintExactly(nanoseconds));

    [Theory]
    [InlineData("/home/hp/triggerfs.toml", "/home/hp/triggerfs.toml")]
    [InlineData("my file", "'my file'")]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("", "''")]
    public void A_word_for_a_shell_is_quoted_where_it_needs_it(string word, string quoted) =>
        Assert.Equal(quoted, Shell.Quote(word));
}
