using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;

namespace TriggerFs.Tests.Broker.State;

public sealed class PeopleTests
{
    [Theory]
    [InlineData("role", "observer")]
    [InlineData("secret", "the new secret")]
    public void A_new_role_or_secret_ends_the_sessions_of_its_user_who_may_prove_it_again(string property, string value)
    {
        var scene = new Scene();
        TestPeer admin = scene.User(), one = scene.User("alice"), two = scene.User("alice"), bob = scene.User("bob");
        admin.Send(Set("alice", property, value));
        scene.Settle();
        Assert.Equal(MessageKind.Done, Assert.Single(admin.Read()).Kind);
        foreach (TestPeer peer in new[] { one, two })
        {
            Assert.Equal(MessageKind.Goodbye, peer.Read()[^1].Kind);
            Assert.True(peer.IsDismissed);
        }
        Assert.False(bob.IsDismissed || admin.IsDismissed);
        Assert.Equal(ErrorCode.Unauthenticated, scene.Back(one).Read()[^1].Refused!.Code);
        Assert.NotNull(scene.User("alice").Welcome);
        Tidy.Check(scene);
    }

    [Fact]
    public void Who_is_disabled_or_deleted_is_out_and_no_jwt_lets_him_back_in()
    {
        foreach (Action<WireWriterUse> change in (Action<WireWriterUse>[])
            [send => send(Set("alice", "disabled", "true")), send => send(Delete("alice"))])
        {
            var scene = new Scene();
            TestPeer admin = scene.User(), alice = scene.User("alice");
            change(write => admin.Send(write));
            scene.Settle();
            Assert.Equal(ErrorCode.Unauthenticated, alice.Read()[^1].Refused!.Code);
            Assert.True(alice.IsDismissed);
            Assert.Equal(ErrorCode.Unauthenticated, scene.Back(alice).Read()[^1].Refused!.Code);
            Assert.Null(scene.User("alice").Welcome);
            Tidy.Check(scene);
        }
    }

    [Fact]
    public void A_jwt_of_before_stays_worthless_when_its_user_is_let_in_again()
    {
        var scene = new Scene();
        TestPeer admin = scene.User(), alice = scene.User("alice");
        admin.Send(Set("alice", "disabled", "true"));
        admin.Send(Set("alice", "disabled", "false"));
        scene.Settle();
        Assert.Equal(ErrorCode.Unauthenticated, scene.Back(alice).Read()[^1].Refused!.Code);
        Assert.NotNull(scene.User("alice").Welcome);
    }

    [Fact]
    public void What_a_session_that_ends_had_under_way_is_cancelled()
    {
        var scene = new Scene(Scene.Team(service => service with { Visibility = Visibility.Team }));
        TestPeer worker = scene.Worker("demo01"), admin = scene.User(), alice = scene.User("alice");
        alice.Request(1, "dc1");
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        worker.Started(run);
        admin.Send(Set("alice", "disabled", "true"));
        scene.Settle();
        Assert.Equal(run.Id, Assert.Single(worker.Read(MessageKind.Cancel)).Id);
        worker.Finish(run, outcome: Outcome.Cancelled);
        Tidy.Check(scene);
    }

    [Fact]
    public void A_session_of_an_absent_user_is_ended_too()
    {
        var scene = new Scene(Scene.Team(service => service with { Visibility = Visibility.Team }));
        TestPeer worker = scene.Worker("demo01"), admin = scene.User(), alice = scene.User("alice");
        alice.Request(1, "dc1");
        scene.Leave(alice, LinkEnd.Broken);
        admin.Send(Set("alice", "role", "observer"));
        scene.Settle();
        Assert.Single(worker.Read(MessageKind.Cancel));
    }

    [Fact]
    public void Who_sets_the_own_secret_stays_and_the_other_sessions_end()
    {
        var scene = new Scene();
        TestPeer here = scene.User("alice"), elsewhere = scene.User("alice");
        here.Send(Set("alice", "secret", "the new secret", "right"));
        scene.Settle();
        Assert.Equal(MessageKind.Done, Assert.Single(here.Read()).Kind);
        Assert.True(elsewhere.IsDismissed);
        here.Send(Set("alice", "secret", "a newer secret", "right"));
        scene.Settle();
        Assert.Equal(MessageKind.Done, Assert.Single(here.Read()).Kind);
        Assert.Equal("hash of a newer secret", scene.Roster.FindUser("alice")!.SecretHash);
    }

    [Fact]
    public void An_admin_who_steps_down_hears_the_answer_and_goes_on_with_what_is_left()
    {
        var scene = new Scene();
        TestPeer admin = scene.User();
        admin.Send(Set("alice", "role", "admin"));
        admin.Send(Set("hp", "role", "observer"));
        admin.Send(Set("bob", "role", "observer"));
        scene.Settle();
        Assert.Equal([MessageKind.Done, MessageKind.Done, MessageKind.Refused], admin.Read().Select(one => one.Kind));
        Assert.False(admin.IsDismissed);
    }

