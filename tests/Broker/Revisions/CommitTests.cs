using TriggerFs.Broker.Audit;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Revisions;

public sealed class CommitTests
{
    private readonly Scene _scene = new();
    private readonly TestPeer _admin;
    private readonly TestPeer _alice;

    public CommitTests()
    {
        _admin = _scene.User();
        _alice = _scene.User("alice");
    }

    private long Newest => _scene.Roster.Revisions.Newest(Sample.Team1);

    private Service Dc1 => _scene.Roster.Service(new(21))!;

    [Fact]
    public void Statements_are_done_together_and_each_sees_those_before_it()
    {
        string notice = Done(Commit(_admin, 0, [
            Create(ObjectKind.Service, "web"), Create(ObjectKind.Worker, "fresh"),
            Ask(Verb.Add, ObjectKind.Service, "web", Properties.Workers, "fresh"),
            Create(ObjectKind.Directory, "/new"), Create(ObjectKind.Trigger, "/new/t"),
            Ask(Verb.Add, ObjectKind.Trigger, "/new/t", Properties.Service, "web"),
        ], comment: "the web"));
        Assert.StartsWith("revision 1\n", notice);
        Assert.Contains("the token of fresh is ", notice);
        Service web = _scene.Roster.FindService(Sample.Team1, "web")!;
        Assert.Equal("fresh", _scene.Roster.Worker(Assert.Single(web.Workers))!.Name.Value);
        Assert.Equal(web.Id, _scene.Roster.Find(Sample.Team1, new("/new/t"))!.Trigger!.Service);
        Revision revision = Assert.Single(_scene.Roster.Revisions.Of(Sample.Team1));
        Assert.Equal((RevisionKind.Commit, "hp", "the web", 6),
            (revision.Kind, revision.Author, revision.Comment, revision.Lines.Length));
        AuditEntry line = Assert.Single(_scene.World.Audited, one => one.Event == AuditEvents.Change);
        Assert.Equal("commit 6 statements: the web", line.What);
        Assert.Equal(["web", "fresh", "/new", "/new/t"], line.Things!.Select(thing => thing.Name));
        Assert.Equal("fresh", line.Things![0].After!["workers"]);
        Tidy.Check(_scene);
    }

    [Fact]
    public void One_that_is_refused_refuses_all_and_is_named()
    {
        Refused refused = Refused(Commit(_admin, 0, [
            Create(ObjectKind.Service, "web"), Set("dc1", Properties.Timeout, "1"),
            Create(ObjectKind.Service, "web"), Create(ObjectKind.Service, "more"),
        ]));
        Assert.Equal(ErrorCode.Exists, refused.Code);
        Assert.StartsWith("statement 3 of 4 (create service web): ", refused.What);
        Assert.Empty(_scene.World.Committing);
        Assert.Null(_scene.Roster.FindService(Sample.Team1, "web"));
        Assert.Equal((0u, 0L), (Dc1.TimeoutMs, Newest));
    }

    [Fact]
    public void What_the_disk_refuses_has_not_happened()
    {
        _admin.Send(Message(CommitAction.Store, 0, [Create(ObjectKind.Service, "web")]).Write);
        _scene.State.Committed(_scene.World.Committing.Dequeue().Ticket, new(ErrorCode.Storage, "full"), _scene.Now);
        Assert.Equal(ErrorCode.Storage, Assert.Single(_admin.Read()).Refused!.Code);
        Assert.Equal(0, Newest);
        Done(Commit(_admin, 0, [Create(ObjectKind.Service, "web")]));
    }

    [Fact]
    public void A_check_says_what_would_change_and_changes_nothing()
    {
        Heard heard = Send(_admin, Message(CommitAction.Check, 0,
            [Set("dc1", Properties.Timeout, "20000"), Create(ObjectKind.Service, "web")]));
        string[][] rows = [.. Listing.Read(heard.Message).Rows];
        Assert.Equal(["service", "dc1", "changed", "timeout", "", "20s"], rows[0]);
        Assert.All(rows[1..], row => Assert.Equal(["service", "web", "made"], row[..3]));
        Assert.Equal((0L, 0u), (Newest, Dc1.TimeoutMs));
        Assert.Empty(_scene.World.Committing);
    }

