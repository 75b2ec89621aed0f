using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;

namespace TriggerFs.Tests.Broker.State;

public sealed class RotationTests
{
    private readonly Scene _scene = new();

    private Worker Worker => _scene.Roster.Worker(new(11))!;

    [Fact]
    public void A_worker_is_told_its_new_token_and_the_old_one_is_over_when_it_keeps_it()
    {
        TestPeer worker = _scene.Worker("demo01");
        worker.Read();
        Rotate();
        NewToken told = NewToken.Read(Assert.Single(worker.Read()).Message);
        Assert.True(Worker.IsRotating);
        var next = Worker.SealedNext;

        worker.Send(new NewToken("11111111-2222-4333-8444-555555555555").Write);
        _scene.Settle();
        Assert.True(Worker.IsRotating);
        worker.Send(told.Write);
        _scene.Settle();
        Assert.False(Worker.IsRotating);
        Assert.Equal(next, Worker.SealedToken);
        Assert.False(worker.IsDismissed);
        Assert.Contains(_scene.World.Audited, line => line.What == "worker demo01 keeps its new token");
    }

    [Fact]
    public void A_worker_that_comes_with_the_new_token_keeps_it()
    {
        Rotate();
        TestPeer worker = _scene.Join().SignIn(
            new(PeerRole.Worker, "team1", "demo01", ProofKind.Token, "next", "test"));
        Assert.False(Worker.IsRotating);
        Assert.DoesNotContain(worker.All, heard => heard.Kind == MessageKind.NewToken);
        Assert.False(worker.IsDismissed);
    }

    [Fact]
    public void A_worker_that_comes_with_the_old_token_is_told_the_new_one_each_time()
    {
        Rotate();
        for (int i = 0; i < 2; i++)
            Assert.Contains(_scene.SignedIn("demo01").All, heard => heard.Kind == MessageKind.NewToken);
        Assert.True(Worker.IsRotating);
    }

    [Fact]
    public void Another_rotation_before_the_first_is_kept_takes_its_place()
    {
        TestPeer worker = _scene.Worker("demo01");
        Rotate();
        NewToken first = NewToken.Read(Assert.Single(worker.Read(MessageKind.NewToken)).Message);
        Rotate();
        worker.Send(first.Write);
        _scene.Settle();
        Assert.True(Worker.IsRotating);
        worker.Send(NewToken.Read(Assert.Single(worker.Read(MessageKind.NewToken)).Message).Write);
        _scene.Settle();
        Assert.False(Worker.IsRotating);
    }

    [Fact]
    public void A_stolen_token_is_over_at_once_and_its_session_too()
    {
        TestPeer thief = _scene.Worker("demo01");
        thief.Read();
        Rotate("replace-token");
        Assert.Equal(ErrorCode.Unauthenticated, Assert.Single(thief.Read()).Refused!.Code);
        Assert.True(thief.IsDismissed);
        Assert.False(Worker.IsRotating);
        Tidy.Check(_scene);
    }

    [Fact]
    public void What_runs_while_a_token_is_rotated_goes_on()
    {
        TestPeer worker = _scene.Worker("demo01"), user = _scene.User();
        user.Request(1, "demo01");
        Heard run = Assert.Single(worker.Read(MessageKind.Run));
        worker.Started(run);
        Rotate();
        worker.Send(NewToken.Read(Assert.Single(worker.Read(MessageKind.NewToken)).Message).Write);
        _scene.Settle();
        worker.Finish(run, tail: "done");
        Assert.Equal("done", Assert.Single(user.Read(MessageKind.Finished)).Text);
        Tidy.Check(_scene);
    }

    [Fact]
    public void A_token_is_rotated_by_the_owner_and_the_admins_alone()
    {
        TestPeer member = _scene.User("alice");
        member.Send(Rotation().Write);
        _scene.Settle();
        Assert.Equal(ErrorCode.NotAllowed, Assert.Single(member.Read()).Refused!.Code);
        TestPeer stranger = _scene.User("mallory", "team2");
        stranger.Send(Rotation().Write);
        _scene.Settle();
        Assert.Equal(ErrorCode.NotFound, Assert.Single(stranger.Read()).Refused!.Code);
    }

    [Fact]
    public void A_new_token_is_no_message_for_users()
    {
        TestPeer user = _scene.User();
        user.Send(new NewToken("x").Write);
        Assert.True(user.IsDismissed);
    }

    private static Manage Rotation(string property = "rotate-token") =>
        new(new(1), Verb.Request, ObjectKind.Worker, "demo01", property, []);

    private void Rotate(string property = "rotate-token")
    {
        TestPeer admin = _scene.User();
        admin.Send(Rotation(property).Write);
        _scene.Settle();
        Assert.Equal(MessageKind.Done, Assert.Single(admin.Read()).Kind);
        _scene.Leave(admin, LinkEnd.Closed);
    }
}
