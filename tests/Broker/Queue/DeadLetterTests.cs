using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Queue;

/// <summary>What can be done with messages that were given up.</summary>
public sealed class DeadLetterTests
{
    private const ulong Uptime = 32;

    private readonly Scene _scene = new();
    private readonly TestPeer _user;
    private readonly TestPeer _worker;
    private ulong _statement = 1000;

    public DeadLetterTests()
    {
        _user = _scene.User();
        _worker = _scene.Worker("demo01");
    }

    [Fact]
    public void A_dead_letter_is_sent_again_with_another_text()
    {
        string id = Die("reboto");
        Ask(Verb.Request, id, Properties.Edit, "reboot");
        Assert.Empty(Ask(Verb.Show, "", "").Rows);
        Heard run = Assert.Single(_worker.Read(MessageKind.Run));
        Assert.Equal(("reboot", 2), (run.Text, run.Attempt));
    }

    [Fact]
    public void A_dead_letter_is_sent_to_another_trigger_that_its_sender_may_use()
    {
        string id = Die("x");
        Manage(Verb.Create, ObjectKind.Trigger, "/demo/other", "");
        Manage(Verb.Set, ObjectKind.Trigger, "other", Properties.Plugin, "other/plugin");
        Manage(Verb.Add, ObjectKind.Trigger, "other", Properties.Service, "dc1");
        Assert.Equal(ErrorCode.NotFound, Refused(Verb.Request, id, Properties.Retry, "/demo/none"));
        Assert.Equal(ErrorCode.Invalid, Refused(Verb.Request, id, Properties.Retry, "/demo"));
        Ask(Verb.Request, id, Properties.Retry, "/demo/other");
        Run run = Run.Read(Assert.Single(_worker.Read(MessageKind.Run)).Message);
        Assert.Equal("other/plugin", System.Text.Encoding.UTF8.GetString(run.Plugin));
    }

    [Fact]
    public void The_whole_of_a_dead_letter_is_shown_in_pieces_to_who_may_change_its_trigger()
    {
        string text = string.Concat(Enumerable.Range(0, 20_000));
        string id = Die(text);
        Listing shown = Ask(Verb.Show, id, Properties.Payload);
        Assert.InRange(shown.Rows.Count, 2, 20);
        byte[] whole = [.. shown.Rows.SelectMany(row => Convert.FromBase64String(row[0]))];
        Assert.Equal(text, System.Text.Encoding.UTF8.GetString(whole));
        TestPeer alice = _scene.User("alice");
        alice.Send(new Manage(new(1), Verb.Show, ObjectKind.DeadLetter, id, Properties.Payload, []).Write);
        Assert.Equal(ErrorCode.NotFound, Assert.Single(alice.Read(MessageKind.Refused)).Refused!.Code);
    }

    [Fact]
    public void A_time_to_live_begins_anew_when_a_dead_letter_is_sent_again()
    {
        Manage(Verb.Set, ObjectKind.Trigger, "uptime", Properties.Ttl, "60000");
        string id = Die("x", writtenUnixMs: _scene.Now.UnixMs - 50_000);
        _scene.Pass(60_000, _user, _worker);
        Ask(Verb.Request, id, Properties.Retry);
        Assert.Single(_worker.Read(MessageKind.Run));
    }

    [Fact]
    public void A_program_of_a_user_puts_a_letter_into_his_mailbox()
    {
        Manage(Verb.Request, ObjectKind.Mailbox, "", Properties.Note, "the spool is full");
        _user.Read();
        _user.Send(new Manage(new(++_statement), Verb.Show, ObjectKind.Mailbox, "", "", []).Write);
        _scene.Settle();
        Listing letters = Listing.Read(Assert.Single(_user.Read(MessageKind.Listing)).Message);
        Assert.Equal(("trigger", "the spool is full"), (letters.Rows[0][2], letters.Rows[0][3]));
    }

    /// <summary>A message dies because none may wait; its number.</summary>
    private string Die(string payload, long writtenUnixMs = 0)
    {
        Manage(Verb.Set, ObjectKind.Trigger, "uptime", Properties.MaxInflight, "1");
        Manage(Verb.Set, ObjectKind.Trigger, "uptime", Properties.OnBusy, "reject");
        _user.FireLater(1, Uptime, sequence: 1, payload: "first");
        _user.FireLater(2, Uptime, sequence: 2, payload, writtenUnixMs);
        _scene.Settle();
        _worker.FinishAll();
        Manage(Verb.Set, ObjectKind.Trigger, "uptime", Properties.MaxInflight, "");
        Manage(Verb.Set, ObjectKind.Trigger, "uptime", Properties.OnBusy, "");
        return Ask(Verb.Show, "", "").Rows.Single()[0];
    }

    private Listing Ask(Verb verb, string id, string property, params string[] values)
    {
        _user.Read();
        _user.Send(new Manage(new(++_statement), verb, ObjectKind.DeadLetter, id, property, values).Write);
        _scene.Settle();
        List<Heard> heard = _user.Read();
        if (verb != Verb.Show)
        {
            Assert.Contains(heard, one => one.Kind == MessageKind.Done);
            return new(default, Last: true, [], []);
        }
        Listing[] pages = [.. heard.Where(one => one.Kind == MessageKind.Listing)
            .Select(one => Listing.Read(one.Message))];
        return pages[^1] with { Rows = [.. pages.SelectMany(page => page.Rows)] };
    }

    private ErrorCode Refused(Verb verb, string id, string property, params string[] values)
    {
        _user.Read();
        _user.Send(new Manage(new(++_statement), verb, ObjectKind.DeadLetter, id, property, values).Write);
        _scene.Settle();
        return Assert.Single(_user.Read(MessageKind.Refused)).Refused!.Code;
    }

    private void Manage(Verb verb, ObjectKind kind, string name, string property, params string[] values)
    {
        _user.Send(new Manage(new(++_statement), verb, kind, name, property, values).Write);
        _scene.Settle();
        Assert.Contains(_user.All,
            one => one.Kind == MessageKind.Done && Done.Read(one.Message).Id.Value == _statement);
    }
}
