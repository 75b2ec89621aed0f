using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Statements;

public sealed class TriggerStatementsTests : IDisposable
{
    private readonly Desk _desk = new Desk().WithService().WithTrigger();

    private string Number => $"{_desk.Id("/newtrigger/demotrigger").Value}";

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void The_tutorials_trigger_is_set_up_by_its_last_component()
    {
        _desk.Do(Verb.Set, ObjectKind.Trigger, "demotrigger", "plugin", "command/command");
        _desk.Do(Verb.Add, ObjectKind.Trigger, "demotrigger", "service", "demoservice");
        _desk.Do(Verb.Set, ObjectKind.Trigger, "demotrigger", "timeout", "10000");
        var table = _desk.Decide(Desk.Admin, Verb.Show, ObjectKind.Trigger, "", "").Rows!;
        Assert.Equal(
            [
                "demotrigger", "/newtrigger/demotrigger", "", "command/command", "demoservice", "10000", "0", "hp",
                "local",
            ],
            table.Rows[0][1..10]);
    }

    [Fact]
    public void Hits_are_shown()
    {
        _desk.Roster.Hits.Add(_desk.Id("/newtrigger/demotrigger"), 77);
        Assert.Equal(["1"], _desk.Column("hits", ObjectKind.Trigger));
        Assert.Equal(["77"], _desk.Column("fired", ObjectKind.Trigger, "demotrigger"));
    }

    [Fact]
    public void A_trigger_in_the_root_is_refused()
    {
        _desk.Refused(ErrorCode.NotAllowed, Verb.Create, ObjectKind.Trigger, "/demotrigger");
        _desk.Refused(ErrorCode.Exists, Verb.Create, ObjectKind.Trigger, "/");
    }

    [Fact]
    public void A_trigger_in_a_directory_that_is_not_there_is_refused() => Assert.Contains("mkdir /nowhere",
        _desk.Refused(ErrorCode.NotFound, Verb.Create, ObjectKind.Trigger, "/nowhere/t").Fix);

    [Fact]
    public void A_trigger_below_a_trigger_is_refused() => Assert.Contains("not a directory",
        _desk.Refused(ErrorCode.Invalid, Verb.Create, ObjectKind.Trigger, "/newtrigger/demotrigger/t").Message);

    [Fact]
    public void A_trigger_that_is_there_already_is_refused() =>
        _desk.Refused(ErrorCode.Exists, Verb.Create, ObjectKind.Trigger, "/newtrigger/demotrigger");

    [Theory]
    [InlineData("demotrigger")]
    [InlineData("/newtrigger/.hidden")]
    [InlineData("/newtrigger//x")]
    [InlineData("/newtrigger/a\nb")]
    public void A_path_that_breaks_the_rule_is_refused(string path) =>
        _desk.Refused(ErrorCode.Invalid, Verb.Create, ObjectKind.Trigger, path);

    [Fact]
    public void A_name_that_two_triggers_have_lists_their_paths()
    {
        _desk.Do(Verb.Create, ObjectKind.Directory, "/second");
        _desk.Do(Verb.Create, ObjectKind.Trigger, "/second/demotrigger");
        TriggerException refusal = _desk.Refused(ErrorCode.Invalid, Verb.Delete, ObjectKind.Trigger, "demotrigger");
        Assert.Contains("/newtrigger/demotrigger, /second/demotrigger", refusal.Why);
        _desk.Do(Verb.Delete, ObjectKind.Trigger, "/second/demotrigger");
        _desk.Do(Verb.Delete, ObjectKind.Trigger, "demotrigger");
        Assert.Empty(_desk.Column("id", ObjectKind.Trigger));
    }

    [Fact]
    public void A_directory_is_not_a_trigger() =>
        _desk.Refused(ErrorCode.Invalid, Verb.Set, ObjectKind.Trigger, "/newtrigger", "timeout", "1");

    [Fact]
    public void A_trigger_that_is_not_there_is_refused() =>
        _desk.Refused(ErrorCode.NotFound, Verb.Set, ObjectKind.Trigger, "nothing", "timeout", "1");

    [Theory]
    [InlineData("plugin", "file/stream")]
    [InlineData("timeout", "300")]
    [InlineData("retry", "2")]
    [InlineData("message", "line")]
    [InlineData("mode", "sync")]
    [InlineData("visibility", "team")]
    [InlineData("description", "rings the bell")]
    public void A_mount_sets_what_the_console_sets_by_number(string property, string value)
    {
        _desk.Do(Verb.Set, ObjectKind.Node, Number, property, value);
        Assert.Equal([value], _desk.Column(property, ObjectKind.Trigger, "demotrigger"));
        _desk.Refused(ErrorCode.NotAllowed, Desk.Alice, Verb.Set, ObjectKind.Node, Number, property, value);
    }

    [Fact]
    public void A_mount_attaches_and_detaches_by_number()
    {
        _desk.Do(Verb.Add, ObjectKind.Node, Number, "service", "demoservice");
        Assert.Equal(["demoservice"], _desk.Column("service", ObjectKind.Trigger));
        _desk.Do(Verb.Remove, ObjectKind.Node, Number, "service");
        Assert.Equal([""], _desk.Column("service", ObjectKind.Trigger));
        _desk.Refused(ErrorCode.NotFound, Verb.Add, ObjectKind.Node, Number, "service", "nothing");
    }

    [Fact]
    public void A_directory_by_number_has_no_rules_of_a_trigger()
    {
        string directory = $"{_desk.Id("/newtrigger").Value}";
        _desk.Refused(ErrorCode.Invalid, Verb.Set, ObjectKind.Node, directory, "timeout", "1");
        _desk.Refused(ErrorCode.Invalid, Verb.Add, ObjectKind.Node, directory, "service", "demoservice");
        _desk.Refused(ErrorCode.NotFound, Verb.Set, ObjectKind.Node, "4711", "timeout", "1");
    }

