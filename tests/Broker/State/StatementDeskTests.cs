using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Tests.Fs;

namespace TriggerFs.Tests.Broker.State;

public sealed class StatementDeskTests
{
    [Fact]
    public void A_statement_is_answered_when_it_is_on_the_disk()
    {
        var scene = new Scene();
        TestPeer user = scene.User();
        user.Send(Create("/one", 1).Write);
        Assert.Empty(user.Read());
        scene.Settle();
        Assert.Equal(1ul, Done.Read(Assert.Single(user.Read()).Message).Id.Value);
    }

    [Fact]
    public void Each_statement_sees_what_those_before_it_did()
    {
        var scene = new Scene();
        TestPeer user = scene.User();
        user.Send(Create("/one", 1).Write);
        user.Send(Create("/one/two", 2).Write);
        user.Send(Create("/one", 3).Write);
        Assert.Single(scene.World.Committing);
        scene.Settle();
        List<Heard> heard = user.Read();
        Assert.Equal([MessageKind.Done, MessageKind.Done, MessageKind.Refused], heard.Select(one => one.Kind));
        Assert.Equal(ErrorCode.Exists, heard[2].Refused!.Code);
    }

    [Fact]
    public void What_the_disk_refuses_has_not_happened_and_the_log_says_so()
    {
        var scene = new Scene();
        var log = new BugLog();
        scene.World.Log = log;
        TestPeer user = scene.User();
        user.Send(Create("/one", 1).Write);
        scene.State.Committed(scene.World.Committing.Dequeue().Ticket, new(ErrorCode.Storage, "the disk is full"),
            scene.Now);
        Assert.Equal(ErrorCode.Storage, Assert.Single(user.Read()).Refused!.Code);
        string told = Assert.Single(log.Lines, line => line.StartsWith("Error: ", StringComparison.Ordinal));
        Assert.Contains("/one was not stored: the disk is full", told);
        user.Send(Create("/one", 2).Write);
        scene.Settle();
        Assert.Equal(MessageKind.Done, Assert.Single(user.Read()).Kind);
    }

    [Fact]
    public void More_statements_than_the_disk_can_follow_are_refused_as_busy()
    {
        var scene = new Scene();
        TestPeer user = scene.User();
        for (int i = 0; i < Limits.StatementsMax + 2; i++) user.Send(Create($"/d{i}", (ulong)i).Write);
        Assert.Equal(ErrorCode.Busy, Assert.Single(user.Read()).Refused!.Code);
        scene.Settle();
        Assert.Equal(Limits.StatementsMax + 1, user.Read(MessageKind.Done).Count);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_statement_of_somebody_who_left_does_not_hold_up_the_others()
    {
        var scene = new Scene();
        TestPeer one = scene.User(), two = scene.User("alice");
        one.Send(Create("/one", 1).Write);
        one.Send(Create("/two", 2).Write);
        two.Send(Create("/three", 3).Write);
        scene.Leave(one, TriggerFs.Core.Ports.LinkEnd.Closed);
        scene.Settle();
        Assert.Equal(MessageKind.Done, Assert.Single(two.Read()).Kind);
        Tidy.Check(scene);
    }

    [Fact]
    public void Show_sessions_lists_the_team_for_an_admin_and_oneself_for_a_member()
    {
        var scene = new Scene();
        scene.Worker("demo01");
        scene.User("mallory", "team2");
        TestPeer admin = scene.User(), member = scene.User("alice");
        Assert.Equal(["alice", "demo01", "hp"], Show(scene, admin, ObjectKind.Session).Rows.Select(row => row[0]));
        Assert.Equal(["alice", "demo01"], Show(scene, member, ObjectKind.Session).Rows.Select(row => row[0]));
    }

    [Fact]
    public void Show_jobs_lists_what_is_under_way()
    {
        var scene = new Scene();
        TestPeer worker = scene.Worker("demo01", jobs: 1);
        TestPeer admin = scene.User();
        admin.Request(1, "dc1", plugin: "command/command", hops: 1, parent: ulong.MaxValue);
        admin.Request(2, "dc1");
        Listing jobs = Show(scene, admin, ObjectKind.Job);
        Assert.Equal(["1", "hp", "dc1", "", "command/command", "demo01 sent"], jobs.Rows[0][..6]);
        Assert.Equal("any waiting", jobs.Rows[1][5]);
        string run = $"{Assert.Single(worker.Read(MessageKind.Run)).Id}";
        Assert.Equal([(run, $"{ulong.MaxValue}"), ("", "")], jobs.Rows.Select(row => (row[^2], row[^1])));
    }

    [Fact]
    public void A_user_who_is_disabled_is_turned_out()
    {
        var scene = new Scene();
        TestPeer alice = scene.User("alice");
        User record = scene.Roster.User(Sample.Member)!;
        TestPeer admin = scene.User();
        // Any statement can carry the change.
        admin.Send(Create("/one", 1).Write);
        scene.World.Committing.TryPeek(out (long Ticket, IReadOnlyList<Change> Changes) commit);
        ((IList<Change>)commit.Changes)[0] = new Change.PutUser(record with { Disabled = true });
        scene.Settle();
        Assert.Equal(ErrorCode.Unauthenticated, Assert.Single(alice.Read()).Refused!.Code);
        Assert.True(alice.IsDismissed);
        Assert.False(admin.IsDismissed);
    }

    private static Listing Show(Scene scene, TestPeer user, ObjectKind kind)
    {
        user.Send(new Manage(new(900), Verb.Show, kind, "", "", []).Write);
        scene.Settle();
        return Listing.Read(user.Read(MessageKind.Listing)[0].Message);
    }

    private static Manage Create(string path, ulong id) =>
        new(new(id), Verb.Create, ObjectKind.Directory, path, "", []);
}
