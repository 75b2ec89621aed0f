using TriggerFs.Broker.Mail;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Mail;

public sealed class MailroomTests
{
    private static readonly StoredState OfAlice = Scene.Team() with
    {
        Workers = [Sample.Worker(11, "demo01", owner: Sample.Member), Sample.Worker(12, "demo02")],
        Services = [],
        Nodes = [],
    };

    private readonly Scene _scene = new(OfAlice);

    [Fact]
    public void A_worker_that_is_lost_for_a_while_is_told_to_its_owner_and_the_admins()
    {
        Lose("demo01");
        Pass(59_000);
        Assert.Empty(Letters(Sample.Member));
        Pass(2_000);
        Assert.Contains("worker demo01 is lost since 18:45:30 UTC: the cable", Letters(Sample.Member).Single());
        Assert.Single(Letters(Sample.Admin));
        Assert.Empty(Letters(Sample.Other));
        Assert.Empty(Letters(Sample.Observer));
        Assert.Empty(Letters(Sample.Stranger));

        Pass(5 * 60_000);
        _scene.Worker("demo01");
        _scene.Settle();
        Assert.Equal("worker demo01 is back; it was away for 6 minutes", Letters(Sample.Member)[^1]);
        Tidy.Check(_scene);
    }

    [Fact]
    public void A_short_absence_and_a_goodbye_are_told_to_nobody()
    {
        Lose("demo01");
        Pass(50_000);
        TestPeer back = _scene.Worker("demo01");
        TestPeer second = _scene.Worker("demo02");
        second.Send(new Goodbye("it is stopped").Write);
        _scene.Leave(second, LinkEnd.Closed);
        Pass(10 * 60_000, back);
        Assert.Empty(Letters(Sample.Admin));
    }

