using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Queue;

/// <summary>What can be done with messages that were given up.</summary>
public sealed class DeadLetterTests
{
    private const ulong Uptime = 32;

    private readonly Scene _scene = new();
    private TestPeer _user;
    private TestPeer _worker;
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
        MakeOther();
        Assert.Equal(ErrorCode.NotFound, Refused(Verb.Request, id, Properties.Retry, "/demo/none"));
        Assert.Equal(ErrorCode.Invalid, Refused(Verb.Request, id, Properties.Retry, "/demo"));
        Ask(Verb.Request, id, Properties.Retry, "/demo/other");
        Run run = Run.Read(Assert.Single(_worker.Read(MessageKind.Run)).Message);
        Assert.Equal("other/plugin", System.Text.Encoding.UTF8.GetString(run.Plugin));
    }

    [Fact]
    public void To_another_trigger_it_is_new_and_that_one_may_be_named_by_its_number()
    {
        string id = Die("x");
        MakeOther();
        string other = _scene.Roster.Find(_scene.Roster.FirstTeam, TriggerPath.Parse("/demo/other"))!.Id.Value
            .ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(ErrorCode.NotFound, Refused(Verb.Request, id, Properties.Retry, "424242"));
        Ask(Verb.Request, id, Properties.Retry, other);
        Assert.Equal(1, Assert.Single(_worker.Read(MessageKind.Run)).Attempt);
        Assert.Empty(Ask(Verb.Show, "", "").Rows);
    }

    [Fact]
    public void Named_by_its_number_its_own_trigger_gets_it_as_another_attempt()
    {
        Ask(Verb.Request, Die("x"), Properties.Retry, "32");
        Assert.Equal(2, Assert.Single(_worker.Read(MessageKind.Run)).Attempt);
    }

    [Fact]
    public void What_the_last_attempt_wrote_is_kept_its_end_only_and_shown_in_pieces()
    {
        Manage(Verb.Set, ObjectKind.Trigger, "uptime", Properties.Retry, "1");
        _user.FireLater(1, Uptime, sequence: 1, payload: "x");
        _scene.Settle();
        Fail("of the first attempt");
        _scene.Pass(10_000, _user, _worker);
        string text = string.Concat(Enumerable.Range(0, 9_000));
        Fail(text);
        string[] row = Ask(Verb.Show, "", "").Rows.Single();
        Assert.Equal(("2", "dc1", "1", "16384"), (row[3], row[8], row[9], row[10]));
        Listing shown = Ask(Verb.Show, row[0], Properties.Output);
        byte[] kept = [.. shown.Rows.SelectMany(piece => Convert.FromBase64String(piece[0]))];
        Assert.Equal(text[^Limits.KeptOutputMax..], System.Text.Encoding.UTF8.GetString(kept));
        Assert.Equal(text[^Limits.KeptOutputMax..], Ask(Verb.Show, row[0], "").Rows.Single()[^1]);
        Assert.Equal(kept, _scene.Disk.DeadLetters.Single().Output);
    }

    [Fact]
    public void What_was_put_out_while_nobody_listened_is_kept_too()
    {
        Manage(Verb.Set, ObjectKind.Trigger, "uptime", Properties.Retry, "1");
        TestPeer writer = _scene.User();
        writer.FireLater(1, Uptime, sequence: 1, payload: "x");
        _scene.Settle();
        writer.Send(new Goodbye("").Write);
        _scene.Leave(writer, TriggerFs.Core.Ports.LinkEnd.Closed);
        Fail("of the first attempt");
        _scene.Pass(10_000, _user, _worker);
        Fail("of the second");
        Assert.Equal("of the second", Ask(Verb.Show, Ask(Verb.Show, "", "").Rows.Single()[0], "").Rows.Single()[^1]);
    }

    [Fact]
    public void One_that_is_sent_again_before_its_death_is_on_the_disk_is_no_dead_letter_after_a_restart()
    {
        Manage(Verb.Set, ObjectKind.Trigger, "uptime", Properties.Retry, "1");
        _user.FireLater(1, Uptime, sequence: 1, payload: "x");
        _scene.Settle();
        Fail("");
        _scene.Pass(10_000, _user, _worker);
        Heard second = Assert.Single(_worker.Read(MessageKind.Run));
        _user.FireLater(2, Uptime, sequence: 2, payload: "y"); // It is on its way to the disk for a while.
        _worker.Finish(second, exitCode: 3);
        long id = _scene.Roster.DeadLetters(_scene.Roster.FirstTeam).Single().Id;
        Assert.Empty(_scene.Disk.DeadLetters);
        string number = id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        _user.Send(new Manage(new(++_statement), Verb.Request, ObjectKind.DeadLetter, number, Properties.Retry, [])
            .Write);
        while (_scene.World.Committing.TryDequeue(out var commit))
            _scene.State.Committed(commit.Ticket, null, _scene.Now);
        _scene.Settle();
        Assert.Empty(_scene.Disk.DeadLetters);
        Assert.Contains(_scene.Disk.Messages, message => message.Id == id);
    }

    [Fact]
    public void The_end_of_a_run_from_before_it_died_is_not_the_answer_when_it_was_sent_again()
    {
        _user.FireLater(1, Uptime, sequence: 1, payload: "x");
        _scene.Settle();
        Heard before = Assert.Single(_worker.Read(MessageKind.Run));
        _scene.Restart();
        _user = _scene.User();
        Manage(Verb.Set, ObjectKind.Trigger, "uptime", "ttl", "1000");
        MakeOther();
        _scene.Pass(2000, _user);
        _scene.Settle();
        Ask(Verb.Request, Ask(Verb.Show, "", "").Rows.Single()[0], Properties.Retry, "/demo/other");

        _worker = _scene.Worker("demo01", held: [before.Held()]);
        _worker.Finish(before);
        _scene.Settle();
        _scene.Pass(7000, _user, _worker);
        Run again = Run.Read(Assert.Single(_worker.Read(MessageKind.Run)).Message);
        Assert.Equal("other/plugin", System.Text.Encoding.UTF8.GetString(again.Plugin));
    }

    [Fact]
    public void A_reason_has_the_words_of_the_worker_on_one_line()
    {
        Manage(Verb.Set, ObjectKind.Trigger, "uptime", Properties.Retry, "1");
        _user.FireLater(1, Uptime, sequence: 1, payload: "x");
        _scene.Settle();
        for (int i = 0; i < 2; i++)
        {
            foreach (Heard run in _worker.Read(MessageKind.Run))
                _worker.Send(wire => new Finished
                {
                    Id = run.Id,
                    Outcome = Outcome.NotStarted,
                    ExitCode = 127,
                    Detail = "there is no plugin 'x'\nnowhere"u8,
                }.WriteHead(wire));
            _scene.Settle();
            _scene.Pass(10_000, _user, _worker);
        }
        Assert.Equal("exit code 127 at the last attempt: there is no plugin 'x'?nowhere",
            Ask(Verb.Show, "", "").Rows.Single()[2]);
    }

    [Fact]
    public void A_posted_request_keeps_its_plugin_when_its_text_is_changed_and_goes_elsewhere_without_it()
    {
        Manage(Verb.Set, ObjectKind.Service, "dc1", Properties.Retry, "1");
        foreach (string path in (string[])["", "/demo/uptime"])
        {
            _user.Post(1, "dc1", sequence: path.Length == 0 ? 1ul : 2, payload: "old");
            _scene.Settle();
            for (int i = 0; i < 2; i++)
            {
                Fail("");
                _scene.Pass(10_000, _user, _worker);
            }
            string id = Ask(Verb.Show, "", "").Rows.Single()[0];
            Assert.Equal("old", System.Text.Encoding.UTF8.GetString(
                Convert.FromBase64String(Ask(Verb.Show, id, Properties.Payload).Rows.Single()[0])));
            if (path.Length == 0) Ask(Verb.Request, id, Properties.Edit, "new");
            else Ask(Verb.Request, id, Properties.Retry, path);
            Heard heard = Assert.Single(_worker.Read(MessageKind.Run));
            Run run = Run.Read(heard.Message);
            Assert.Equal(path.Length == 0 ? ("echo", "new") : ("command/command", "old"),
                (System.Text.Encoding.UTF8.GetString(run.Plugin), heard.Text));
            _worker.Finish(heard);
            _scene.Settle();
        }
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

    /// <summary>The run that waits for it writes a text, in pieces and at its end, and fails.</summary>
    private void Fail(string text)
    {
        Heard run = Assert.Single(_worker.Read(MessageKind.Run));
        _worker.Started(run);
        string most = text[..(text.Length / 2)];
        if (most.Length > 0) _worker.Output(run, 0, most);
        _worker.Finish(run, exitCode: 3, text[most.Length..], (ulong)text.Length);
        _scene.Settle();
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

    private void MakeOther()
    {
        Manage(Verb.Create, ObjectKind.Trigger, "/demo/other", "");
        Manage(Verb.Set, ObjectKind.Trigger, "other", Properties.Plugin, "other/plugin");
        Manage(Verb.Add, ObjectKind.Trigger, "other", Properties.Service, "dc1");
    }

    private void Manage(Verb verb, ObjectKind kind, string name, string property, params string[] values)
    {
        _user.Send(new Manage(new(++_statement), verb, kind, name, property, values).Write);
        _scene.Settle();
        Assert.Contains(_user.All,
            one => one.Kind == MessageKind.Done && Done.Read(one.Message).Id.Value == _statement);
    }
}
