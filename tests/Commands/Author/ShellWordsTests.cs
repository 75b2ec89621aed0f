using TriggerFs.Commands.Author;
using TriggerFs.Commands.Client;
using TriggerFs.Commands.Worker;
using TriggerFs.Commands.Worker.BuiltIn;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Commands.Worker;

namespace TriggerFs.Tests.Commands.Author;

/// <summary>A manifest's example is read as a shell and the client would read it.</summary>
public sealed class ShellWordsTests
{
    [Theory]
    [InlineData("a b  c", "a,b,c")]
    [InlineData("a 'b  c' d", "a,b  c,d")]
    [InlineData("a \"b 'c'\" ''", "a,b 'c',")]
    [InlineData("a\\ b 'it'\\''s'", "a b,it's")]
    [InlineData("\"\\$5 \\\"x\\\"\" '$5'", "$5 \"x\",$5")]
    [InlineData("a \\\n b", "a,b")]
    public void Words_are_a_shells(string text, string words) =>
        Assert.Equal(words, string.Join(',', Assert.Single(ShellWords.Pipeline(text))));

    [Theory]
    [InlineData("a $HOME", "'$'")]
    [InlineData("a \"`b`\"", "'`'")]
    [InlineData("a; b", "';'")]
    [InlineData("a > b", "'>'")]
    [InlineData("a 'b", "nothing follows a '")]
    [InlineData("a \"b", "nothing follows a \"")]
    [InlineData("a\\", "nothing follows a \\")]
    public void What_only_a_shell_can_do_is_refused(string text, string why) =>
        Assert.Contains(why, Assert.Throws<TriggerException>(() => ShellWords.Pipeline(text)).Message);

    [Theory]
    [InlineData("triggerfs client -service s -plugin a/b -command 'x y' -args k=v", "x y")]
    [InlineData("triggerfs-client -service s -plugin a/b -command 'x y' -args k=v", "x y")]
    [InlineData("echo x y | triggerfs client -service s -plugin a/b -args k=v", "x y\n")]
    [InlineData("printf 'x y' | triggerfs client --service s --plugin a/b --args k=v", "x y")]
    [InlineData("triggerfs client -service s -plugin a/b -args k=v", "")]
    public void An_example_is_a_call_of_the_client(string text, string message)
    {
        ClientRequest call = Invocation.Read(text);
        Assert.Equal("a/b", call.Plugin);
        Assert.Equal(message, System.Text.Encoding.UTF8.GetString(call.Payload));
        Assert.Equal([new("k", "v")], Args.Decode(call.Args));
    }

    [Theory]
    [InlineData("echo a/b")]
    [InlineData("triggerfs cli -c 'show workers'")]
    [InlineData("triggerfs client -plugin a/b")]
    [InlineData("date | triggerfs client -service s -plugin a/b")]
    [InlineData("")]
    public void What_is_no_call_of_it_is_refused(string text) =>
        Assert.Throws<TriggerException>(() => Invocation.Read(text));

    [Fact]
    public void Every_built_in_plugin_has_an_example_that_calls_it()
    {
        using var stage = new WorkerStage();
        var host = new BuiltInHost(stage.Link.Loop, stage.Processes, new("demo01", 1), stage.Log);
        foreach (IPlugin plugin in BuiltInPlugins.Of(host))
        {
            Assert.True(plugin.Manifest.Description.Length > 0, $"{plugin.Name} has no description");
            Assert.True(Invocation.Means(Invocation.Read(plugin.Manifest.Invocation).Plugin, plugin.Name), plugin.Name);
        }
    }

    [Theory]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/b", "b", true)]
    [InlineData("b", "b/b", true)]
    [InlineData("a/b", "c/b", false)]
    [InlineData("b", "ab", false)]
    public void A_plugin_is_called_by_its_name_or_the_end_of_it(string called, string plugin, bool means) =>
        Assert.Equal(means, Invocation.Means(called, plugin));
}
