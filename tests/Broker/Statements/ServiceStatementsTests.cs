using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Statements;

public sealed class ServiceStatementsTests : IDisposable
{
    private readonly Desk _desk = new Desk().WithService();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void A_new_service_is_local_and_roundrobin_and_has_the_columns_of_2018()
    {
        _desk.Do(Verb.Create, ObjectKind.Service, "new");
        var table = _desk.Decide(Desk.Admin, Verb.Show, ObjectKind.Service, "", "").Rows!;
        Assert.Equal(
            [
                "id", "name", "description", "timeout", "algorithm", "triggers", "workers", "visibility", "owner",
                "created", "updated",
            ],
            table.Columns.Select(column => column.Name));
        Assert.Equal(["new", "", "", "roundrobin", "", "", "local", "hp"], table.Rows[1][1..9]);
    }

    [Fact]
    public void How_messages_are_delivered_and_the_rate_are_shown_as_they_hold_and_set_back_by_an_empty_value()
    {
        string[] columns = ["rate", "backoff", "priority", "max-inflight", "on-busy", "unique"];
        string[] Shown() =>
            [.. columns.Select(one => _desk.Column(one, ObjectKind.Service, "demoservice").Single())];
        string[] made = ["60/m", "1s..5m", "4", "", "queue", "off"];
        Assert.Equal(made, Shown());
        string[] set = ["5/s", "2s..1h", "9", "3", "drop", "on"];
        foreach ((string property, string value) in columns.Zip(set))
            _desk.Do(Verb.Set, ObjectKind.Service, "demoservice", property, value);
        Assert.Equal(set, Shown());
        foreach (string property in columns) _desk.Do(Verb.Set, ObjectKind.Service, "demoservice", property, "");
        Assert.Equal(made, Shown());
    }

    [Fact]
    public void Adding_a_worker_tells_whether_it_learns_it_at_once()
    {
        _desk.Do(Verb.Create, ObjectKind.Worker, "demo02");
        _desk.Do(Verb.Create, ObjectKind.Worker, "demo03");
        _desk.Online.Add(_desk.Roster.FindWorker(Sample.Team1, "demo02")!.Id);
        string notice = _desk.Do(Verb.Add, ObjectKind.Service, "demoservice", "workers", "demo02", "demo03");
        Assert.Contains("demo02 learns it at once", notice);
        Assert.Contains("demo03 is offline", notice);
        Assert.Equal(["demo01\ndemo02\ndemo03"], _desk.Column("workers", ObjectKind.Service));
    }

    [Fact]
    public void Adding_a_worker_twice_changes_nothing_and_says_so()
    {
        Service before = _desk.Roster.FindService(Sample.Team1, "demoservice")!;
        Assert.Contains("already", _desk.Do(Verb.Add, ObjectKind.Service, "demoservice", "workers", "demo01"));
        Assert.Same(before, _desk.Roster.FindService(Sample.Team1, "demoservice"));
    }

    [Fact]
    public void One_wrong_worker_of_several_leaves_the_service_as_it_is()
    {
        _desk.Do(Verb.Create, ObjectKind.Worker, "demo02");
        _desk.Refused(ErrorCode.NotFound, Verb.Add, ObjectKind.Service, "demoservice", "workers", "demo02", "demo99");
        Assert.Equal(["demo01"], _desk.Column("workers", ObjectKind.Service));
    }

    [Fact]
    public void Nobody_adds_anothers_worker_to_his_service()
    {
        _desk.Do(Desk.Alice, Verb.Create, ObjectKind.Service, "hers");
        _desk.Refused(ErrorCode.NotAllowed, Desk.Alice, Verb.Add, ObjectKind.Service, "hers", "workers", "demo01");
    }

    [Fact]
    public void A_worker_is_removed_and_one_that_is_not_attached_is_refused()
    {
        _desk.Do(Verb.Create, ObjectKind.Worker, "demo02");
        _desk.Refused(ErrorCode.NotFound, Verb.Remove, ObjectKind.Service, "demoservice", "workers", "demo02");
        _desk.Do(Verb.Remove, ObjectKind.Service, "demoservice", "workers", "demo01");
        Assert.Equal([""], _desk.Column("workers", ObjectKind.Service));
    }

    [Theory]
    [InlineData("algorithm", "mirror")]
    [InlineData("algorithm", "serial")]
    [InlineData("timeout", "10000")]
    [InlineData("retry", "3")]
    [InlineData("on-failure", "stop")]
    [InlineData("visibility", "team")]
    [InlineData("description", "what it is for")]
    public void A_setting_is_kept_and_shown(string property, string value)
    {
        _desk.Do(Verb.Set, ObjectKind.Service, "demoservice", property, value);
        Assert.Equal([value], _desk.Column(property, ObjectKind.Service, "demoservice"));
    }

