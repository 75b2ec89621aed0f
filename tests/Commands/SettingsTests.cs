using TriggerFs.Commands;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands;

public sealed class SettingsTests
{
    private static Settings Workers(params WorkerSettings[] workers) =>
        new() { File = "t.toml", Workers = new() { All = [.. workers] } };

    private static readonly WorkerSettings Demo01 = new("team1", "demo01", "t1");
    private static readonly WorkerSettings Demo02 = new("team1", "demo02", "t2");

    [Fact]
    public void The_only_worker_of_a_host_needs_no_name() => Assert.Equal(Demo01, Workers(Demo01).NeedWorker(null));

    [Fact]
    public void One_of_several_workers_is_found_by_its_identity() =>
        Assert.Equal(Demo02, Workers(Demo01, Demo02).NeedWorker("demo02"));

    [Fact]
    public void Several_workers_and_no_name_is_refused_with_their_names()
    {
        var refusal = Assert.Throws<TriggerException>(() => Workers(Demo01, Demo02).NeedWorker(null));
        Assert.Contains("team1/demo01, team1/demo02", refusal.Why);
    }

    [Fact]
    public void The_team_decides_between_workers_of_the_same_identity()
    {
        Settings settings = Workers(Demo01, Demo01 with { Team = "team2", Token = "t3" });
        Assert.Throws<TriggerException>(() => settings.NeedWorker("demo01"));
        settings = settings with { Main = new(Team: "team2") };
        Assert.Equal("t3", settings.NeedWorker("demo01").Token);
    }

    [Fact]
    public void A_mistyped_worker_is_told_which_there_are_and_how_one_is_made()
    {
        var refusal = Assert.Throws<TriggerException>(() => Workers(Demo01, Demo02).NeedWorker("demo09"));
        Assert.Contains("team1/demo01, team1/demo02", refusal.Why);
        Assert.Contains("'set workers identity demo09'", refusal.Fix);
        Assert.Contains("[workers.TEAM.demo09]", refusal.Fix);
    }

    [Fact]
    public void What_can_be_no_workers_name_is_a_slip() =>
        Assert.Equal(64, Assert.Throws<TriggerException>(() => Workers(Demo01).NeedWorker("it's")).Code.ExitCode());

    [Fact]
    public void A_token_from_the_environment_needs_no_file()
    {
        Settings settings = new() { Main = new(Team: "team1"), Workers = new(Token: "t9") };
        Assert.Equal(new("team1", "demo01", "t9"), settings.NeedWorker("demo01"));
    }

    [Fact]
    public void What_is_missing_is_named_with_where_to_set_it()
    {
        var refusal = Assert.Throws<TriggerException>(() => new Settings().NeedUser());
        Assert.Equal("the team is not set", refusal.Message);
        Assert.Contains("--team", refusal.Fix);
        Assert.Equal(78, refusal.Code.ExitCode());
    }

    [Fact]
    public void No_secret_is_in_what_a_log_could_print()
    {
        Settings settings = Workers(new WorkerSettings("team1", "demo01", "TOKEN")) with
        {
            Main = new("team1", "hp", "SECRET", "JWT", "tcp://b:1", "KEY"),
        };
        string text = settings + " " + settings.NeedUser() + " " + settings.NeedWorker(null);
        Assert.DoesNotMatch("SECRET|JWT|TOKEN", text);
    }
}