    [Fact]
    public void A_worker_that_flaps_is_told_of_once_an_hour()
    {
        for (int minute = 0; minute < 60; minute += 4)
        {
            Lose("demo01");
            Pass(2 * 60_000);
            TestPeer back = _scene.Worker("demo01");
            Pass(2 * 60_000, back);
            _scene.Leave(back, LinkEnd.Closed);
        }
        string[] letters = Letters(Sample.Admin);
        Assert.Equal(1, letters.Count(letter => letter.Contains("lost", StringComparison.Ordinal)));
        Assert.Equal(1, letters.Count(letter => letter.Contains("back", StringComparison.Ordinal)));
        Pass(60 * 60_000);
        Assert.Contains("lost", Letters(Sample.Admin)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_team_that_comes_near_to_its_plan_is_told_once_until_there_was_room_again()
    {
        Plan plan = Plan.Parse("basic"); // 25 workers: the 23rd is near.
        var scene = new Scene(Scene.Team() with
        {
            Teams = [new(Sample.Team1, new("team1"), 1) { Plan = plan }, new(Sample.Team2, new("team2"), 1)],
            Workers = [.. Enumerable.Range(1, 21).Select(n => Sample.Worker(200 + n, $"w{n}"))],
            Services = [],
            Nodes = [],
            LastId = 300,
        });
        TestPeer admin = scene.User();
        Ask(Verb.Create, "w22");
        Assert.Empty(LettersOf());
        Ask(Verb.Create, "w23");
        Assert.Contains("the team has 23 of the 25 workers that its plan basic allows", Assert.Single(LettersOf()));
        Ask(Verb.Create, "w24");
        Assert.Single(LettersOf());
        Ask(Verb.Delete, "w24");
        Ask(Verb.Delete, "w23");
        Ask(Verb.Set, "w22", Properties.Description, "there is room again");
        Ask(Verb.Create, "w23");
        Assert.Equal(2, LettersOf().Length);
        Assert.Empty(scene.Roster.LettersOf(Sample.Member));

        void Ask(Verb verb, string worker, string property = "", params string[] values)
        {
            admin.Send(new Manage(new(1), verb, ObjectKind.Worker, worker, property, values).Write);
            scene.Settle();
            Assert.Equal(MessageKind.Done, Assert.Single(admin.Read()).Kind);
        }

        string[] LettersOf() => [.. scene.Roster.LettersOf(Sample.Admin).Select(letter => letter.Text)];
    }

    [Fact]
    public void A_message_that_is_given_up_is_told_to_who_answers_for_its_trigger_once_an_hour()
    {
        var scene = new Scene();
        TestPeer user = scene.User();
        GiveUp(1);
        string letter = Assert.Single(scene.Roster.LettersOf(Sample.Admin)).Text;
        Assert.Matches("^a message to a trigger that is deleted was given up: .*deleted.*: show dead-letters [0-9]+$",
            letter);
        Assert.Empty(scene.Roster.LettersOf(Sample.Member));
        var watch = new DeathWatch();
        DeadLetter dead = Assert.Single(scene.Disk.DeadLetters);
        Assert.NotNull(watch.Due(dead, Sample.Now));
        Assert.Null(watch.Due(dead, Sample.Now));
        var later = new Instant(Sample.Now.SteadyMs + (long)DeathWatch.QuietMin.TotalMilliseconds, Sample.Now.UnixMs);
        Assert.Contains("(and 1 since the last letter)", watch.Due(dead, later));
        Tidy.Check(scene);

        void GiveUp(ulong sequence)
        {
            user.FireLater(sequence, 33, sequence);
            scene.Settle();
            user.Send(new Manage(new(96), Verb.Delete, ObjectKind.Trigger, "loose", "", []).Write);
            scene.Settle();
            scene.Pass(1000, user);
            scene.Settle();
        }
    }

    [Fact]
    public void A_worker_that_is_deleted_is_not_missed()
    {
        Lose("demo01");
        TestPeer admin = _scene.User();
        admin.Send(new Manage(new(1), Verb.Delete, ObjectKind.Worker, "demo01", "", []).Write);
        _scene.Settle();
        Pass(5 * 60_000);
        Assert.Empty(Letters(Sample.Admin));
    }

    [Fact]
    public void The_number_of_new_letters_is_in_the_welcome()
    {
        Assert.Equal(0u, _scene.User("alice").Welcome.Unread);
        Lose("demo01");
        Pass(61_000);
        TestPeer alice = _scene.User("alice");
        Assert.Equal(1u, alice.Welcome.Unread);
        alice.Send(new Manage(new(1), Verb.Show, ObjectKind.Mailbox, "", "", []).Write);
        Assert.Empty(alice.Read());
        _scene.Settle();
        Assert.Single(Listing.Read(Assert.Single(alice.Read()).Message).Rows);
        Assert.Equal(0u, _scene.User("alice").Welcome.Unread);
        Assert.DoesNotContain(_scene.World.Audited, line => line.What.Contains("mailbox", StringComparison.Ordinal));
    }

    [Fact]
    public void A_broker_that_shall_shut_down_does_so_when_it_is_time()
    {
        TestPeer admin = _scene.User();
        Order("120000");
        Pass(119_000, admin);
        Assert.False(_scene.World.IsShutDown);
        Order("cancel");
        Pass(10_000, admin);
        Assert.False(_scene.World.IsShutDown);
        Order("0");
        Pass(100, admin);
        Assert.True(_scene.World.IsShutDown);

        void Order(string value)
        {
            admin.Send(new Manage(new(1), Verb.Request, ObjectKind.Broker, "", "shutdown", [value]).Write);
            _scene.Settle();
            Assert.Equal(MessageKind.Done, Assert.Single(admin.Read()).Kind);
        }
    }

    private void Lose(string worker) =>
        _scene.State.Left(_scene.Worker(worker).Id, LinkEnd.Broken, "the cable", _scene.Now);

    private void Pass(long ms, params TestPeer[] alive)
    {
        for (long left = ms; left > 0; left -= 500)
        {
            _scene.Pass(Math.Min(500, left), alive);
            _scene.Settle();
        }
    }

    private string[] Letters(UserId user) => [.. _scene.Roster.LettersOf(user).Select(letter => letter.Text)];
}
