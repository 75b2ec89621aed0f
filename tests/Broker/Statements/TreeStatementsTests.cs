using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Statements;

public sealed class TreeStatementsTests : IDisposable
{
    private readonly Desk _desk = new Desk().WithTrigger();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void A_mount_makes_a_directory_by_its_parents_number()
    {
        _desk.Do(Verb.Create, ObjectKind.Node, "1", "directory", "made", "700");
        _desk.Do(Verb.Create, ObjectKind.Node, Number("/made"), "directory", "deeper", "750");
        Assert.Equal(["0700", "0755"], _desk.Column("permissions", ObjectKind.Directory, "/"));
        Assert.Equal(["/made/deeper"], _desk.Column("path", ObjectKind.Directory, "/made"));
    }

    [Fact]
    public void A_directory_that_is_there_is_refused()
    {
        _desk.Refused(ErrorCode.Exists, Verb.Create, ObjectKind.Node, "1", "directory", "newtrigger", "755");
        _desk.Refused(ErrorCode.Exists, Verb.Create, ObjectKind.Directory, "/newtrigger");
        _desk.Refused(ErrorCode.Exists, Verb.Create, ObjectKind.Directory, "/");
    }

    [Fact]
    public void A_directory_in_one_that_is_not_there_is_refused()
    {
        _desk.Refused(ErrorCode.NotFound, Verb.Create, ObjectKind.Directory, "/a/b");
        _desk.Refused(ErrorCode.NotFound, Verb.Create, ObjectKind.Node, "9999", "directory", "b", "755");
        _desk.Refused(ErrorCode.NotFound, Verb.Create, ObjectKind.Node, "-1", "directory", "b", "755");
    }

    [Fact]
    public void A_new_name_without_a_path_stays_in_its_directory()
    {
        _desk.Do(Verb.Rename, ObjectKind.Trigger, "demotrigger", "", "renamed");
        Assert.NotEqual("", Number("/newtrigger/renamed"));
        _desk.Refused(ErrorCode.Invalid, Verb.Rename, ObjectKind.Trigger, "renamed", "", "");
    }

    [Fact]
    public void A_directory_in_a_trigger_is_refused() => _desk.Refused(
        ErrorCode.Invalid, Verb.Create, ObjectKind.Node, Number("/newtrigger/demotrigger"), "directory", "b", "755");

    [Theory]
    [InlineData(".git")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("a\u0007")]
    public void A_file_name_that_breaks_the_rule_is_refused(string name) =>
        _desk.Refused(ErrorCode.Invalid, Verb.Create, ObjectKind.Node, "1", "directory", name, "755");

    [Fact]
    public void A_file_name_over_255_bytes_is_refused() => _desk.Refused(
        ErrorCode.TooLarge, Verb.Create, ObjectKind.Node, "1", "directory", new string('é', 128), "755");

    [Fact]
    public void A_directory_of_another_team_is_not_there()
    {
        string number = Number("/newtrigger");
        _desk.Refused(ErrorCode.NotFound, Desk.Mallory, Verb.Create, ObjectKind.Node, number, "directory", "x", "755");
        _desk.Refused(ErrorCode.NotFound, Desk.Mallory, Verb.Set, ObjectKind.Node, number, "permissions", "777");
        _desk.Do(Desk.Mallory, Verb.Create, ObjectKind.Directory, "/newtrigger");
    }

    [Fact]
    public void An_empty_directory_is_removed_and_a_full_one_is_not()
    {
        _desk.Refused(ErrorCode.NotEmpty, Verb.Delete, ObjectKind.Directory, "/newtrigger");
        _desk.Refused(ErrorCode.NotEmpty, Verb.Delete, ObjectKind.Node, "1", "directory", "newtrigger");
        _desk.Do(Verb.Delete, ObjectKind.Trigger, "demotrigger");
        _desk.Do(Verb.Delete, ObjectKind.Node, "1", "directory", "newtrigger");
        Assert.Empty(_desk.Column("id", ObjectKind.Directory));
    }

    [Fact]
    public void A_trigger_is_not_removed_as_a_directory()
    {
        _desk.Refused(ErrorCode.Invalid, Verb.Delete, ObjectKind.Directory, "/newtrigger/demotrigger");
        _desk.Refused(
            ErrorCode.Invalid, Verb.Delete, ObjectKind.Node, Number("/newtrigger"), "directory", "demotrigger");
    }

