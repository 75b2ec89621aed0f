using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Statements;

/// <summary>Copies, counters that are cleared, orders to workers, and the configuration as statements.</summary>
public sealed class CopyStatementsTests : IDisposable
{
    private readonly Desk _desk = new();

    public CopyStatementsTests()
    {
        _desk.Do(Verb.Create, ObjectKind.Worker, "demo01");
        _desk.Do(Verb.Set, ObjectKind.Worker, "demo01", "description", "rack 4");
        _desk.Do(Verb.Create, ObjectKind.Service, "demo");
        _desk.Do(Verb.Set, ObjectKind.Service, "demo", "algorithm", "mirror");
        _desk.Do(Verb.Set, ObjectKind.Service, "demo", "visibility", "team");
        _desk.Do(Verb.Add, ObjectKind.Service, "demo", "workers", "demo01");
        _desk.Do(Verb.Create, ObjectKind.Directory, "/d");
        _desk.Do(Verb.Create, ObjectKind.Directory, "/e");
        _desk.Do(Verb.Create, ObjectKind.Trigger, "/d/t");
        _desk.Do(Verb.Set, ObjectKind.Trigger, "t", "plugin", "echo");
        _desk.Do(Verb.Add, ObjectKind.Trigger, "t", "service", "demo");
    }

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void A_copied_worker_has_a_token_of_its_own_and_is_in_the_same_services()
    {
        string notice = _desk.Do(Verb.Copy, ObjectKind.Worker, "demo01", "", "demo02");
        Assert.Equal(["rack 4"], _desk.Column("description", ObjectKind.Worker, "demo02"));
        Assert.Equal(["demo01\ndemo02"], _desk.Column("workers", ObjectKind.Service, "demo"));
        string token = Assert.Single(_desk.Column("token", ObjectKind.Worker, "demo02", "token"));
        Assert.Contains(token, notice);
        Assert.NotEqual(_desk.Column("token", ObjectKind.Worker, "demo01", "token")[0], token);
        _desk.Refused(ErrorCode.Exists, Verb.Copy, ObjectKind.Worker, "demo01", "", "demo");
    }

    [Fact]
    public void Whoever_copies_a_worker_puts_it_into_nobody_elses_services()
    {
        _desk.Do(Desk.Alice, Verb.Copy, ObjectKind.Worker, "demo01", "", "alices");
        Assert.Equal(["demo01"], _desk.Column("workers", ObjectKind.Service, "demo"));
    }

    [Fact]
    public void A_copied_service_is_the_copiers_own_with_all_that_the_other_has()
    {
        _desk.Do(Verb.Copy, ObjectKind.Service, "demo", "", "copy");
        Assert.Equal(["mirror"], _desk.Column("algorithm", ObjectKind.Service, "copy"));
        Assert.Equal(["demo01"], _desk.Column("workers", ObjectKind.Service, "copy"));
        Assert.Equal([""], _desk.Column("triggers", ObjectKind.Service, "copy"));
    }

    [Fact]
    public void A_service_with_workers_of_others_cannot_be_copied() =>
        _desk.Refused(ErrorCode.NotAllowed, Desk.Alice, Verb.Copy, ObjectKind.Service, "demo", "", "copy");

    [Theory]
    [InlineData("u", "/d/u")]
    [InlineData("/e", "/e/t")]
    [InlineData("/e/x", "/e/x")]
    public void A_copied_trigger_has_the_same_rules(string to, string path)
    {
        _desk.Do(Desk.Alice, Verb.Copy, ObjectKind.Trigger, "t", "", to);
        Assert.Equal(["echo"], _desk.Column("plugin", ObjectKind.Trigger, path));
        Assert.Equal(["demo"], _desk.Column("service", ObjectKind.Trigger, path));
        Assert.Equal(["alice"], _desk.Column("owner", ObjectKind.Trigger, path));
    }

    [Fact]
    public void A_trigger_cannot_be_copied_to_where_something_is_or_into_the_root()
    {
        _desk.Refused(ErrorCode.Exists, Verb.Copy, ObjectKind.Trigger, "t", "", "t");
        _desk.Refused(ErrorCode.NotAllowed, Verb.Copy, ObjectKind.Trigger, "t", "", "/");
        _desk.Refused(ErrorCode.NotFound, Verb.Copy, ObjectKind.Trigger, "t", "", "/nowhere/t");
    }

    [Fact]
    public void A_copied_trigger_does_not_lend_what_its_new_owner_may_not_do()
    {
        _desk.Do(Verb.Set, ObjectKind.Service, "demo", "visibility", "local");
        _desk.Refused(ErrorCode.NotAllowed, Desk.Alice, Verb.Copy, ObjectKind.Trigger, "t", "", "u");
    }

    [Fact]
    public void Hits_are_cleared_of_one_trigger_or_of_all_that_one_may_change()
    {
        _desk.Do(Desk.Alice, Verb.Create, ObjectKind.Trigger, "/e/alices");
        foreach (string name in (string[])["t", "alices"])
            _desk.Roster.Hits.Add(new(ulong.Parse(_desk.Column("id", ObjectKind.Trigger, name)[0])), 1);
        _desk.Refused(ErrorCode.NotAllowed, Desk.Alice, Verb.Clear, ObjectKind.Trigger, "t", "hits");
        _desk.Do(Desk.Alice, Verb.Clear, ObjectKind.Trigger, "", "hits");
        Assert.Equal(["1", "0"], _desk.Column("hits", ObjectKind.Trigger));
        _desk.Do(Verb.Clear, ObjectKind.Trigger, "t", "hits");
        Assert.Equal(["0", "0"], _desk.Column("hits", ObjectKind.Trigger));
        Assert.Equal([""], _desk.Column("fired", ObjectKind.Trigger, "t"));
    }

    [Fact]
    public void An_order_to_a_worker_needs_the_right_to_it_and_a_worker_that_is_there()
    {
        _desk.Refused(ErrorCode.NoWorker, Verb.Request, ObjectKind.Worker, "demo01", "restart");
        WorkerId id = _desk.Roster.FindWorker(Sample.Team1, "demo01")!.Id;
        _desk.Online.Add(id);
        _desk.Refused(ErrorCode.NotAllowed, Desk.Alice, Verb.Request, ObjectKind.Worker, "demo01", "shutdown");
        var order = _desk.Decide(Desk.Admin, Verb.Request, ObjectKind.Worker, "demo01", "shutdown").Order!;
        Assert.Equal((id, true, "hp"), (order.Worker, order.IsForGood, order.By));
        Assert.False(_desk.Decide(Desk.Admin, Verb.Request, ObjectKind.Worker, "demo01", "restart").Order!.IsForGood);
    }

    [Fact]
    public void The_configuration_has_what_its_reader_sees_and_no_more()
    {
        _desk.Do(Verb.Set, ObjectKind.Service, "demo", "visibility", "local");
        string[] names = _desk.Column("name", ObjectKind.Configuration, actor: Desk.Alice);
        Assert.Contains("demo01", names);
        Assert.DoesNotContain("demo", names);
        Assert.DoesNotContain("demo", _desk.Column("values", ObjectKind.Configuration, actor: Desk.Alice));
        Assert.Contains("demo", _desk.Column("values", ObjectKind.Configuration));
        Assert.Empty(_desk.Column("name", ObjectKind.Configuration, actor: Desk.Mallory));
    }
}