    [Theory]
    [InlineData("algorithm", "random", nameof(ErrorCode.Invalid))]
    [InlineData("algorithm", "Mirror", nameof(ErrorCode.Invalid))]
    [InlineData("timeout", "10s", nameof(ErrorCode.Invalid))]
    [InlineData("timeout", "-1", nameof(ErrorCode.Invalid))]
    [InlineData("timeout", "86400001", nameof(ErrorCode.TooLarge))]
    [InlineData("retry", "101", nameof(ErrorCode.Invalid))]
    [InlineData("retry", "-1", nameof(ErrorCode.Invalid))]
    [InlineData("on-failure", "explode", nameof(ErrorCode.Invalid))]
    [InlineData("visibility", "secret", nameof(ErrorCode.Invalid))]
    public void A_setting_out_of_its_range_is_refused(string property, string value, string code) =>
        _desk.Refused(Enum.Parse<ErrorCode>(code), Verb.Set, ObjectKind.Service, "demoservice", property, value);

    [Fact]
    public void A_service_cannot_have_the_name_of_a_worker_or_a_service()
    {
        _desk.Refused(ErrorCode.Exists, Verb.Create, ObjectKind.Service, "demo01");
        _desk.Refused(ErrorCode.Exists, Verb.Create, ObjectKind.Service, "demoservice");
        _desk.Refused(ErrorCode.Exists, Verb.Rename, ObjectKind.Service, "demoservice", "", "demo01");
    }

    [Fact]
    public void A_workers_identity_has_no_rules_to_set()
    {
        TriggerException refusal =
            _desk.Refused(ErrorCode.NotFound, Verb.Set, ObjectKind.Service, "demo01", "algorithm", "mirror");
        Assert.Contains("is a worker", refusal.Message);
        Assert.Contains("workers add demo01", refusal.Fix);
    }

    [Fact]
    public void A_local_service_is_not_there_for_other_members_and_a_team_service_is()
    {
        Assert.Empty(_desk.Column("id", ObjectKind.Service, "", "", Desk.Bob));
        _desk.Refused(ErrorCode.NotFound, Desk.Bob, Verb.Show, ObjectKind.Service, "demoservice");
        _desk.Do(Verb.Set, ObjectKind.Service, "demoservice", "visibility", "team");
        Assert.Single(_desk.Column("id", ObjectKind.Service, "", "", Desk.Bob));
        Assert.Single(_desk.Column("id", ObjectKind.Service, "", "", Desk.Eve));
        _desk.Refused(ErrorCode.NotAllowed, Desk.Bob, Verb.Set, ObjectKind.Service, "demoservice", "timeout", "1");
    }

    [Fact]
    public void A_public_service_of_another_team_is_not_listed_and_not_changed_here()
    {
        _desk.Do(Verb.Set, ObjectKind.Service, "demoservice", "visibility", "public");
        Assert.Empty(_desk.Column("id", ObjectKind.Service, "", "", Desk.Mallory));
        _desk.Refused(ErrorCode.NotFound, Desk.Mallory, Verb.Delete, ObjectKind.Service, "demoservice");
        _desk.Refused(ErrorCode.NotFound, Desk.Mallory, Verb.Delete, ObjectKind.Service, "team1/demoservice");
    }

    [Fact]
    public void A_deleted_service_names_the_triggers_that_it_leaves()
    {
        _desk.WithTrigger().Do(Verb.Add, ObjectKind.Trigger, "demotrigger", "service", "demoservice");
        Assert.Contains("/newtrigger/demotrigger", _desk.Do(Verb.Delete, ObjectKind.Service, "demoservice"));
        Assert.Equal([""], _desk.Column("service", ObjectKind.Trigger));
    }

    [Fact]
    public void A_renamed_service_is_shown_in_its_triggers()
    {
        _desk.WithTrigger().Do(Verb.Add, ObjectKind.Trigger, "demotrigger", "service", "demoservice");
        _desk.Do(Verb.Rename, ObjectKind.Service, "demoservice", "", "other");
        Assert.Equal(["other"], _desk.Column("service", ObjectKind.Trigger));
        Assert.Equal(["/newtrigger/demotrigger"], _desk.Column("triggers", ObjectKind.Service));
    }

    [Fact]
    public void More_workers_than_a_service_may_have_are_refused()
    {
        Worker[] workers = Enumerable.Range(0, Limits.WorkersPerServiceMax + 1)
            .Select(n => Sample.Worker(100 + n, $"w{n}")).ToArray();
        long[] attached = workers[1..].Select(worker => worker.Id.Value).ToArray();
        StoredState state = Sample.State with { Workers = workers, Services = [Sample.Service(20, "s", attached)] };
        using var full = new Desk(state);
        full.Refused(ErrorCode.TooLarge, Verb.Add, ObjectKind.Service, "s", "workers", "w0");
    }
}