    [Fact]
    public void Two_who_change_the_same_get_a_conflict_with_names_and_lines()
    {
        Done(Commit(_alice, 0, [Create(ObjectKind.Directory, "/hers")]));
        Done(Commit(_admin, 1, [Set("dc1", Properties.Timeout, "10000")]));
        Refused refused = Refused(Commit(_admin, 1, [Set("dc1", Properties.Timeout, "30000")]));
        Assert.Equal(ErrorCode.Conflict, refused.Code);
        Assert.Contains("service dc1 timeout: revision 2 of hp, ", refused.Why);
        Assert.EndsWith(": set service dc1 timeout 10000", refused.Why);
        Assert.Equal(10_000u, Dc1.TimeoutMs);
        Done(Commit(_admin, 2, [Set("dc1", Properties.Timeout, "30000")]));
        Assert.Equal(30_000u, Dc1.TimeoutMs);
    }

    [Fact]
    public void Two_who_change_different_things_do_not_meet()
    {
        Done(Commit(_admin, 0, [Set("dc1", Properties.Timeout, "10000")]));
        Done(Commit(_admin, 0, [Set("dc1", Properties.Algorithm, "mirror")]));
        Done(Commit(_admin, 0, [Ask(Verb.Remove, ObjectKind.Service, "dc1", Properties.Workers, "demo01")]));
        Done(Commit(_admin, 0, [Ask(Verb.Remove, ObjectKind.Service, "dc1", Properties.Workers, "demo03")]));
        Assert.Equal((10_000u, Algorithm.Mirror), (Dc1.TimeoutMs, Dc1.Algorithm));
        Assert.Equal([new WorkerId(12)], Dc1.Workers.AsSpan());
    }

    [Fact]
    public void What_was_set_at_once_counts_as_a_revision_and_meets_commits()
    {
        Send(_admin, Set("dc1", Properties.Timeout, "5000") with { Id = new(7) });
        Assert.Equal(1, Newest);
        Refused refused = Refused(Commit(_admin, 0, [Set("dc1", Properties.Timeout, "6000")]));
        Assert.Equal(ErrorCode.Conflict, refused.Code);
    }

    [Fact]
    public void A_thing_that_somebody_deleted_meanwhile_is_told_with_who_did()
    {
        Send(_admin, Ask(Verb.Delete, ObjectKind.Service, "dc1", "") with { Id = new(7) });
        Refused refused = Refused(Commit(_admin, 0, [Set("dc1", Properties.Timeout, "6000")]));
        Assert.Equal(ErrorCode.NotFound, refused.Code);
        Assert.Contains("meanwhile there was revision 1 of hp, ", refused.Why);
    }

    [Fact]
    public void A_statement_that_changes_nothing_makes_no_revision()
    {
        Assert.Equal("there is nothing to change", Done(Commit(_admin, 0, [Set("dc1", Properties.Timeout, "0")])));
        Send(_admin, Set("dc1", Properties.Timeout, "0") with { Id = new(7) });
        Assert.Equal(0, Newest);
    }

    [Fact]
    public void Only_what_a_member_may_change_can_be_committed_by_him()
    {
        Refused refused = Refused(Commit(_alice, 0,
            [Create(ObjectKind.Service, "hers"), Ask(Verb.Delete, ObjectKind.Worker, "demo01", "")]));
        Assert.Equal(ErrorCode.NotAllowed, refused.Code);
        Assert.Contains(_scene.World.Audited, line => line.Code == "NotAllowed" && line.What == "commit 2 statements");
        Done(Commit(_alice, 0, [Create(ObjectKind.Service, "hers")]));
        refused = Refused(Commit(_scene.User("eve"), 1, [Create(ObjectKind.Service, "no")]));
        Assert.Equal(ErrorCode.NotAllowed, refused.Code);
    }

    [Fact]
    public void Users_teams_and_what_only_looks_are_not_part_of_commits()
    {
        foreach (Manage statement in (Manage[])
        [
            Ask(Verb.Set, ObjectKind.User, "alice", Properties.Role, "admin"),
            Ask(Verb.Set, ObjectKind.Team, "team1", Properties.Plan, "free"),
            Ask(Verb.Show, ObjectKind.Worker, "demo01", Properties.Token),
        ]) Assert.Equal(ErrorCode.Invalid, Refused(Commit(_admin, 0, [statement])).Code);
    }

    [Fact]
    public void A_team_does_not_see_the_revisions_of_another()
    {
        Done(Commit(_admin, 0, [Create(ObjectKind.Service, "web")]));
        TestPeer stranger = _scene.User("mallory", "team2");
        Assert.Empty(Rows(Send(stranger, Ask(Verb.Show, ObjectKind.Revision, "", ""))));
        Assert.Equal(ErrorCode.Invalid, Refused(Commit(stranger, 1, [Create(ObjectKind.Service, "web")])).Code);
        Done(Commit(stranger, 0, [Create(ObjectKind.Service, "web")]));
    }

