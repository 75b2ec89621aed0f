using System.Text;
using TriggerFs.Commands.Worker.Lines;

namespace TriggerFs.Tests.Commands.Worker.Lines;

public sealed class PluginLineTests
{
    private readonly PluginLine _line = new();

    private bool Read(string text) => _line.Read(Encoding.UTF8.GetBytes(text));

    [Fact]
    public void All_of_a_line_is_read_in_any_order()
    {
        Assert.True(Read("""{"exit":5,"out":"a\u00fcb","err64":"AAEC","status":{"done":1.5,"total":3},"id":7}"""));
        Assert.Equal((7UL, 5, (1.5, 3.0)), (_line.Id, _line.Exit, _line.Status!.Value));
        Assert.Equal("aüb", Encoding.UTF8.GetString(_line.Out));
        Assert.Equal([0, 1, 2], _line.Error.ToArray());
    }

    [Fact]
    public void A_line_leaves_nothing_for_the_next()
    {
        Read("""{"id":7,"out":"x","exit":5,"status":{"done":1}}""");
        Assert.True(Read("{}"));
        Assert.Equal((0UL, null, null, 0), (_line.Id, _line.Exit, _line.Status, _line.Out.Length));
    }

    [Fact]
    public void Broken_UTF8_between_quotes_is_output_as_it_is()
    {
        Assert.True(_line.Read([.. "{\"id\":1,\"out\":\""u8, 0xFF, 0xFE, .. "\"}"u8]));
        Assert.Equal([0xFF, 0xFE], _line.Out.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("[1]")]
    [InlineData("7")]
    [InlineData("""{"id":7""")]
    [InlineData("""{"id":7} x""")]
    [InlineData("""{"id":-7}""")]
    [InlineData("""{"id":"7"}""")]
    [InlineData("""{"id":7,"exit":"0"}""")]
    [InlineData("""{"id":7,"exit":1.5}""")]
    [InlineData("""{"id":7,"out":5}""")]
    [InlineData("""{"id":7,"out64":"%%%"}""")]
    [InlineData("""{"id":7,"out64":"AA"}""")]
    [InlineData("""{"id":7,"status":5}""")]
    [InlineData("""{"id":7,"out":"\ud800"}""")]
    public void What_is_no_such_line_is_refused(string text) => Assert.False(Read(text));

    [Fact]
    public void Rubbish_is_refused_or_read_and_never_a_crash()
    {
        byte[] whole = """{"id":7,"out":"a\u00fcb","err64":"AAEC","status":{"done":1.5,"total":3},"exit":5}"""u8
            .ToArray();
        var random = new Random(11);
        for (int i = 0; i < 50_000; i++)
        {
            byte[] some = whole[..random.Next(whole.Length + 1)];
            for (int j = random.Next(4); j > 0 && some.Length > 0; j--)
                some[random.Next(some.Length)] = (byte)random.Next(256);
            _line.Read(some);
        }
    }
}
