using TriggerFs.Broker.Audit;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.State;

public sealed class PublicServiceTests
{
    private readonly Scene _scene = new(Scene.Team(service => service with
    {
        Visibility = Visibility.Public,
        Rate = new(3, 60_000),
    }));

    [Fact]
    public void A_user_of_another_team_who_calls_too_often_is_told_when_to_try_again()
    {
        TestPeer worker = _scene.Worker("demo01", jobs: 100), stranger = _scene.User("mallory", "team2");
        for (ulong n = 1; n <= 5; n++) stranger.Request(n, "team1/dc1");
        Assert.Equal(3, worker.FinishAll());
        Heard[] refused = [.. stranger.Read(MessageKind.Refused)];
        Assert.Equal([4, 5], refused.Select(heard => (int)heard.Id));
        Assert.Equal(ErrorCode.Busy, refused[0].Refused!.Code);
        Assert.Equal("try again in 20 s", refused[0].Refused!.Fix);

        _scene.Pass(20_000, worker, stranger);
        stranger.Request(6, "team1/dc1");
        Assert.Equal(1, worker.FinishAll());
        Tidy.Check(_scene);
    }

    [Fact]
    public void The_own_team_is_not_held_to_the_rate()
    {
        TestPeer worker = _scene.Worker("demo01", jobs: 100);
        TestPeer member = _scene.User("alice"), observer = _scene.User("eve");
        for (ulong n = 1; n <= 20; n++) member.Request(n, "dc1");
        observer.Request(1, "dc1");
        Assert.Equal(21, worker.FinishAll());
    }

    [Fact]
    public void The_rate_is_set_by_who_may_change_the_service_and_counts_from_then_on()
    {
        TestPeer worker = _scene.Worker("demo01", jobs: 100), stranger = _scene.User("mallory", "team2");
        TestPeer admin = _scene.User();
        admin.Send(new Manage(new(1), Verb.Set, ObjectKind.Service, "dc1", Properties.Rate, ["none"]).Write);
        _scene.Settle();
        for (ulong n = 1; n <= 50; n++) stranger.Request(n, "team1/dc1");
        Assert.Equal(50, worker.FinishAll());
    }

    [Fact]
    public void The_team_that_offers_it_sees_who_called()
    {
        TestPeer worker = _scene.Worker("demo01", jobs: 100), stranger = _scene.User("mallory", "team2");
        for (ulong n = 1; n <= 5; n++) stranger.Request(n, "team1/dc1");
        AuditEntry call = Assert.Single(_scene.World.Audited, line => line.Event == AuditEvents.Call);
        Assert.Equal(("team2", "mallory", "team1", Sample.Team1.Value, "call service dc1"),
            (call.Team, call.User, call.About, call.AboutId!.Value, call.What));
        AuditEntry tooOften = Assert.Single(_scene.World.Audited, line => line.Event == AuditEvents.Refused);
        Assert.Equal((Sample.Team1.Value, "Busy"), (tooOften.AboutId!.Value, tooOften.Code));

        string[][] rows = Jobs(_scene.User());
        Assert.Equal(3, rows.Length);
        Assert.Equal(["team2/mallory", "dc1"], rows[0][1..3]);
        Assert.Empty(Jobs(_scene.User("alice")));
        worker.FinishAll();
        _scene.Pass(Repeats.WindowMs + 2000, worker, stranger);
        Assert.Equal(2, _scene.World.Audited.Last(line => line.Event == AuditEvents.Call).Times);
    }

    [Fact]
    public void The_caller_sees_his_own_calls_under_the_full_name_and_no_one_elses()
    {
        _scene.Worker("demo01", jobs: 100);
        TestPeer stranger = _scene.User("mallory", "team2");
        stranger.Request(1, "team1/dc1");
        _scene.User().Request(1, "dc1");
        string[] row = Assert.Single(Jobs(stranger));
        Assert.Equal(["mallory", "team1/dc1"], row[1..3]);
    }

    [Fact]
    public void It_gives_no_other_right_in_that_team()
    {
        TestPeer stranger = _scene.User("mallory", "team2");
        foreach (string name in (string[])["dc1", "team1/dc1"])
        {
            foreach (Manage asked in (Manage[])
            [
                new(new(1), Verb.Show, ObjectKind.Service, name, "", []),
                new(new(1), Verb.Set, ObjectKind.Service, name, Properties.Timeout, ["1"]),
                new(new(1), Verb.Add, ObjectKind.Service, name, Properties.Workers, ["demo01"]),
                new(new(1), Verb.Delete, ObjectKind.Service, name, "", []),
                new(new(1), Verb.Show, ObjectKind.Worker, "demo01", "", []),
            ])
            {
                stranger.Send(asked.Write);
                _scene.Settle();
                Assert.Equal(ErrorCode.NotFound, Assert.Single(stranger.Read()).Refused!.Code);
            }
        }
        stranger.Request(2, "team1/demo01");
        Assert.Equal(ErrorCode.NotFound, Assert.Single(stranger.Read()).Refused!.Code);
    }

    [Fact]
    public void A_service_without_a_worker_says_nothing_of_the_teams_workers_to_others()
    {
        TestPeer stranger = _scene.User("mallory", "team2");
        stranger.Request(1, "team1/dc1");
        Refused refused = Assert.Single(stranger.Read()).Refused!;
        Assert.Equal(ErrorCode.NoWorker, refused.Code);
        Assert.DoesNotContain("demo", $"{refused.What} {refused.Why} {refused.Fix}");
    }

    private string[][] Jobs(TestPeer user)
    {
        user.Send(new Manage(new(900), Verb.Show, ObjectKind.Job, "", "", []).Write);
        _scene.Settle();
        return [.. Listing.Read(user.Read(MessageKind.Listing)[0].Message).Rows];
    }
}