    [Fact]
    public void The_revisions_are_shown_the_newest_first_and_their_statements_to_admins_and_their_author()
    {
        Done(Commit(_alice, 0, [Create(ObjectKind.Service, "hers")], comment: "mine"));
        Done(Commit(_admin, 1, [Create(ObjectKind.Service, "his")]));
        string[][] rows = Rows(Send(_admin, Ask(Verb.Show, ObjectKind.Revision, "", "")));
        Assert.Equal(["0", "2", "hp", "commit"], [rows[0][0], rows[0][1], rows[0][3], rows[0][4]]);
        Assert.Equal(["1", "1", "alice", "mine", "create service hers"],
            [rows[1][0], rows[1][1], rows[1][3], rows[1][5], rows[1][6]]);
        rows = Rows(Send(_alice, Ask(Verb.Show, ObjectKind.Revision, "", "")));
        Assert.Equal(["", "create service hers"], [rows[0][6], rows[1][6]]);
    }

    [Fact]
    public void The_oldest_revisions_make_room()
    {
        for (int n = 0; n < Limits.RevisionsMax + 10; n++)
            Send(_admin, Set("dc1", Properties.Timeout, $"{n + 1}") with { Id = new(7) });
        Assert.Equal(Limits.RevisionsMax, _scene.Roster.Revisions.Of(Sample.Team1).Count);
        Assert.Equal(Limits.RevisionsMax + 10, Newest);
        Assert.Equal(ErrorCode.Conflict, Refused(Commit(_admin, 5, [Create(ObjectKind.Service, "web")])).Code);
        Assert.Equal(ErrorCode.NotFound, Refused(Send(_admin, Back(5))).Code);
        Done(Send(_admin, Back(10)));
        Assert.Equal(10u, Dc1.TimeoutMs);
    }

    [Fact]
    public void A_commit_that_is_not_confirmed_is_taken_back_by_itself()
    {
        Assert.Contains("unless it is confirmed", Done(Commit(_admin, 0,
            [Set("dc1", Properties.Timeout, "10000"), Ask(Verb.Delete, ObjectKind.Service, "all", "")],
            confirmMs: 300_000)));
        _scene.Pass(299_000, _admin, _alice);
        Assert.Null(_scene.Roster.FindService(Sample.Team1, "all"));
        _scene.Pass(1_000, _admin, _alice);
        _scene.Settle();
        Assert.Equal(0u, Dc1.TimeoutMs);
        Assert.NotNull(_scene.Roster.FindService(Sample.Team1, "all"));
        Revision back = _scene.Roster.Revisions.Of(Sample.Team1).Last();
        Assert.Equal((2, RevisionKind.Unconfirmed, "broker"), (back.Number, back.Kind, back.Author));
        AuditEntry line = _scene.World.Audited.Last(one => one.Event == AuditEvents.Change);
        Assert.Equal((Sample.Team1.Value, null), (line.AboutId!.Value, line.User));
        _scene.Pass(600_000, _admin, _alice);
        Assert.Empty(_scene.World.Committing);
        Tidy.Check(_scene);
    }

    [Fact]
    public void A_commit_that_is_confirmed_stands()
    {
        Done(Commit(_admin, 0, [Set("dc1", Properties.Timeout, "10000")], confirmMs: 300_000));
        Assert.Equal(ErrorCode.NotAllowed, Refused(Send(_alice, Message(CommitAction.Confirm, 1, []))).Code);
        Assert.Equal("revision 1 stands", Done(Send(_admin, Message(CommitAction.Confirm, 1, []))));
        _scene.Pass(600_000, _admin, _alice);
        Assert.Empty(_scene.World.Committing);
        Assert.Equal(10_000u, Dc1.TimeoutMs);
        Assert.Equal(ErrorCode.NotFound, Refused(Send(_admin, Message(CommitAction.Confirm, 1, []))).Code);
    }

