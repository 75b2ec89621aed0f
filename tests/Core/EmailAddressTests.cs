using TriggerFs.Core;

namespace TriggerFs.Tests.Core;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("alice@example.com", "alice@example.com")]
    [InlineData("Alice.B+tag@Mail.Example.COM", "alice.b+tag@mail.example.com")]
    [InlineData("o'brien@example.com", "o'brien@example.com")]
    public void An_address_is_taken_in_lower_case(string text, string address) =>
        Assert.Equal(address, EmailAddress.Parse(text).Value);

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("alice")]
    [InlineData("alice@")]
    [InlineData("@example.com")]
    [InlineData("alice@localhost")]
    [InlineData("alice@example..com")]
    [InlineData("alice@-example.com")]
    [InlineData("alice@example.com.")]
    [InlineData(".alice@example.com")]
    [InlineData("a..b@example.com")]
    [InlineData("a@b@example.com")]
    [InlineData("alice@example.com\r\nRCPT TO:<eve@example.com>")]
    [InlineData("alice @example.com")]
    [InlineData("<alice@example.com>")]
    [InlineData("alice@example.com,eve@example.com")]
    [InlineData("älice@example.com")]
    [InlineData("alice@exämple.com")]
    [InlineData("\"alice\"@example.com")]
    [InlineData("alice@[127.0.0.1]")]
    public void What_is_no_plain_address_is_refused(string text) =>
        Assert.Equal(ErrorCode.Invalid, Assert.Throws<TriggerException>(() => EmailAddress.Parse(text)).Code);

    [Fact]
    public void An_address_that_is_too_long_is_refused()
    {
        string host = string.Join('.', Enumerable.Repeat(new string('h', 60), 4)) + ".com";
        EmailAddress.Parse($"{new string('a', 5)}@{host}");
        Assert.Throws<TriggerException>(() => EmailAddress.Parse($"{new string('a', 60)}@{host}"));
        Assert.Throws<TriggerException>(() => EmailAddress.Parse($"{new string('a', 65)}@example.com"));
        Assert.Throws<TriggerException>(() => EmailAddress.Parse(new string('@', 1 << 20)));
    }
}