    [Fact]
    public void What_is_not_there_is_not_removed()
    {
        _desk.Refused(ErrorCode.NotFound, Verb.Delete, ObjectKind.Directory, "/nothing");
        _desk.Refused(ErrorCode.NotFound, Verb.Delete, ObjectKind.Node, "1", "directory", "nothing");
    }

    [Fact]
    public void The_root_is_neither_removed_nor_moved_nor_changed()
    {
        _desk.Refused(ErrorCode.NotAllowed, Verb.Delete, ObjectKind.Directory, "/");
        _desk.Refused(ErrorCode.NotAllowed, Verb.Rename, ObjectKind.Node, "1", "", "1", "x");
        _desk.Refused(ErrorCode.NotAllowed, Verb.Set, ObjectKind.Node, "1", "permissions", "777");
        _desk.Refused(ErrorCode.NotAllowed, Verb.Set, ObjectKind.Node, "/", "permissions", "777");
    }

    [Fact]
    public void A_trigger_is_moved_by_number_and_keeps_it()
    {
        NodeId id = _desk.Id("/newtrigger/demotrigger");
        _desk.Do(Verb.Rename, ObjectKind.Node, $"{id.Value}", "", Number("/newtrigger"), "renamed");
        Assert.Equal(id, _desk.Id("/newtrigger/renamed"));
    }

    [Fact]
    public void A_move_to_a_directory_goes_into_it_as_mv_does()
    {
        _desk.Do(Verb.Create, ObjectKind.Directory, "/second");
        _desk.Do(Verb.Rename, ObjectKind.Node, "/newtrigger/demotrigger", "", "/second");
        Assert.NotNull(_desk.Roster.Find(Sample.Team1, TriggerPath.Parse("/second/demotrigger")));
        _desk.Do(Verb.Rename, ObjectKind.Trigger, "demotrigger", "", "/newtrigger/back");
        _desk.Do(Verb.Rename, ObjectKind.Directory, "/second", "", "/newtrigger");
        Assert.Equal(
            ["/newtrigger/back", "/newtrigger/second"], _desk.Column("path", ObjectKind.Directory, "/newtrigger"));
        _desk.Do(Verb.Rename, ObjectKind.Directory, "/newtrigger/second", "", "/");
        Assert.Equal(["/newtrigger", "/second"], _desk.Column("path", ObjectKind.Directory));
    }

    [Fact]
    public void A_move_to_a_name_alone_stays_in_its_directory()
    {
        _desk.Do(Verb.Rename, ObjectKind.Trigger, "demotrigger", "", "renamed");
        _desk.Do(Verb.Rename, ObjectKind.Directory, "/newtrigger", "", "oldtrigger");
        Assert.Equal(["/oldtrigger/renamed"], _desk.Column("path", ObjectKind.Trigger));
        _desk.Refused(ErrorCode.Invalid, Verb.Rename, ObjectKind.Trigger, "renamed", "", "a/b");
    }

    [Fact]
    public void A_trigger_is_not_moved_into_the_root()
    {
        _desk.Refused(ErrorCode.NotAllowed, Verb.Rename, ObjectKind.Trigger, "demotrigger", "", "/");
        string number = Number("/newtrigger/demotrigger");
        _desk.Refused(ErrorCode.NotAllowed, Verb.Rename, ObjectKind.Node, number, "", "1", "x");
    }

    [Fact]
    public void Nothing_is_moved_over_what_is_there()
    {
        _desk.Do(Verb.Create, ObjectKind.Trigger, "/newtrigger/other");
        _desk.Refused(ErrorCode.Exists, Verb.Rename, ObjectKind.Trigger, "other", "", "/newtrigger/demotrigger");
        _desk.Refused(ErrorCode.Exists, Verb.Rename, ObjectKind.Node, Number("/newtrigger/other"), "",
            Number("/newtrigger"), "demotrigger");
    }

    [Fact]
    public void A_move_to_where_it_is_already_changes_nothing() => Assert.Empty(_desk.Decide(
        Desk.Admin, Verb.Rename, ObjectKind.Node, Number("/newtrigger"), "", "1", "newtrigger").Changes);

