using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Terminal;
using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Cli.Terminal;

public sealed class CompleterTests
{
    private static readonly string[] Workers = ["demo01", "demo02", "name", "web"];
    private static readonly string[] Paths = ["/a b/c", "/a b/d", "/x"];

    private readonly Completer _completer = new((slot, beginning) =>
    [
        .. (slot == Slot.Worker ? Workers : slot == Slot.Directory ? Paths : [])
            .Where(name => name.StartsWith(beginning, StringComparison.Ordinal)),
    ]);

    [Theory]
    [InlineData("sh", "show ")]
    [InlineData("show wo", "show workers ")]
    [InlineData("show worker", "show workers ")]
    [InlineData("show workers w", "show workers web ")]
    [InlineData("show workers d", "show workers demo0")]
    [InlineData("show workers n", "show workers \"name\" ")]
    [InlineData("help sh", "help show ")]
    [InlineData("qu", "quit ")]
    [InlineData("show directories /a", "show directories \"/a b/")]
    [InlineData("show directories \"/a b/", null)]
    [InlineData("show directories \"/a b/c", "show directories \"/a b/c\" ")]
    [InlineData("rmdir /x", "rmdir /x ")]
    [InlineData("show workers | c", "show workers | count ")]
    [InlineData("show workers demo01 --", null)]
    [InlineData("show s", null)]
    [InlineData("show se", null)]
    [InlineData("shaw wor", null)]
    [InlineData("request workers web command ec", null)]
    public void A_word_is_completed_as_far_as_it_is_clear(string line, string? expected)
    {
        Completion completion = _completer.Complete(line, Scope.Operation);
        Assert.Equal(expected, completion.Text is { } text ? line[..completion.From] + text : null);
    }

    [Fact]
    public void What_is_not_clear_is_listed_with_names_side_by_side() => Assert.Equal(
        [
            "  identity",
            "        make a worker",
            "  WORKER",
            "        a worker",
            "    demo01  demo02",
            "    name    web",
        ],
        _completer.List("set workers ", Scope.Operation, columns: 24));

    [Fact]
    public void What_is_wrong_before_the_cursor_is_said_where_it_is() => Assert.Equal(
        ["triggerfs: 'shaw' is not known here", "    shaw wor", "    ^"],
        _completer.List("shaw wor", Scope.Operation, columns: 80).Take(3));

    [Fact]
    public void Plugins_that_are_built_in_are_known_though_nothing_uses_them_yet()
    {
        var names = new NameCache(_ => Task.FromResult(new StatementAnswer([new("plugin", ColumnType.Text)], [], "")));
        string page = File.ReadAllText(Path.Combine(Repository.Sources.Root, "Commands/Worker/BUILTIN.md"));
        IReadOnlyList<string> found = names.Find(Slot.Plugin, "");
        Assert.True(found.Count > 15);
        Assert.All(found, name => Assert.Contains($"| `{name}` |", page));
    }

    [Fact]
    public void Names_are_asked_for_once_and_never_waited_for_long()
    {
        int asked = 0;
        var answer = new TaskCompletionSource<StatementAnswer>();
        var names = new NameCache(_ =>
        {
            asked++;
            return answer.Task;
        });
        Assert.Empty(names.Find(Slot.Worker, ""));
        answer.SetResult(new([new("id", ColumnType.Number), new("identity", ColumnType.Text)],
            [["1", "web"], ["2", "db"]], ""));
        Assert.Equal(["db", "web"], names.Find(Slot.Worker, ""));
        Assert.Equal(["web"], names.Find(Slot.Worker, "w"));
        Assert.Equal(1, asked);
        names.Forget();
        names.Find(Slot.Worker, "");
        Assert.Equal(2, asked);
    }

    [Fact]
    public void A_broker_that_refuses_has_no_names() => Assert.Empty(new NameCache(_ =>
        Task.FromException<StatementAnswer>(new InvalidOperationException())).Find(Slot.Worker, ""));

    [Fact]
    public void Files_are_completed_where_a_file_is_named()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "sub"));
        File.WriteAllText(Path.Combine(folder.Path, "setup.txt"), "");
        var completer = new Completer(new NameCache(_ => Task.FromException<StatementAnswer>(new IOException())).Find);
        string line = $"show version | save {folder.Path}/su";
        Assert.Equal($"{folder.Path}/sub/", completer.Complete(line, Scope.Operation).Text);
        line = $"show version | save {folder.Path}/se";
        Assert.Equal($"{folder.Path}/setup.txt ", completer.Complete(line, Scope.Operation).Text);
    }
}