    [Fact]
    public void While_a_commit_waits_to_be_confirmed_nothing_else_of_the_team_changes()
    {
        Done(Commit(_admin, 0, [Set("dc1", Properties.Timeout, "10000")], confirmMs: 300_000));
        Refused refused = Refused(Commit(_alice, 1, [Create(ObjectKind.Service, "hers")]));
        Assert.Equal(ErrorCode.Busy, refused.Code);
        Assert.StartsWith("revision 1 of hp waits to be confirmed", refused.What);
        refused = Refused(Send(_alice, Create(ObjectKind.Directory, "/hers") with { Id = new(7) }));
        Assert.Equal(ErrorCode.Busy, refused.Code);
        TestPeer stranger = _scene.User("mallory", "team2");
        Done(Send(stranger, Create(ObjectKind.Service, "web") with { Id = new(7) }));
        Done(Send(_admin, Back(0, newest: 1)));
        Assert.Equal(0u, Dc1.TimeoutMs);
        Done(Commit(_alice, 2, [Create(ObjectKind.Service, "hers")]));
    }

    [Fact]
    public void What_cannot_be_taken_back_on_a_full_disk_is_tried_again()
    {
        Done(Commit(_admin, 0, [Set("dc1", Properties.Timeout, "10000")], confirmMs: 1000));
        _scene.Pass(1000, _admin, _alice);
        _scene.State.Committed(_scene.World.Committing.Dequeue().Ticket, new(ErrorCode.Storage, "full"), _scene.Now);
        Assert.Equal(10_000u, Dc1.TimeoutMs);
        _scene.Pass(5000, _admin, _alice);
        _scene.Settle();
        Assert.Equal(0u, Dc1.TimeoutMs);
    }

    [Fact]
    public void A_broker_that_was_away_takes_back_what_was_not_confirmed_meanwhile_and_waits_for_the_rest()
    {
        Done(Commit(_admin, 0, [Set("dc1", Properties.Timeout, "10000")], confirmMs: 300_000));
        StoredState stored = Scene.Team(service => service.Name.Value == "dc1" ? Dc1 : service) with
        {
            Revisions = [.. _scene.Roster.Revisions.Of(Sample.Team1)],
        };
        foreach (bool isLate in (bool[])[false, true])
        {
            var again = new Scene(stored, awayMs: isLate ? 301_000 : 100_000);
            again.Pass(1000);
            Assert.Equal(isLate ? 1 : 0, again.World.Committing.Count);
            again.Settle();
            Assert.Equal(isLate ? 0u : 10_000u, again.Roster.Service(new(21))!.TimeoutMs);
            again.Pass(200_000);
            again.Settle();
            Assert.Equal(0u, again.Roster.Service(new(21))!.TimeoutMs);
        }
    }

    [Fact]
    public void Going_back_brings_all_back_as_it_was_with_its_numbers_and_its_token()
    {
        Done(Commit(_admin, 0, [Create(ObjectKind.Worker, "fresh")]));
        Worker fresh = _scene.Roster.FindWorker(Sample.Team1, "fresh")!;
        Done(Commit(_admin, 1, [
            Ask(Verb.Add, ObjectKind.Service, "dc1", Properties.Workers, "fresh"),
            Ask(Verb.Rename, ObjectKind.Service, "dc1", "", "dc2"),
        ]));
        Send(_admin, Ask(Verb.Delete, ObjectKind.Worker, "fresh", "") with { Id = new(7) });
        Send(_admin, Ask(Verb.Delete, ObjectKind.Service, "dc2", "") with { Id = new(8) });
        Assert.Null(_scene.Roster.Find(Sample.Team1, new("/demo/uptime"))!.Trigger!.Service);

        Heard check = Send(_admin, Message(CommitAction.CheckBack, 4, [], target: 1));
        Assert.Contains(Listing.Read(check.Message).Rows, row => row[..3] is ["worker", "fresh", "made"]);
        Assert.Equal("revision 5 is as revision 1 was", Done(Send(_admin, Back(1))));
        Worker back = _scene.Roster.FindWorker(Sample.Team1, "fresh")!;
        Assert.Equal(fresh.Id, back.Id);
        Assert.Equal(fresh.SealedToken.AsSpan(), back.SealedToken.AsSpan());
        Assert.Equal(("dc1", 3), (Dc1.Name.Value, Dc1.Workers.Length));
        Assert.Equal(new ServiceId(21), _scene.Roster.Find(Sample.Team1, new("/demo/uptime"))!.Trigger!.Service);
        Done(Send(_admin, Back(4)));
        Assert.Null(_scene.Roster.FindWorker(Sample.Team1, "fresh"));
        Assert.Null(_scene.Roster.FindService(Sample.Team1, "dc2"));
        Tidy.Check(_scene);
    }

