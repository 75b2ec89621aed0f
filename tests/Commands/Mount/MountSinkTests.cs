using System.Text;
using TriggerFs.Commands.Mount;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Spool;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Nodes;
using TriggerFs.Tests.Commands.Session;
using TriggerFs.Tests.EndToEnd;
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
    private readonly TemporaryFolder _folder = new();
    private readonly SpoolOptions _options;
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
        _options = new SpoolOptions(Path.Combine(_folder.Path, "spool"))
        {
            BytesMax = 4 * 1024 * 1024,
            SegmentBytes = 64 * 1024,
        };
        _sink = Open(_options);
    }

    public void Dispose()
    {
        _sink.Dispose();
        _journal.Dispose();
        _folder.Dispose();
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
        Store(fire.Id);
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
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), AllFires());
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
        Assert.Equal(["early", "late"], AllFires());
        Assert.Equal((0, 0), (_sink.Waiting, _sink.Rejected));
    }

    [Fact]
    public void A_full_queue_refuses_who_may_not_wait_and_takes_the_next_when_there_is_room()
    {
        int taken = Fill();
        Assert.Equal(_options.BytesMax / Limits.PayloadMax, taken + 1);
        var message = new Heard();
        _sink.Fire(Trigger, WriterWaits.ForNothing, Large, message);
        Assert.Equal((ErrorCode.Busy, 0), message.End);
        Assert.False(message.IsTaken);
        _link.Up();
        AllFires();
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
        IEnumerable<string> sent = AllFires();
        Assert.True(first.IsTaken && second.IsTaken);
        _sink.Fire(Trigger, WriterWaits.ForRoom, "third"u8, third);
        sent = sent.Concat(AllFires());
        Assert.Equal(["first", "second", "third"], sent.Where(text => text.Length is > 0 and < 10));
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
        AllFires();
        _sink.Fire(Trigger, WriterWaits.ForRoom, "fourth"u8, third = new Heard());
        Assert.True(third.IsTaken);
        Assert.Equal(0, _sink.Rejected); // Their writers know.
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
        AllFires();
        Assert.Equal(1, told);
    }

    [Fact]
    public void The_smallest_messages_are_bounded_too() => Assert.InRange(FillWith([]), 100_000, 200_000);

    [Fact]
    public void The_broker_is_not_given_more_than_it_takes_at_once_and_the_rest_follows()
    {
        _link.Up();
        for (int i = 0; i < 3000; i++) _sink.Fire(Trigger, WriterWaits.ForRoom, "x"u8, new Heard());
        List<(RequestId Id, string Text)> first = Fires();
        Assert.InRange(first.Count, 100, Limits.RequestsPerSessionMax / 2);
        Store([.. first.Select(fire => fire.Id)]);
        Assert.True(Fires().Count >= first.Count);
    }

    [Fact]
    public void A_message_that_can_never_be_taken_is_reported_counted_and_kept_with_the_reason()
    {
        _link.Up();
        var message = new Heard();
        _sink.Fire(Trigger, WriterWaits.ForRoom, "uptime\n"u8, message);
        RequestId id = Fires().Single().Id;
        _link.Deliver(new Refused(id, ErrorCode.NotFound, "there is no such trigger", "it was deleted", "").Write);
        Assert.Equal((ErrorCode.NotFound, 0), message.End);
        Assert.Equal((1, 0), (_sink.Rejected, _sink.Waiting));
        Assert.Contains(
            "/newtrigger/demotrigger REJECTED: a message of 7 bytes: there is no such trigger: it was deleted (1 so",
            Printed());
        string kept = File.ReadAllText(Path.Combine(_options.Folder, "rejected.jsonl"));
        Assert.Contains(Convert.ToBase64String("uptime\n"u8), kept);
        Assert.Contains("there is no such trigger", kept);
    }

    [Fact]
    public async Task What_the_broker_cannot_take_now_is_sent_again_in_its_order()
    {
        _link.Up();
        foreach (string text in (string[])["one", "two", "three"])
            _sink.Fire(Trigger, WriterWaits.ForRoom, Encoding.UTF8.GetBytes(text), new Heard());
        List<(RequestId Id, string Text)> first = Fires();
        Store(first[0].Id);
        foreach ((RequestId id, _) in first[1..])
            _link.Deliver(new Refused(id, ErrorCode.Busy, "the broker's queue is full", "", "").Write);
        Fire again = Fire.Read(await _link.WaitAsync(MessageKind.Fire));
        Assert.Equal("two", Text(again.Payload));
        Assert.Equal(2, _sink.Waiting);
    }

    [Fact]
    public void A_message_that_the_broker_has_is_not_sent_again_when_the_link_breaks_before_the_answer()
    {
        _link.Up();
        var message = new Heard();
        _sink.Fire(Trigger, WriterWaits.ForRoom, "x"u8, message);
        Store(Fires().Single().Id);
        _link.Down();
        _link.Up(resumed: true);
        Assert.Empty(Fires());
        Assert.Equal((ErrorCode.BrokerLost, 0), message.End);
        Assert.Equal((0, 0), (_sink.Outstanding, _sink.Rejected));
    }

    [Fact]
    public void What_an_earlier_mount_left_is_sent_by_the_next_one_under_the_same_mark()
    {
        SpoolOptions left = _options with { Folder = _options.Folder + ".2" };
        using (MountSink before = Open(left)) before.Fire(Trigger, WriterWaits.ForRoom, "left"u8, new Heard());
        using MountSink next = Open(left with { Folder = left.Folder + ".3" });
        next.Drain(MessageSpool.TryOpen(left, _ => { })!, left);
        Assert.Equal(1, next.Waiting);
        _link.Up();
        Fire fire = Fire.Read(_link.Take(MessageKind.Fire).Single());
        Assert.Equal("left", Text(fire.Payload));
        Store(fire.Id);
        Assert.Equal(0, next.Waiting);
    }

    [Fact]
    public void What_an_earlier_mount_left_is_nobodys_here_whatever_its_sequence()
    {
        SpoolOptions left = _options with { Folder = _options.Folder + ".2" };
        using (MountSink before = Open(left)) before.Fire(Trigger, WriterWaits.ForRoom, "left"u8, new Heard());
        using MountSink next = Open(left with { Folder = left.Folder + ".3" });
        next.Drain(MessageSpool.TryOpen(left, _ => { })!, left);
        _link.Up();
        ulong fired = Fire.Read(_link.Take(MessageKind.Fire).Single()).Id.Value;
        _link.Deliver(new Refused(new(fired), ErrorCode.Busy, "full", "", "").Write);
        var writer = new Heard();
        next.Fire(Trigger, WriterWaits.ForRoom, "mine"u8, writer); // Both are the first message of their spool.
        Assert.True(writer.IsTaken);
        _link.Deliver(new Refused(new(Fire.Read(_link.Take(MessageKind.Fire).Single()).Id.Value),
            ErrorCode.Busy, "full", "", "").Write);
        Assert.Null(writer.End);
        Assert.Equal(2, next.Waiting);
    }

    [Fact]
    public async Task Where_each_write_is_to_be_on_the_disk_its_writer_is_told_when_it_is()
    {
        using MountSink careful =
            Open(_options with { Folder = _options.Folder + ".careful", Sync = SyncRule.Always });
        _link.Up();
        var message = new Heard();
        careful.Fire(Trigger, WriterWaits.ForRoom, "x"u8, message);
        Fire fire = Fire.Read(await _link.WaitAsync(MessageKind.Fire));
        Assert.True(message.IsTaken);
        Assert.Equal("x", Text(fire.Payload));
    }

    [Fact]
    public async Task A_writer_whose_message_the_disk_refused_is_told_so_and_the_disk_is_tried_until_it_takes_it()
    {
        bool isRefused = true;
        SpoolOptions options = _options with { Folder = _options.Folder + ".careful", Sync = SyncRule.Always };
        using MountSink careful = new(_session, _tree, _journal, MessageSpool.TryOpen(options, _ => { }, file =>
        {
            if (Volatile.Read(ref isRefused)) throw new IOException("the disk is broken");
            SpoolFolder.Flush(file);
        })!, options);
        Heard refused = new(), taken = new();
        careful.Fire(Trigger, WriterWaits.ForRoom, "x"u8, refused);
        await refused.HasEnded.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((false, (ErrorCode.Storage, 0)), (refused.IsTaken, refused.End));
        await Site.UntilAsync(() => Task.FromResult(careful.NotSynced is not null), "nobody says it");
        var report = new SpoolReport(_session, careful, options);
        Assert.Contains("disk: refused since 2", Encoding.UTF8.GetString(report.Read()));
        Volatile.Write(ref isRefused, false);
        await Site.UntilAsync(() => Task.FromResult(careful.NotSynced is null), "the disk is not tried again");
        careful.Fire(Trigger, WriterWaits.ForRoom, "y"u8, taken);
        await Site.UntilAsync(() => Task.FromResult(taken.IsTaken), "it is not taken");
        Assert.Contains("\ndisk: ok\n", Encoding.UTF8.GetString(report.Read()));
        string printed = Printed();
        Assert.Contains("not brought to the disk: the disk is broken. It is tried again; until then writes", printed);
        Assert.Single(printed.Split('\n'), line => line.Contains("on the disk again", StringComparison.Ordinal));
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
        Assert.Contains("waiting: 1\nunderway: 0\nsent: 0\nrejected: 0\n", Text(status.Read()));
        _link.Up();
        Assert.Contains("waiting: 1\nunderway: 1\nsent: 0\nrejected: 0\n", Text(status.Read()));
        Store(Fires().Single().Id);
        Assert.Matches(
            "^version: .+\nbroker: .*\nteam: team1\nidentity: hp\nstate: connected\nsince: .+Z\nstarted: .+Z\n"
            + "directories: 1\ntriggers: 1\nnodes: 3\nopen: 0\n"
            + "waiting: 0\nunderway: 0\nsent: 1\nrejected: 0\n$", Text(status.Read()));
        _link.Down();
        Assert.Contains("state: away\nwhy: ", Text(status.Read()));
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
    public void When_the_mount_ends_what_still_waits_stays_and_its_writers_hear_no_answer()
    {
        var message = new Heard();
        _sink.Fire(Trigger, WriterWaits.ForRoom, "x"u8, message);
        _sink.GiveUpWaiting();
        Assert.Equal((ErrorCode.BrokerUnreachable, 0), message.End);
        Assert.Equal((1, 0), (_sink.Waiting, _sink.Rejected));
        Assert.Contains("1 messages wait in", Printed());
    }

    [Fact]
    public void Output_cannot_forge_a_line_or_drive_the_terminal()
    {
        _link.Up();
        _sink.Fire(Trigger, WriterWaits.ForRoom, "x"u8, new Heard());
        RequestId id = Fires().Single().Id;
        Store(id);
        _link.DeliverFinished(id, tail: "\u001b[2Jred\ttab\rover\n");
        Assert.Contains("] ?[2Jred\ttab?over\n", Printed());
    }

    private MountSink Open(SpoolOptions options) =>
        new(_session, _tree, _journal, MessageSpool.TryOpen(options, _ => { })!, options);

    private void Store(params RequestId[] ids)
    {
        foreach (RequestId[] some in ids.Chunk(Stored.Max)) _link.Deliver(new Stored(some).Write);
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
        for (Heard message = new(); taken == 0 || message.IsTaken; taken++)
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
            foreach ((RequestId id, _) in fires)
            {
                Store(id);
                _link.DeliverFinished(id);
            }
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
