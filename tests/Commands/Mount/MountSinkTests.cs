using System.Text;
using TriggerFs.Commands.Mount;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Nodes;
using TriggerFs.Tests.Commands.Session;
using TreeNodes = TriggerFs.Tests.Fs.Nodes;

namespace TriggerFs.Tests.Commands.Mount;

public sealed class MountSinkTests : IDisposable
{
    private static readonly NodeId Trigger = new(3);
    private static readonly byte[] Large = new byte[Limits.PayloadMax];

    private readonly TriggerTree _tree = new();
    private readonly MemoryStream _printed = new();
    private readonly UserSession _session;
    private readonly MountJournal _journal;
    private readonly MountSink _sink;
    private FakeLink _link = null!;

    public MountSinkTests()
    {
        _tree.Apply(TreeNodes.Snapshot(
            TreeNodes.Directory(2, 1, "newtrigger"), TreeNodes.Trigger(3, 2, "demotrigger")));
        _session = new(
            new(PeerRole.Mount, "team1", "hp", "secret"), "test", hello => _link = new(hello));
        _ = _session.OpenAsync(Timeout.InfiniteTimeSpan, CancellationToken.None);
        _journal = new(_printed, null);
        _sink = new(_session, _tree, _journal);
    }

    public void Dispose()
    {
        _sink.Dispose();
        _journal.Dispose();
    }

    [Fact]
    public void A_message_goes_to_the_broker_at_once_and_its_output_to_the_file_and_the_journal()
    {
        _link.Up();
        var message = new Heard();
        _sink.Fire(Trigger, WriterWaits.ForRoom, "uptime\n"u8, message);
        Assert.True(message.IsTaken);
        Fire fire = Fire.Read(_link.Take(MessageKind.Fire).Single());
        Assert.Equal(("uptime\n", Trigger), (Text(fire.Payload), fire.Trigger));
        Assert.Equal(Fire.Asynchronous, fire.Flags);
        Assert.NotEqual(MessageId.None, fire.Message);
        _link.DeliverOutput(fire.Id, 0, "up 8:26, 7 us");
        _link.DeliverFinished(fire.Id, tail: "ers\n", offset: 17, exitCode: 3);
        Assert.Equal("up 8:26, 7 users\n", message.Text);
        Assert.Equal((null, 3), message.End);
        Assert.Equal(new RunId(17), message.Run);
        Assert.Matches(
            @"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d /newtrigger/demotrigger \[command/command@demo01\] up 8:26, 7 users\n"
            + @"[\d/]+ [\d:]+ /newtrigger/demotrigger \[command/command@demo01\] Exit code: 3 after 5ms \(run 17\)\n$",
            Printed());
        Assert.Equal(0, _sink.Outstanding);
    }

    [Fact]
    public void Output_that_waits_for_its_reader_holds_its_worker_back_until_it_is_read()
    {
        _link.Up();
        var message = new Heard { Holds = true };
        _sink.Fire(Trigger, WriterWaits.ForRoom, "x"u8, message);
        RequestId id = Fires().Single().Id;
        string large = new('x', Limits.OutputCreditStep);
        _link.DeliverOutput(id, 0, large, "a");
        _link.DeliverOutput(id, 0, large, "b");
        Assert.Empty(_link.Take(MessageKind.Credit));
        message.Source!.Consumed(large.Length);
        Credit credit = Credit.Read(_link.Take(MessageKind.Credit).Single());
        Assert.Equal(("a", (ulong)large.Length), (Text(credit.Worker), credit.Offset));
        message.Source!.Consumed(large.Length);
        Assert.Equal("b", Text(Credit.Read(_link.Take(MessageKind.Credit).Single()).Worker));
        message.Holds = false;
        _link.DeliverOutput(id, (ulong)large.Length, large, "a");
        Assert.Single(_link.Take(MessageKind.Credit));
    }

