using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;

namespace TriggerFs.Tests.Broker.State;

public sealed class MonitorTests
{
    private const ulong Id = 900;

    private readonly Scene _scene = new(Scene.Team(service => service with { Visibility = Visibility.Team }));

    [Fact]
    public void Workers_that_come_and_go_are_shown_to_their_team_alone()
    {
        TestPeer observer = Watching("eve", ObjectKind.Worker);
        TestPeer stranger = Watching("mallory", ObjectKind.Worker, team: "team2");
        TestPeer one = Watching("hp", ObjectKind.Worker, "demo02");
        TestPeer worker = _scene.Worker("demo01");
        _scene.Leave(worker, LinkEnd.Closed);
        Assert.Equal(["online demo01", "offline demo01"], Rows(observer).Select(row => $"{row[1]} {row[2]}"));
        Assert.Empty(Rows(stranger));
        Assert.Empty(Rows(one));
    }

    [Fact]
    public void A_request_is_shown_from_its_beginning_to_its_end_to_its_sender_and_to_admins()
    {
        TestPeer admin = Watching("hp", ObjectKind.Job), sender = Watching("alice", ObjectKind.Job);
        TestPeer other = Watching("eve", ObjectKind.Job), elsewhere = Watching("hp", ObjectKind.Job, "all");
        TestPeer worker = _scene.Worker("demo01");
        sender.Request(7, "dc1");
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        worker.Started(run);
        worker.Finish(run, exitCode: 3);
        sender.Request(8, "empty");
        string[][] rows = Rows(admin);
        Assert.Equal(["begun", "started", "ended", "begun", "refused"], rows.Select(row => row[1]));
        Assert.Equal(["7", "alice", "dc1", "", "p"], rows[0][2..7]);
        Assert.Equal(["demo01", "3"], rows[2][7..9]);
        Assert.Equal(rows, Rows(sender));
        Assert.Empty(Rows(other));
        Assert.Empty(Rows(elsewhere));
    }

    [Fact]
    public void What_a_service_answers_is_shown_once_whoever_asked()
    {
        TestPeer admin = Watching("hp", ObjectKind.Service, "dc1");
        TestPeer worker = _scene.Worker("demo01"), sender = _scene.User("alice");
        sender.Request(7, "dc1");
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        worker.Output(run, 0, "one\n");
        worker.Finish(run, exitCode: 3, tail: "one\ntwo\n");
        Assert.Equal(["out one\n", "out two\n", "ended exit 3"], Rows(admin).Select(row => $"{row[1]} {row[^1]}"));
    }

    [Fact]
    public void What_a_message_of_the_queue_answers_is_shown_though_its_writer_has_left()
    {
        TestPeer admin = Watching("hp", ObjectKind.Service, "dc1");
        TestPeer worker = _scene.Worker("demo01"), writer = _scene.User();
        writer.FireLater(1, 32, 1);
        _scene.Settle();
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        _scene.Leave(writer, LinkEnd.Broken);
        worker.Output(run, 0, "one\n");
        worker.Finish(run, tail: "one\ntwo\n");
        _scene.Settle();
        Assert.Equal(["out one\n", "out two\n", "ended exit 0"], Rows(admin).Select(row => $"{row[1]} {row[^1]}"));
    }

    [Theory]
    [InlineData("alice", "team1", "NotAllowed")]
    [InlineData("eve", "team1", "NotAllowed")]
    [InlineData("mallory", "team2", "NotFound")]
    public void What_others_ask_of_a_service_is_not_shown_to_who_does_not_own_it(
        string name, string team, string code)
    {
        TestPeer user = Watch(_scene.User(name, team), ObjectKind.Service, "dc1");
        Assert.Equal(code, Assert.Single(user.Read()).Refused!.Code.ToString());
    }

    [Fact]
    public void What_was_cancelled_is_ended_with_a_last_page_and_nothing_comes_after_it()
    {
        TestPeer user = Watching("hp", ObjectKind.Worker);
        TestPeer worker = _scene.Worker("demo01");
        user.Cancel(Id);
        Listing last = Listing.Read(Assert.Single(user.Read(MessageKind.Listing)).Message);
        Assert.True(last.Last);
        Assert.Single(last.Rows);
        _scene.Leave(worker, LinkEnd.Closed);
        Assert.Empty(Rows(user));
    }

    [Fact]
    public void It_ends_with_the_connection()
    {
        TestPeer user = Watching("hp", ObjectKind.Worker);
        _scene.Leave(user, LinkEnd.Broken);
        TestPeer again = _scene.Back(user);
        _scene.Worker("demo01");
        Assert.Empty(Rows(again));
    }

    [Fact]
    public void Who_does_not_read_is_told_how_much_he_missed_and_costs_no_more_memory()
    {
        TestPeer user = Watching("hp", ObjectKind.Worker);
        _scene.World.UnsentBytes = long.MaxValue;
        for (int i = 0; i < Limits.ListingRowsMax; i++) _scene.Leave(_scene.Worker("demo01"), LinkEnd.Closed);
        Assert.Empty(Rows(user));
        _scene.World.UnsentBytes = 0;
        string[][] rows = Rows(user);
        Assert.Equal(Limits.ListingRowsMax, rows.Length);
        Assert.Equal("lost", rows[^1][1]);
        Assert.StartsWith($"{Limits.ListingRowsMax + 1} rows", rows[^1][^1]);
    }

    [Fact]
    public void One_session_watches_a_few_things_and_no_more()
    {
        TestPeer user = _scene.User();
        for (int i = 0; i < Limits.MonitorsPerSessionMax; i++) Watch(user, ObjectKind.Worker, "", Id + (ulong)i);
        Assert.Equal(Limits.MonitorsPerSessionMax, user.Read(MessageKind.Listing).Count);
        Watch(user, ObjectKind.Worker, "");
        Assert.Equal(ErrorCode.Busy, Assert.Single(user.Read()).Refused!.Code);
    }

    private TestPeer Watching(string user, ObjectKind kind, string name = "", string team = "team1")
    {
        TestPeer watcher = Watch(_scene.User(user, team), kind, name);
        Assert.False(Listing.Read(Assert.Single(watcher.Read()).Message).Last);
        return watcher;
    }

    private TestPeer Watch(TestPeer user, ObjectKind kind, string name, ulong id = Id)
    {
        user.Send(new Manage(new(id), Verb.Monitor, kind, name, "", []).Write);
        _scene.Settle();
        return user;
    }

    /// <summary>The rows that the next tick brings.</summary>
    private string[][] Rows(TestPeer watcher)
    {
        _scene.Pass(50);
        return [.. watcher.Read(MessageKind.Listing).SelectMany(page => Listing.Read(page.Message).Rows)];
    }
}