    [Fact]
    public void A_directory_is_not_moved_into_itself_or_below()
    {
        _desk.Do(Verb.Create, ObjectKind.Directory, "/newtrigger/below");
        _desk.Refused(ErrorCode.Invalid, Verb.Rename, ObjectKind.Directory, "/newtrigger", "", "/newtrigger/below");
        string number = Number("/newtrigger");
        _desk.Refused(ErrorCode.Invalid, Verb.Rename, ObjectKind.Node, number, "", number, "x");
    }

    [Fact]
    public void A_move_that_makes_the_tree_too_deep_is_refused()
    {
        string path = "";
        for (int level = 0; level < Limits.PathDepthMax - 2; level++)
            _desk.Do(Verb.Create, ObjectKind.Directory, path += "/d");
        _desk.Do(Verb.Create, ObjectKind.Directory, "/newtrigger/a");
        _desk.Do(Verb.Create, ObjectKind.Directory, "/newtrigger/a/b");
        _desk.Refused(ErrorCode.TooLarge, Verb.Rename, ObjectKind.Directory, "/newtrigger", "", path);
        _desk.Do(Verb.Rename, ObjectKind.Directory, "/newtrigger/a", "", path);
        _desk.Refused(ErrorCode.TooLarge, Verb.Create, ObjectKind.Node, Number(path + "/a/b"), "directory", "c", "755");
    }

    [Fact]
    public void A_path_that_gets_too_long_is_refused()
    {
        string path = "";
        for (int level = 0; level < 4; level++)
            _desk.Do(Verb.Create, ObjectKind.Directory, path += "/" + new string('x', 250));
        string name = new('y', 30);
        _desk.Refused(ErrorCode.TooLarge, Verb.Create, ObjectKind.Node, Number(path), "directory", name, "755");
        _desk.Refused(ErrorCode.TooLarge, Verb.Rename, ObjectKind.Directory, "/newtrigger", "", path);
    }

    [Fact]
    public void Permissions_are_set_by_number_and_by_path()
    {
        _desk.Do(Verb.Set, ObjectKind.Node, Number("/newtrigger/demotrigger"), "permissions", "600");
        _desk.Do(Verb.Set, ObjectKind.Node, "/newtrigger", "permissions", "0700");
        Assert.Equal(["0600"], _desk.Column("permissions", ObjectKind.Directory, "/newtrigger"));
        Assert.Equal(["0700"], _desk.Column("permissions", ObjectKind.Directory, "/"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("8")]
    [InlineData("1777")]
    [InlineData("u+x")]
    [InlineData("00000")]
    public void Permissions_that_are_none_are_refused(string permissions) =>
        _desk.Refused(ErrorCode.Invalid, Verb.Set, ObjectKind.Node, "/newtrigger", "permissions", permissions);

    [Fact]
    public void A_member_changes_his_own_directories_and_not_anothers()
    {
        _desk.Do(Desk.Alice, Verb.Create, ObjectKind.Directory, "/hers");
        _desk.Refused(ErrorCode.NotAllowed, Desk.Bob, Verb.Set, ObjectKind.Node, Number("/hers"), "permissions", "777");
        _desk.Refused(ErrorCode.NotAllowed, Desk.Bob, Verb.Delete, ObjectKind.Node, "1", "directory", "hers");
        _desk.Refused(ErrorCode.NotAllowed, Desk.Bob, Verb.Rename, ObjectKind.Node, Number("/hers"), "", "1", "his");
        _desk.Do(Desk.Alice, Verb.Delete, ObjectKind.Directory, "/hers");
    }

    [Fact]
    public void More_directories_than_a_team_may_have_are_refused()
    {
        IEnumerable<Node> nodes = Enumerable.Range(0, Limits.NodesPerTeamMax)
            .Select(n => Sample.Directory(100 + (ulong)n, $"d{n}"));
        using var full = new Desk(Sample.State with { Nodes = nodes.ToArray() });
        full.Refused(ErrorCode.TooLarge, Verb.Create, ObjectKind.Directory, "/onemore");
        full.Refused(ErrorCode.TooLarge, Verb.Create, ObjectKind.Trigger, "/d0/onemore");
    }

    private string Number(string path) => $"{_desk.Id(path).Value}";
}