    [Fact]
    public void Going_back_is_for_admins_who_have_seen_the_newest_revision()
    {
        Send(_admin, Set("dc1", Properties.Timeout, "1") with { Id = new(7) });
        Send(_admin, Set("dc1", Properties.Timeout, "2") with { Id = new(7) });
        Assert.Equal(ErrorCode.NotAllowed, Refused(Send(_alice, Back(0))).Code);
        Refused refused = Refused(Send(_admin, Back(0, newest: 1)));
        Assert.Equal(ErrorCode.Conflict, refused.Code);
        Assert.Contains("revision 2 of hp", refused.Why);
        Assert.Equal("that is how it is", Done(Send(_admin, Back(2))));
    }

    [Fact]
    public void Going_back_makes_no_more_than_the_plan_allows()
    {
        Send(_admin, Ask(Verb.Delete, ObjectKind.Worker, "demo03", "") with { Id = new(7) });
        Send(_admin, Ask(Verb.Set, ObjectKind.Team, "team1", Properties.Plan, "free") with { Id = new(8) });
        Refused refused = Refused(Send(_admin, Back(0)));
        Assert.Equal((ErrorCode.TooLarge, "there would be 3; its plan is free"), (refused.Code, refused.Why));
        Assert.Null(_scene.Roster.FindWorker(Sample.Team1, "demo03"));
    }

    [Fact]
    public void What_somebody_owned_who_is_gone_belongs_to_who_goes_back()
    {
        Done(Commit(_alice, 0, [Create(ObjectKind.Service, "hers")]));
        Send(_alice, Ask(Verb.Delete, ObjectKind.Service, "hers", "") with { Id = new(7) });
        Send(_admin, Ask(Verb.Delete, ObjectKind.User, "alice", "", "hp") with { Id = new(8) });
        Done(Send(_admin, Back(1)));
        Assert.Equal(Sample.Admin, _scene.Roster.FindService(Sample.Team1, "hers")!.Owner);
    }

    [Fact]
    public void Runs_that_wait_for_a_service_and_its_hits_are_not_touched_by_a_check()
    {
        TestPeer worker = _scene.Worker("demo01");
        _admin.Fire(1, 32);
        worker.FinishAll();
        Send(_admin, Message(CommitAction.Check, 0, [
            Ask(Verb.Delete, ObjectKind.Trigger, "/demo/uptime", ""), Ask(Verb.Delete, ObjectKind.Service, "dc1", ""),
            Ask(Verb.Delete, ObjectKind.Worker, "demo01", ""),
        ]));
        Assert.Equal(1ul, _scene.Roster.Hits.Of(new(32)).Count);
        _admin.Fire(2, 32);
        Assert.Equal(1, worker.FinishAll());
        Assert.Equal(2ul, _scene.Roster.Hits.Of(new(32)).Count);
        Tidy.Check(_scene);
    }

    private static Manage Ask(Verb verb, ObjectKind kind, string name, string property, params string[] values) =>
        new(new(900), verb, kind, name, property, values);

    private static Manage Create(ObjectKind kind, string name) => Ask(Verb.Create, kind, name, "");

    private static Manage Set(string service, string property, string value) =>
        Ask(Verb.Set, ObjectKind.Service, service, property, value);

    private static Commit Message(
        CommitAction action, long seen, Manage[] statements, long target = 0, uint confirmMs = 0,
        string comment = "") => new(new(900), action, seen, target, confirmMs, comment, statements);

    private Commit Back(long target, long? newest = null) =>
        Message(CommitAction.Back, newest ?? Newest, [], target);

    private Heard Commit(TestPeer user, long seen, Manage[] statements, uint confirmMs = 0, string comment = "") =>
        Send(user, Message(CommitAction.Store, seen, statements, 0, confirmMs, comment));

    private Heard Send(TestPeer user, Commit commit)
    {
        user.Send(commit.Write);
        _scene.Settle();
        return user.Read()[^1];
    }

    private Heard Send(TestPeer user, Manage statement)
    {
        user.Send(statement.Write);
        _scene.Settle();
        return user.Read()[^1];
    }

    private static string Done(Heard heard)
    {
        Assert.True(heard.Kind == MessageKind.Done, $"{heard}");
        return TriggerFs.Core.Messages.Done.Read(heard.Message).Notice;
    }

    private static Refused Refused(Heard heard)
    {
        Assert.True(heard.Refused is not null, $"{heard}");
        return heard.Refused;
    }

    private static string[][] Rows(Heard heard) => [.. Listing.Read(heard.Message).Rows];
}
