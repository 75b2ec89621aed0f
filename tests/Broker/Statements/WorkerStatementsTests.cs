using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Statements;

public sealed class WorkerStatementsTests : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void A_new_worker_is_told_its_token_in_full_and_shown_it_again()
    {
        string notice = _desk.Do(Verb.Create, ObjectKind.Worker, "demo01");
        string token = Assert.Single(_desk.Column("token", ObjectKind.Worker, "demo01", "token"));
        Assert.Matches("^[0-9a-f-]{36}$", token);
        Assert.Contains(token, notice);
        Assert.Contains("[workers.team1.demo01]", notice);
    }

    [Fact]
    public void A_listing_shortens_the_token_and_has_the_columns_of_2018()
    {
        _desk.Do(Verb.Create, ObjectKind.Worker, "demo01");
        var table = _desk.Decide(Desk.Admin, Verb.Show, ObjectKind.Worker, "", "").Rows!;
        Assert.Equal(["id", "identity", "description", "state", "token", "owner", "created", "updated"],
            table.Columns.Select(column => column.Name));
        Assert.Matches("^[0-9a-f]{8}-…$", table.Rows[0][4]);
        Assert.Equal("hp", table.Rows[0][5]);
        Assert.Equal(Sample.Now.UnixMs.ToString(), table.Rows[0][6]);
    }

    [Fact]
    public void A_workers_state_is_that_of_its_session()
    {
        _desk.Do(Verb.Create, ObjectKind.Worker, "demo01");
        Assert.Equal(["DISCONNECTED"], _desk.Column("state", ObjectKind.Worker));
        _desk.Online.Add(_desk.Roster.FindWorker(Sample.Team1, "demo01")!.Id);
        Assert.Equal(["ONLINE"], _desk.Column("state", ObjectKind.Worker));
    }

    [Fact]
    public void A_token_is_shown_to_its_owner_and_the_admins_alone()
    {
        _desk.Do(Desk.Alice, Verb.Create, ObjectKind.Worker, "hers");
        Assert.Single(_desk.Column("token", ObjectKind.Worker, "hers", "token", Desk.Alice));
        Assert.Single(_desk.Column("token", ObjectKind.Worker, "hers", "token", Desk.Admin));
        _desk.Refused(ErrorCode.NotAllowed, Desk.Bob, Verb.Show, ObjectKind.Worker, "hers", "token");
        _desk.Refused(ErrorCode.NotAllowed, Desk.Eve, Verb.Show, ObjectKind.Worker, "hers", "token");
        Assert.Equal([""], _desk.Column("token", ObjectKind.Worker, "", "", Desk.Bob));
    }

    [Fact]
    public void Another_teams_worker_is_not_there()
    {
        _desk.Do(Verb.Create, ObjectKind.Worker, "demo01");
        string there = _desk.Refused(ErrorCode.NotFound, Desk.Mallory, Verb.Show, ObjectKind.Worker, "demo01").Report();
        string never = _desk.Refused(ErrorCode.NotFound, Desk.Mallory, Verb.Show, ObjectKind.Worker, "demo99").Report();
        Assert.Equal(never.Replace("demo99", "demo01"), there);
        Assert.Empty(_desk.Column("id", ObjectKind.Worker, "", "", Desk.Mallory));
    }

    [Fact]
    public void A_worker_cannot_have_the_name_of_a_worker()
    {
        _desk.Do(Verb.Create, ObjectKind.Worker, "demo01");
        Assert.Contains("by a worker",
            _desk.Refused(ErrorCode.Exists, Verb.Create, ObjectKind.Worker, "demo01").Message);
    }

    [Fact]
    public void A_worker_cannot_have_the_name_of_a_service()
    {
        _desk.Do(Verb.Create, ObjectKind.Service, "web");
        Assert.Contains("by a service", _desk.Refused(ErrorCode.Exists, Verb.Create, ObjectKind.Worker, "web").Message);
        _desk.Do(Verb.Create, ObjectKind.Worker, "demo01");
        _desk.Refused(ErrorCode.Exists, Verb.Rename, ObjectKind.Worker, "demo01", "", "web");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("../x")]
    [InlineData("-demo")]
    [InlineData("x'; DROP TABLE workers; --")]
    [InlineData("\u001b[31m")]
    public void A_name_that_breaks_the_rule_is_refused(string name) =>
        _desk.Refused(ErrorCode.Invalid, Verb.Create, ObjectKind.Worker, name);

    [Fact]
    public void An_observer_makes_no_worker() =>
        _desk.Refused(ErrorCode.NotAllowed, Desk.Eve, Verb.Create, ObjectKind.Worker, "demo01");

    [Fact]
    public void A_member_deletes_his_own_worker_and_not_anothers()
    {
        _desk.Do(Desk.Alice, Verb.Create, ObjectKind.Worker, "hers");
        Assert.Contains("alice",
            _desk.Refused(ErrorCode.NotAllowed, Desk.Bob, Verb.Delete, ObjectKind.Worker, "hers").Why);
        _desk.Do(Desk.Alice, Verb.Delete, ObjectKind.Worker, "hers");
        Assert.Empty(_desk.Column("id", ObjectKind.Worker));
    }

    [Fact]
    public void A_deleted_worker_is_named_with_the_services_that_it_leaves()
    {
        _desk.WithService();
        Assert.Contains("demoservice", _desk.Do(Verb.Delete, ObjectKind.Worker, "demo01"));
        Assert.Equal([""], _desk.Column("workers", ObjectKind.Service));
    }

    [Fact]
    public void A_renamed_worker_keeps_its_token_and_its_services()
    {
        _desk.WithService();
        string token = _desk.Column("token", ObjectKind.Worker, "demo01", "token")[0];
        Assert.Contains("-identity demo02", _desk.Do(Verb.Rename, ObjectKind.Worker, "demo01", "", "demo02"));
        Assert.Equal([token], _desk.Column("token", ObjectKind.Worker, "demo02", "token"));
        Assert.Equal(["demo02"], _desk.Column("workers", ObjectKind.Service));
        _desk.Refused(ErrorCode.NotFound, Verb.Show, ObjectKind.Worker, "demo01");
    }

    [Fact]
    public void A_description_is_kept_and_one_with_control_characters_or_too_long_is_refused()
    {
        _desk.Do(Verb.Create, ObjectKind.Worker, "demo01");
        _desk.Do(Verb.Set, ObjectKind.Worker, "demo01", "description", "in the cellar %s {0}");
        Assert.Equal(["in the cellar %s {0}"], _desk.Column("description", ObjectKind.Worker));
        _desk.Refused(ErrorCode.Invalid, Verb.Set, ObjectKind.Worker, "demo01", "description", "a\u001b[2Jb");
        _desk.Refused(ErrorCode.TooLarge, Verb.Set, ObjectKind.Worker, "demo01", "description", new string('x', 1025));
    }

    [Fact]
    public void What_is_not_a_statement_names_those_that_are()
    {
        TriggerException refusal =
            _desk.Refused(ErrorCode.Unsupported, Verb.Set, ObjectKind.Worker, "demo01", "colour", "red");
        Assert.Contains("set worker colour", refusal.Message);
        Assert.Contains("description", refusal.Why);
    }

    [Fact]
    public void Too_few_and_too_many_values_are_refused()
    {
        _desk.Do(Verb.Create, ObjectKind.Worker, "demo01");
        _desk.Refused(ErrorCode.Usage, Verb.Set, ObjectKind.Worker, "demo01", "description");
        _desk.Refused(ErrorCode.Usage, Verb.Set, ObjectKind.Worker, "demo01", "description", "a", "b");
    }

    [Fact]
    public void More_workers_than_a_team_may_have_are_refused()
    {
        using var full = new Desk(Sample.State with
        {
            Workers = Enumerable.Range(0, Limits.ThingsPerTeamMax)
                .Select(n => Sample.Worker(100 + n, $"w{n}")).ToArray(),
        });
        full.Refused(ErrorCode.TooLarge, Verb.Create, ObjectKind.Worker, "onemore");
        full.Do(Desk.Mallory, Verb.Create, ObjectKind.Worker, "onemore");
    }
}