    [Fact]
    public void Who_leaves_by_the_own_statement_hears_its_answer_before_the_end()
    {
        var scene = new Scene();
        TestPeer admin = scene.User();
        admin.Send(Set("alice", "role", "admin"));
        admin.Send(Delete("hp", "alice"));
        scene.Settle();
        Assert.Equal([MessageKind.Done, MessageKind.Done, MessageKind.Refused], admin.Read().Select(one => one.Kind));
        Assert.True(admin.IsDismissed);
        Tidy.Check(scene);
    }

    [Fact]
    public void Statements_behind_one_with_a_secret_wait_for_it_and_those_of_others_do_not()
    {
        var scene = new Scene();
        TestPeer admin = scene.User(), bob = scene.User("bob");
        admin.Send(Create("carol", "member", "a secret of carol", id: 1));
        admin.Send(Set("carol", "role", "observer", id: 2));
        bob.Send(new Manage(new(3), Verb.Create, ObjectKind.Directory, "/bobs", "", []).Write);
        Assert.Single(scene.World.Hashing);
        (long ticket, IReadOnlyList<Change> changes) = Assert.Single(scene.World.Committing);
        Assert.IsType<Change.PutNode>(changes[0]);
        scene.World.Committing.Clear();
        scene.State.Committed(ticket, null, scene.Now);
        Assert.Equal(MessageKind.Done, Assert.Single(bob.Read()).Kind);
        Assert.Empty(admin.Read());

        scene.Settle();
        Assert.Equal([1ul, 2ul], admin.Read(MessageKind.Done).Select(one => Done.Read(one.Message).Id.Value));
        Assert.Equal(TeamRole.Observer, Role(scene, "carol"));
        Tidy.Check(scene);
    }

    [Fact]
    public void A_secret_that_is_not_taken_is_refused_and_what_waits_behind_it_goes_on()
    {
        var scene = new Scene();
        TestPeer admin = scene.User();
        admin.Send(Create("carol", "member", "short", id: 1));
        admin.Send(Set("bob", "role", "observer", id: 2));
        scene.State.Hashed(scene.World.Hashing.Dequeue().Ticket, "", new(ErrorCode.Invalid, "too short"), scene.Now);
        scene.Settle();
        Assert.Equal([MessageKind.Refused, MessageKind.Done], admin.Read().Select(one => one.Kind));
        Tidy.Check(scene);
    }

    [Fact]
    public void Bcrypt_has_no_work_with_what_is_not_allowed()
    {
        var scene = new Scene();
        TestPeer alice = scene.User("alice");
        alice.Send(Create("carol", "member", "a secret of carol", id: 1));
        alice.Send(Set("bob", "secret", "a secret of bob"));
        Assert.Empty(scene.World.Hashing);
        Assert.Equal(2, alice.Read(MessageKind.Refused).Count);
    }

    [Fact]
    public void Who_leaves_while_his_secret_is_hashed_has_changed_nothing_and_left_nothing()
    {
        var scene = new Scene();
        TestPeer admin = scene.User();
        admin.Send(Create("carol", "member", "a secret of carol", id: 1));
        admin.Send(Set("bob", "role", "observer", id: 2));
        scene.Leave(admin, LinkEnd.Closed);
        scene.Settle();
        Assert.Null(scene.Roster.FindUser("carol"));
        Assert.Equal(TeamRole.Member, Role(scene, "bob"));
        Tidy.Check(scene);
    }

    private delegate void WireWriterUse(Action<TriggerFs.Core.Wire.WireWriter> write);

    private static TeamRole Role(Scene scene, string user) =>
        scene.Roster.MembershipOf(Sample.Team1, scene.Roster.FindUser(user)!.Id)!.Role;

    private static Action<TriggerFs.Core.Wire.WireWriter> Create(string user, string role, string secret, ulong id) =>
        new Manage(new(id), Verb.Create, ObjectKind.User, user, "", [role, secret]).Write;

    private static Action<TriggerFs.Core.Wire.WireWriter> Set(string user, string property, params string[] values) =>
        Set(user, property, values, id: 9);

    private static Action<TriggerFs.Core.Wire.WireWriter> Set(string user, string property, string value, ulong id) =>
        Set(user, property, [value], id);

    private static Action<TriggerFs.Core.Wire.WireWriter> Set(
        string user, string property, string[] values, ulong id) =>
        new Manage(new(id), Verb.Set, ObjectKind.User, user, property, values).Write;

    private static Action<TriggerFs.Core.Wire.WireWriter> Delete(string user, params string[] heir) =>
        new Manage(new(9), Verb.Delete, ObjectKind.User, user, "", heir).Write;
}