    [Theory]
    [InlineData("message", "line")]
    [InlineData("mode", "sync")]
    [InlineData("retry", "2")]
    [InlineData("limit", "16777216")]
    [InlineData("visibility", "team")]
    [InlineData("description", "rings the bell")]
    [InlineData("timeout", "300")]
    [InlineData("plugin", "file/stream")]
    public void A_setting_is_kept_and_shown(string property, string value)
    {
        _desk.Do(Verb.Set, ObjectKind.Trigger, "demotrigger", property, value);
        Assert.Equal([value], _desk.Column(property, ObjectKind.Trigger, "demotrigger"));
    }

    [Theory]
    [InlineData("message", "word")]
    [InlineData("mode", "fast")]
    [InlineData("limit", "0")]
    [InlineData("limit", "1MiB")]
    [InlineData("plugin", "../../bin/sh")]
    [InlineData("plugin", "/bin/sh")]
    [InlineData("plugin", "")]
    public void A_setting_out_of_its_range_is_refused(string property, string value) =>
        _desk.Refused(ErrorCode.Invalid, Verb.Set, ObjectKind.Trigger, "demotrigger", property, value);

    [Fact]
    public void The_limit_of_a_new_trigger_is_1_MiB_and_no_more_than_16_MiB_can_be_set()
    {
        Assert.Equal(["1048576"], _desk.Column("limit", ObjectKind.Trigger, "demotrigger"));
        TriggerException refusal = _desk.Refused(
            ErrorCode.TooLarge, Verb.Set, ObjectKind.Trigger, "demotrigger", "limit", "16777217");
        Assert.Contains("at most 16 MiB", refusal.Why);
    }

    [Fact]
    public void A_trigger_is_attached_to_a_service_and_never_to_a_worker() => Assert.Contains("is a worker",
        _desk.Refused(ErrorCode.NotFound, Verb.Add, ObjectKind.Trigger, "demotrigger", "service", "demo01").Message);

    [Fact]
    public void A_trigger_is_not_attached_to_what_its_owner_may_not_see()
    {
        _desk.Do(Desk.Alice, Verb.Create, ObjectKind.Trigger, "/newtrigger/hers");
        _desk.Refused(ErrorCode.NotFound, Desk.Alice, Verb.Add, ObjectKind.Trigger, "hers", "service", "demoservice");
        Assert.Contains("alice, may not use demoservice",
            _desk.Do(Desk.Admin, Verb.Add, ObjectKind.Trigger, "hers", "service", "demoservice"));
    }

    [Fact]
    public void A_trigger_is_detached_and_only_from_the_service_that_it_has()
    {
        _desk.Refused(ErrorCode.NotFound, Verb.Remove, ObjectKind.Trigger, "demotrigger", "service");
        _desk.Do(Verb.Add, ObjectKind.Trigger, "demotrigger", "service", "demoservice");
        _desk.Refused(ErrorCode.NotFound, Verb.Remove, ObjectKind.Trigger, "demotrigger", "service", "other");
        _desk.Do(Verb.Remove, ObjectKind.Trigger, "demotrigger", "service", "demoservice");
        Assert.Equal([""], _desk.Column("service", ObjectKind.Trigger));
    }

    [Fact]
    public void A_member_does_not_change_anothers_trigger()
    {
        _desk.Refused(ErrorCode.NotAllowed, Desk.Bob, Verb.Set, ObjectKind.Trigger, "demotrigger", "timeout", "1");
        _desk.Refused(ErrorCode.NotAllowed, Desk.Bob, Verb.Delete, ObjectKind.Trigger, "demotrigger");
        _desk.Refused(
            ErrorCode.NotAllowed, Desk.Bob, Verb.Rename, ObjectKind.Trigger, "demotrigger", "", "/newtrigger/x");
    }

    [Fact]
    public void An_observer_changes_nothing() =>
        _desk.Refused(ErrorCode.NotAllowed, Desk.Eve, Verb.Create, ObjectKind.Trigger, "/newtrigger/x");

    [Fact]
    public void Triggers_are_shown_by_name_by_path_and_by_directory()
    {
        _desk.Do(Verb.Create, ObjectKind.Directory, "/second");
        _desk.Do(Verb.Create, ObjectKind.Trigger, "/second/other");
        Assert.Equal(2, _desk.Column("id", ObjectKind.Trigger).Length);
        Assert.Equal(["/second/other"], _desk.Column("path", ObjectKind.Trigger, "other"));
        Assert.Equal(["/second/other"], _desk.Column("path", ObjectKind.Trigger, "/second/other"));
        Assert.Equal(["/second/other"], _desk.Column("path", ObjectKind.Trigger, "/second"));
        Assert.Empty(_desk.Column("path", ObjectKind.Trigger, "/"));
        _desk.Refused(ErrorCode.NotFound, Verb.Show, ObjectKind.Trigger, "nothing");
        _desk.Refused(ErrorCode.NotFound, Verb.Show, ObjectKind.Trigger, "/nothing");
    }

    [Fact]
    public void Another_teams_trigger_is_not_there()
    {
        _desk.Refused(ErrorCode.NotFound, Desk.Mallory, Verb.Delete, ObjectKind.Trigger, "demotrigger");
        _desk.Refused(ErrorCode.NotFound, Desk.Mallory, Verb.Delete, ObjectKind.Trigger, "/newtrigger/demotrigger");
        Assert.Empty(_desk.Column("id", ObjectKind.Trigger, "", "", Desk.Mallory));
    }
}