    [Fact]
    public void A_synchronous_message_fails_at_once_while_the_broker_is_away()
    {
        var message = new Heard();
        _sink.Fire(Trigger, WriterWaits.ForAnswer, "x"u8, message);
        Assert.Equal((ErrorCode.BrokerUnreachable, 0), message.End);
    }

    [Fact]
    public void Asynchronous_messages_wait_for_the_broker_and_go_in_their_order()
    {
        for (int i = 0; i < 100; i++)
            _sink.Fire(Trigger, WriterWaits.ForRoom, Encoding.UTF8.GetBytes($"{i}"), new Heard());
        Assert.Equal(100, _sink.Waiting);
        _link.Up();
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), Fires().Select(fire => fire.Text));
        Assert.Equal(0, _sink.Waiting);
    }

    [Fact]
    public void Messages_that_the_broken_link_did_not_take_are_sent_again_first()
    {
        _link.Up();
        _link.IsUp = false; // The link is down; the session has not heard of it yet.
        var early = new Heard();
        _sink.Fire(Trigger, WriterWaits.ForRoom, "early"u8, early);
        _link.Down();
        _sink.Fire(Trigger, WriterWaits.ForRoom, "late"u8, new Heard());
        _link.RunPosted();
        Assert.Null(early.End);
        Assert.Equal(2, _sink.Waiting);
        _link.Up(resumed: true);
        Assert.Equal(["early", "late"], Fires().Select(fire => fire.Text));
        Assert.Equal(0, _sink.Lost);
    }

    [Fact]
    public void A_full_queue_refuses_who_may_not_wait_and_takes_the_next_when_there_is_room()
    {
        int taken = Fill();
        Assert.Equal(MountSink.QueueMaxBytes / Limits.PayloadMax, taken + 1);
        var message = new Heard();
        _sink.Fire(Trigger, WriterWaits.ForNothing, Large, message);
        Assert.Equal((ErrorCode.Busy, 0), message.End);
        Assert.False(message.IsTaken);
        _link.Up();
        _sink.Fire(Trigger, WriterWaits.ForNothing, Large, message = new Heard());
        Assert.True(message.IsTaken);
    }

    [Fact]
    public void Who_may_wait_for_room_is_taken_in_its_turn_when_there_is_room()
    {
        Fill();
        Heard first = new(), second = new(), third = new();
        _sink.Fire(Trigger, WriterWaits.ForRoom, "first"u8, first);
        _sink.Fire(Trigger, WriterWaits.ForRoom, "second"u8, second);
        Assert.False(first.IsTaken || second.IsTaken || first.End is not null);
        _link.Up();
        Assert.True(first.IsTaken && second.IsTaken);
        _sink.Fire(Trigger, WriterWaits.ForRoom, "third"u8, third);
        Assert.Equal(["first", "second", "third"], AllFires().Where(text => text.Length is > 0 and < 10));
    }

    [Fact]
    public void Nobody_overtakes_a_writer_that_waits_for_room()
    {
        Fill();
        _sink.Fire(Trigger, WriterWaits.ForRoom, Large, new Heard());
        var small = new Heard();
        _sink.Fire(Trigger, WriterWaits.ForNothing, "x"u8, small);
        Assert.Equal((ErrorCode.Busy, 0), small.End);
    }

    [Fact]
    public async Task Who_waited_in_vain_finds_no_room_and_the_next_does_not_wait_until_something_moves()
    {
        Fill();
        Heard first = new(), second = new(), third = new();
        _sink.Fire(Trigger, WriterWaits.ForRoom, "first"u8, first);
        _sink.Fire(Trigger, WriterWaits.ForRoom, "second"u8, second);
        await first.HasEnded.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await second.HasEnded.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((ErrorCode.Storage, 0), first.End);
        Assert.Equal((ErrorCode.Storage, 0), second.End);
        _sink.Fire(Trigger, WriterWaits.ForRoom, "third"u8, third);
        Assert.Equal((ErrorCode.Storage, 0), third.End);
        _link.Up();
        _sink.Fire(Trigger, WriterWaits.ForRoom, "fourth"u8, third = new Heard());
        Assert.True(third.IsTaken);
        Assert.Equal(0, _sink.Lost); // Their writers know.
    }

    [Fact]
    public void A_writer_that_is_interrupted_while_it_waits_for_room_is_not_taken_any_more()
    {
        Fill();
        var message = new Heard();
        _sink.Fire(Trigger, WriterWaits.ForRoom, "x"u8, message);
        _sink.Abandon(message);
        Assert.Equal((ErrorCode.Cancelled, 0), message.End);
        _link.Up();
        Assert.DoesNotContain("x", AllFires());
    }

    [Fact]
    public void Who_asks_for_room_is_told_once_when_there_is_some()
    {
        int told = 0;
        Assert.True(_sink.HasRoom(() => told++));
        Fill();
        Assert.False(_sink.HasRoom(() => told++));
        _link.Up();
        Assert.Equal(1, told);
        AllFires();
        Assert.Equal(1, told);
    }

    [Fact]
    public void The_smallest_messages_are_bounded_too() => Assert.InRange(FillWith([]), 10_000, 100_000);

    [Fact]
    public void The_broker_is_not_given_more_than_it_takes_at_once_and_the_rest_follows()
    {
        _link.Up();
        for (int i = 0; i < 3000; i++) _sink.Fire(Trigger, WriterWaits.ForRoom, "x"u8, new Heard());
        List<(RequestId Id, string Text)> first = Fires();
        Assert.InRange(first.Count, 100, Limits.RequestsPerSessionMax / 2);
        foreach ((RequestId id, _) in first) _link.DeliverFinished(id);
        Assert.True(Fires().Count >= first.Count);
    }

    [Fact]
    public void A_message_that_fails_later_is_reported_as_lost_and_counted()
    {
        _link.Up();
        var message = new Heard();
        _sink.Fire(Trigger, WriterWaits.ForRoom, "uptime\n"u8, message);
        RequestId id = Fires().Single().Id;
        _link.Deliver(new Refused(id, ErrorCode.NoWorker, "no worker is online", "all are asleep", "").Write);
        Assert.Equal((ErrorCode.NoWorker, 0), message.End);
        Assert.Equal(1, _sink.Lost);
        Assert.Contains(
            "/newtrigger/demotrigger LOST: a message of 7 bytes: no worker is online: all are asleep (1 lost so far)",
            Printed());
    }

    [Fact]
    public void An_abandoned_message_is_cancelled_at_the_broker()
    {
        _link.Up();
        var message = new Heard();
        _sink.Fire(Trigger, WriterWaits.ForAnswer, "sleep 100"u8, message);
        RequestId id = Fires().Single().Id;
        _sink.Abandon(message);
        Assert.Equal(id.Value, Cancel.Read(_link.Take(MessageKind.Cancel).Single()).Id);
        _link.DeliverFinished(id, outcome: Outcome.Cancelled);
        Assert.Equal((ErrorCode.Cancelled, 0), message.End);
        _sink.Abandon(message);
        Assert.Empty(_link.Take(MessageKind.Cancel));
    }

    [Theory]
    [InlineData(Outcome.TimedOut, ErrorCode.TimedOut)]
    [InlineData(Outcome.WorkerLost, ErrorCode.WorkerLost)]
    [InlineData(Outcome.Offline, ErrorCode.NoWorker)]
    internal void How_a_run_ended_becomes_why_the_message_failed(Outcome outcome, ErrorCode code)
    {
        _link.Up();
        var message = new Heard();
        _sink.Fire(Trigger, WriterWaits.ForAnswer, "x"u8, message);
        _link.DeliverFinished(Fires().Single().Id, outcome: outcome);
        Assert.Equal((code, 0), message.End);
    }

    [Fact]
    public void Of_several_workers_the_first_failure_and_the_highest_exit_code_count()
    {
        _link.Up();
        var message = new Heard();
        _sink.Fire(Trigger, WriterWaits.ForAnswer, "x"u8, message);
        RequestId id = Fires().Single().Id;
        _link.DeliverFinished(id, worker: "a", last: false, exitCode: 4);
        _link.DeliverFinished(id, worker: "b", last: false, outcome: Outcome.Offline);
        Assert.Null(message.End);
        _link.DeliverFinished(id, worker: "c", exitCode: 1);
        Assert.Equal((ErrorCode.NoWorker, 4), message.End);
    }

    [Fact]
    public async Task Changes_of_the_tree_are_the_statements_that_the_broker_knows()
    {
        _link.Up();
        await ExpectAsync(
            new TreeChange.MakeDirectory(new(2), "new", Convert.ToUInt32("750", 8)),
            Verb.Create, "2", Properties.Directory, "new", "750");
        await ExpectAsync(
            new TreeChange.RemoveDirectory(new(1), "newtrigger"), Verb.Delete, "1", Properties.Directory, "newtrigger");
        await ExpectAsync(new TreeChange.Rename(Trigger, new(2), "n"), Verb.Rename, "3", "", "2", "n");
        await ExpectAsync(
            new TreeChange.SetMode(Trigger, Convert.ToUInt32("600", 8)), Verb.Set, "3", Properties.Permissions, "600");
        await ExpectAsync(new TreeChange.SetRule(Trigger, "service", "dc1"), Verb.Add, "3", "service", "dc1");
        await ExpectAsync(new TreeChange.SetRule(Trigger, "service", ""), Verb.Remove, "3", "service");
        await ExpectAsync(new TreeChange.SetRule(Trigger, "timeout", "1m30s"), Verb.Set, "3", "timeout", "90000");
        await ExpectAsync(new TreeChange.SetRule(Trigger, "limit", "2MiB"), Verb.Set, "3", "limit", "2097152");
        await ExpectAsync(new TreeChange.SetRule(Trigger, "mode", "sync"), Verb.Set, "3", "mode", "sync");
    }

    [Fact]
    public async Task A_timeout_that_is_none_is_refused_without_asking_the_broker()
    {
        _link.Up();
        var reply = new HeardReply();
        _sink.Change(new TreeChange.SetRule(Trigger, "timeout", "10"), reply);
        Assert.Equal(ErrorCode.Invalid, await reply.Answered.Task.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Empty(_link.Take(MessageKind.Manage));
        Assert.Contains("SetRule refused: '10' is not a duration", Printed());
    }

    [Fact]
    public void The_status_tells_of_the_broker_and_of_the_messages()
    {
        var status = new MountStatus(_session, _tree, _sink);
        Assert.Contains("state: away\nwhy: no answer came yet\n", Text(status.Read()));
        _sink.Fire(Trigger, WriterWaits.ForRoom, "x"u8, new Heard());
        Assert.Contains("waiting: 1\nunderway: 0\nsent: 0\nlost: 0\n", Text(status.Read()));
        _link.Up();
        Assert.Matches(
            "^version: .+\nbroker: .*\nteam: team1\nidentity: hp\nstate: connected\nsince: .+Z\nstarted: .+Z\n"
            + "directories: 1\ntriggers: 1\nwaiting: 0\nunderway: 1\nsent: 1\nlost: 0\n$", Text(status.Read()));
        _link.Deliver(new Refused(Fires().Single().Id, ErrorCode.NoWorker, "no worker is online", "", "").Write);
        _link.Down();
        _link.RunPosted();
        Assert.Contains("state: away\nwhy: ", Text(status.Read()));
        Assert.Contains("underway: 0\nsent: 1\nlost: 1\n", Text(status.Read()));
    }

    [Fact]
    public async Task A_refused_change_is_answered_with_its_code_and_said_in_the_journal()
    {
        _link.Up();
        var reply = new HeardReply();
        _sink.Change(new TreeChange.RemoveDirectory(new(1), "newtrigger"), reply);
        Manage asked = Manage.Read(_link.Take(MessageKind.Manage).Single());
        var refused = new Refused(asked.Id, ErrorCode.NotEmpty, "'/newtrigger' is not empty", "", "");
        _link.Deliver(refused.Write);
        Assert.Equal(ErrorCode.NotEmpty, await reply.Answered.Task.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Contains("RemoveDirectory refused: '/newtrigger' is not empty", Printed());
    }

    [Fact]
    public void When_the_mount_ends_what_still_waits_is_reported_as_lost()
    {
        var message = new Heard();
        _sink.Fire(Trigger, WriterWaits.ForRoom, "x"u8, message);
        _sink.GiveUpWaiting();
        Assert.Equal((ErrorCode.BrokerUnreachable, 0), message.End);
        Assert.Equal((0, 1), (_sink.Outstanding, _sink.Lost));
    }

    [Fact]
    public void Output_cannot_forge_a_line_or_drive_the_terminal()
    {
        _link.Up();
        _sink.Fire(Trigger, WriterWaits.ForRoom, "x"u8, new Heard());
        _link.DeliverFinished(Fires().Single().Id, tail: "\u001b[2Jred\ttab\rover\n");
        Assert.Contains("] ?[2Jred\ttab?over\n", Printed());
    }

    private async Task ExpectAsync(TreeChange change, Verb verb, string name, string property, params string[] values)
    {
        var reply = new HeardReply();
        _sink.Change(change, reply);
        Manage asked = Manage.Read(_link.Take(MessageKind.Manage).Single());
        Assert.Equal(
            (verb, ObjectKind.Node, name, property, string.Join(' ', values)),
            (asked.Verb, asked.Kind, asked.Name, asked.Property, string.Join(' ', asked.Values)));
        _link.Deliver(new Done(asked.Id, "").Write);
        Assert.Null(await reply.Answered.Task.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    /// <summary>Fills the queue to the last byte; returns how many of the largest messages it took.</summary>
    private int Fill()
    {
        int taken = FillWith(Large);
        FillWith([]);
        return taken;
    }

    private int FillWith(byte[] payload)
    {
        int taken = 0;
        for (Heard message = new(); message.End is null; taken++)
            _sink.Fire(Trigger, WriterWaits.ForNothing, payload, message = new Heard());
        return taken - 1;
    }

    /// <summary>What is sent, answered until nothing waits any more.</summary>
    private List<string> AllFires()
    {
        List<string> texts = [];
        while (Fires() is { Count: > 0 } fires)
        {
            texts.AddRange(fires.Select(fire => fire.Text));
            foreach ((RequestId id, _) in fires) _link.DeliverFinished(id);
        }
        return texts;
    }

    private List<(RequestId Id, string Text)> Fires() => _link.Take(MessageKind.Fire).ConvertAll(static bytes =>
    {
        Fire fire = Fire.Read(bytes);
        return (fire.Id, Text(fire.Payload));
    });

    /// <summary>All that the journal has written, after waiting for it.</summary>
    private string Printed()
    {
        _journal.Dispose();
        return Encoding.UTF8.GetString(_printed.ToArray());
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private sealed class HeardReply : IReplyTo
    {
        public TaskCompletionSource<ErrorCode?> Answered { get; } = new();

        public void Answer(ErrorCode? failure) => Answered.SetResult(failure);
    }

    private sealed class Heard : IFired
    {
        private readonly List<byte> _output = [];

        public TaskCompletionSource HasEnded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsTaken { get; private set; }

        public (ErrorCode?, int)? End { get; private set; }

        public string Text => Encoding.UTF8.GetString(_output.ToArray());

        public void Taken() => IsTaken = true;

        public IOutputSource? Source { get; private set; }

        /// <summary>Output waits for its reader.</summary>
        public bool Holds { get; set; }

        public bool Output(ReadOnlySpan<byte> bytes, bool isError, IOutputSource? source)
        {
            _output.AddRange(bytes);
            Source = source;
            return !Holds;
        }

        public RunId Run { get; private set; }

        public void Ended(ErrorCode? failure, int exitCode, RunId run)
        {
            Assert.Null(End);
            Run = run;
            End = (failure, exitCode);
            HasEnded.SetResult();
        }
    }
}
