using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;

namespace TriggerFs.Tests.Commands.Session;

public sealed class UserSessionTests
{
    private readonly List<FakeLink> _links = [];
    private readonly UserSession _session;
    private readonly RecordedAnswers _answers = new();

    public UserSessionTests() => _session = NewSession("the secret", jwt: null);

    private FakeLink Link => _links[^1];

    [Fact]
    public async Task The_first_hello_proves_by_secret_and_the_next_by_the_jwt_of_accepted()
    {
        Task<Accepted> opened = Open();
        Hello first = Link.SayHello();
        Assert.Equal((ProofKind.Secret, "the secret"), (first.Kind, first.Proof));
        Link.Up(jwt: "jwt-7");
        await opened;
        Hello next = Link.SayHello();
        Assert.Equal((ProofKind.Jwt, "jwt-7"), (next.Kind, next.Proof));
        Assert.NotEqual(0ul, first.Link);
        Assert.Equal(first.Link, next.Link);
    }

    [Fact]
    public async Task A_refused_jwt_falls_back_to_the_secret_on_a_new_link()
    {
        UserSession session = NewSession("the secret", "stale");
        Task<Accepted> opened = session.OpenAsync(TimeSpan.FromSeconds(10), default);
        FakeLink first = Link;
        Assert.Equal(ProofKind.Jwt, first.SayHello().Kind);
        first.Refuse(ErrorCode.Unauthenticated);
        Assert.NotSame(first, Link);
        Assert.Equal(ProofKind.Secret, Link.SayHello().Kind);
        Link.Up();
        Assert.Equal("hp", (await opened).Identity);
    }

    [Fact]
    public async Task A_refused_secret_is_thrown_by_open_as_the_broker_said_it()
    {
        Task<Accepted> opened = Open();
        Link.SayHello();
        Link.Refuse(ErrorCode.Unauthenticated, what: "the identity or its proof is wrong");
        var problem = await Assert.ThrowsAsync<TriggerException>(() => opened);
        Assert.Equal(ErrorCode.Unauthenticated, problem.Code);
        Assert.Equal("the identity or its proof is wrong", problem.Message);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_is_unreachable_with_its_address_and_the_reason()
    {
        Task<Accepted> opened = _session.OpenAsync(TimeSpan.FromMilliseconds(50), default);
        Link.Down("connection refused");
        var problem = await Assert.ThrowsAsync<TriggerException>(() => opened);
        Assert.Equal(ErrorCode.BrokerUnreachable, problem.Code);
        Assert.Contains("tcp://test:1", problem.Message);
        Assert.Equal("connection refused", problem.Why);
        Assert.NotNull(problem.Fix);
    }

    [Fact]
    public async Task A_refusal_that_time_can_mend_is_thrown_when_it_did_not()
    {
        Task<Accepted> opened = _session.OpenAsync(TimeSpan.FromMilliseconds(50), default);
        Link.Refuse(ErrorCode.Busy, retrying: true, what: "too many tries");
        var problem = await Assert.ThrowsAsync<TriggerException>(() => opened);
        Assert.Equal((ErrorCode.Busy, "too many tries"), (problem.Code, problem.Message));
    }

    [Fact]
    public async Task A_request_carries_its_fields_and_its_answers_come_in_order()
    {
        await OpenUp();
        RequestId id = Ask();
        Request sent = Request.Read(Assert.Single(Link.Take(MessageKind.Request)));
        Assert.Equal(id, sent.Id);
        Assert.True(sent.Service.SequenceEqual("dc1"u8));
        Assert.True(sent.Payload.SequenceEqual("uptime"u8));
        Assert.Equal(10_000u, sent.TimeoutMs);

        Link.Deliver(new Dispatched(id, Algorithm.Mirror, 3, "dc1").Write);
        Link.DeliverOutput(id, 0, "one\n");
        Link.DeliverOutput(id, 4, "two\n");
        Link.DeliverFinished(id, "three\n", offset: 14, exitCode: 3);

        Assert.Equal(3, _answers.Plan!.Workers);
        Assert.Equal("one\ntwo\nthree\n", _answers.Text.ToString());
        Assert.Equal(["demo01:Done:3"], _answers.Ends);
        Assert.Equal(0, _session.RequestsUnderWay);
    }

    [Fact]
    public async Task Output_that_comes_twice_is_shown_once_even_where_pieces_overlap()
    {
        await OpenUp();
        RequestId id = Ask();
        Link.DeliverOutput(id, 0, "abcd");
        Link.DeliverOutput(id, 0, "abcd");
        Link.DeliverOutput(id, 2, "cdef");
        Link.DeliverFinished(id, "efgh", offset: 8);
        Assert.Equal("abcdefgh", _answers.Text.ToString());
    }

    [Fact]
    public async Task A_gap_in_the_output_fails_the_request_and_cancels_it()
    {
        await OpenUp();
        RequestId id = Ask();
        Link.DeliverOutput(id, 0, "abcd");
        Link.DeliverOutput(id, 6, "gh");
        Assert.Equal(ErrorCode.BrokerLost, _answers.Problem!.Code);
        Assert.Single(Link.Take(MessageKind.Cancel));
    }

    [Fact]
    public async Task A_gap_before_the_end_of_a_run_that_is_done_fails_the_request()
    {
        await OpenUp();
        RequestId id = Ask();
        Link.DeliverOutput(id, 0, "abcd");
        Link.DeliverFinished(id, "gh", offset: 8);
        Assert.Equal(ErrorCode.BrokerLost, _answers.Problem!.Code);
        Assert.Equal(1, _answers.EndCount);
    }

    [Fact]
    public async Task A_run_that_was_ended_may_leave_output_behind()
    {
        await OpenUp();
        RequestId id = Ask();
        Link.DeliverOutput(id, 0, "abcd");
        Link.DeliverFinished(id, offset: 900, outcome: Outcome.TimedOut, exitCode: 124);
        Assert.Equal(["demo01:TimedOut:124"], _answers.Ends);
    }

    [Fact]
    public async Task A_retry_on_the_same_worker_goes_on_behind_the_output_of_the_attempt_before()
    {
        await OpenUp();
        RequestId id = Ask();
        Link.DeliverOutput(id, 0, "first ");
        Link.DeliverOutput(id, 6, "second");
        Link.DeliverFinished(id, offset: 12);
        Assert.Equal("first second", _answers.Text.ToString());
        Assert.Equal(["demo01:Done:0"], _answers.Ends);
    }

    [Fact]
    public async Task Output_far_beyond_the_window_fails_the_request()
    {
        await OpenUp();
        var slow = new RecordedAnswers(consumesAtOnce: false);
        RequestId id = _session.Ask("dc1", "echo", [], [], TimeSpan.Zero, 0, slow);
        string piece = new('x', Limits.OutputChunkMax);
        for (int i = 0; i < 20; i++) Link.DeliverOutput(id, (ulong)(i * piece.Length), piece);
        Assert.Equal(ErrorCode.Protocol, slow.Problem!.Code);
        Assert.Equal(1, slow.EndCount);
    }

    [Fact]
    public async Task A_resumed_session_reclaims_each_request_with_the_offset_of_each_worker()
    {
        await OpenUp();
        RequestId id = Ask();
        Link.DeliverOutput(id, 0, "abcd", "demo01");
        Link.DeliverFinished(id, "xy", worker: "demo02", last: false);
        Link.Down();
        Link.Up(resumed: true);

        Reclaim reclaim = Reclaim.Read(Assert.Single(Link.Take(MessageKind.Reclaim)));
        Assert.Equal(id, reclaim.Id);
        Assert.Equal([new("demo01", 4, false), new("demo02", 0, true)], reclaim.Runs);

        Link.DeliverFinished(id, offset: 2, worker: "demo02", last: false); // Said again, and not shown again.
        Link.DeliverFinished(id, "ef", offset: 6);
        Assert.Equal("abcdxyef", _answers.Text.ToString());
        Assert.Equal(["demo02:Done:0", "demo01:Done:0"], _answers.Ends);
    }

    [Fact]
    public async Task A_session_that_was_not_taken_up_again_fails_what_was_under_way()
    {
        await OpenUp();
        Ask();
        Link.Down();
        Link.Up(resumed: false, session: 2);
        Assert.Equal(ErrorCode.BrokerLost, _answers.Problem!.Code);
        Assert.Equal(1, _answers.EndCount);
        Assert.Empty(Link.Take(MessageKind.Reclaim));
    }

    [Fact]
    public async Task A_broker_that_stays_away_beyond_the_timeout_fails_the_request()
    {
        await OpenUp();
        _session.Ask("dc1", "echo", [], [], TimeSpan.FromMilliseconds(1), 0, _answers);
        Link.Down("gone");
        Link.Events.Ticked();
        Assert.Null(_answers.Problem);
        long untilMs = Environment.TickCount64 + 30_000;
        while (_answers.Problem is null && Environment.TickCount64 < untilMs)
        {
            await Task.Delay(20);
            Link.Events.Ticked();
        }
        Assert.Equal(ErrorCode.BrokerLost, _answers.Problem!.Code);
    }

    [Fact]
    public async Task A_request_while_the_link_is_down_fails_at_once_and_on_the_loop()
    {
        await OpenUp();
        Link.Down();
        Ask();
        Assert.Null(_answers.Problem);
        Link.RunPosted();
        Assert.Equal(ErrorCode.BrokerUnreachable, _answers.Problem!.Code);
    }

    [Fact]
    public async Task A_cancel_during_an_outage_is_said_when_the_link_is_back()
    {
        await OpenUp();
        RequestId id = Ask();
        Link.Down();
        _session.Cancel(id);
        Link.Up(resumed: true);
        Assert.Equal(id.Value, Cancel.Read(Assert.Single(Link.Take(MessageKind.Cancel))).Id);
        Link.DeliverFinished(id, outcome: Outcome.Cancelled, exitCode: 130);
        Assert.Equal(1, _answers.EndCount);
    }

    [Fact]
    public async Task Credit_is_sent_once_a_quarter_of_the_smallest_window_was_consumed()
    {
        await OpenUp();
        var slow = new RecordedAnswers(consumesAtOnce: false);
        RequestId id = _session.Ask("dc1", "echo", [], [], TimeSpan.Zero, 0, slow);
        int quarter = Limits.OutputCreditStep;
        string piece = new('x', Limits.OutputChunkMax);
        for (int at = 0; at < 2 * quarter; at += piece.Length) Link.DeliverOutput(id, (ulong)at, piece);
        Assert.Empty(Link.Take(MessageKind.Credit));
        _session.Consumed(id, "demo01"u8, quarter - 1);
        Assert.Empty(Link.Take(MessageKind.Credit));
        _session.Consumed(id, "demo01"u8, 1);
        Credit credit = Credit.Read(Assert.Single(Link.Take(MessageKind.Credit)));
        Assert.Equal((id.Value, (ulong)quarter, false), (credit.Id, credit.Offset, credit.Replay));
        Assert.True(credit.Worker.SequenceEqual("demo01"u8));
    }

    [Fact]
    public async Task Answers_that_consume_at_once_credit_by_themselves()
    {
        await OpenUp();
        RequestId id = Ask();
        string piece = new('x', Limits.OutputChunkMax);
        for (int i = 0; i < 4; i++) Link.DeliverOutput(id, (ulong)(i * piece.Length), piece);
        Assert.Equal(4, Link.Take(MessageKind.Credit).Count);
    }

    [Fact]
    public async Task A_refusal_of_a_request_ends_it()
    {
        await OpenUp();
        RequestId id = Ask();
        Link.Deliver(new Refused(id, ErrorCode.NoWorker, "no worker", "", "").Write);
        Assert.Equal(ErrorCode.NoWorker, _answers.Problem!.Code);
        Link.DeliverFinished(id);
        Assert.Equal(1, _answers.EndCount);
    }

    [Fact]
    public async Task Pages_of_a_listing_are_one_answer()
    {
        await OpenUp();
        Task<StatementAnswer> answer = _session.ManageAsync(Verb.Show, ObjectKind.Worker, "", "", [], default);
        Manage sent = Manage.Read(Assert.Single(Link.Take(MessageKind.Manage)));
        Column[] columns = [new("identity", ColumnType.Text)];
        Link.Deliver(new Listing(sent.Id, false, columns, [["a"], ["b"]]).Write);
        Link.Deliver(new Listing(sent.Id, true, columns, [["c"]]).Write);
        Assert.Equal(["a", "b", "c"], (await answer).Rows.Select(row => row[0]));
    }

    [Fact]
    public async Task A_statement_ends_in_its_notice_its_refusal_or_the_loss_of_the_link()
    {
        await OpenUp();
        Task<StatementAnswer> done = Statement(out RequestId first);
        Link.Deliver(new Done(first, "noted").Write);
        Assert.Equal("noted", (await done).Notice);

        Task<StatementAnswer> refused = Statement(out RequestId second);
        Link.Deliver(new Refused(second, ErrorCode.Exists, "there is one", "", "").Write);
        Assert.Equal(ErrorCode.Exists, (await Assert.ThrowsAsync<TriggerException>(() => refused)).Code);

        Task<StatementAnswer> lost = Statement(out _);
        Link.Down();
        Assert.Equal(ErrorCode.BrokerLost, (await Assert.ThrowsAsync<TriggerException>(() => lost)).Code);
    }

    [Fact]
    public async Task The_tree_is_asked_for_again_after_each_reconnect()
    {
        List<Tree> heard = [];
        _session.Watch(heard.Add);
        await OpenUp();
        Assert.Single(Link.Take(MessageKind.Watch));
        Link.Deliver(new Tree(true, true, [], []).Write);
        Link.Down();
        Link.Up(resumed: true);
        Assert.Single(Link.Take(MessageKind.Watch));
        Assert.Single(heard);
    }

    [Fact]
    public async Task Closing_says_goodbye_and_fails_what_is_left()
    {
        await OpenUp();
        Ask();
        await _session.DisposeAsync();
        Assert.NotNull(Link.LeftBecause);
        Assert.True(Link.IsDisposed);
        Assert.Equal(ErrorCode.Cancelled, _answers.Problem!.Code);
    }

    [Fact]
    public async Task Input_over_a_limit_is_thrown_and_nothing_is_sent()
    {
        await OpenUp();
        byte[] large = new byte[Limits.PayloadMax + 1];
        var problem = Assert.Throws<TriggerException>(
            () => _session.Ask("dc1", "echo", [], large, TimeSpan.Zero, 0, _answers));
        Assert.Equal(ErrorCode.TooLarge, problem.Code);
        Assert.Throws<TriggerException>(
            () => _session.Ask(new string('s', 200), "echo", [], [], TimeSpan.Zero, 0, _answers));
        Assert.Empty(Link.Take(MessageKind.Request));
        Assert.Equal(0, _session.RequestsUnderWay);
    }

    [Fact]
    public async Task A_small_request_and_its_answer_allocate_nothing_once_warm()
    {
        await OpenUp();
        var counted = new CountedAnswers();
        byte[] name = "demo01"u8.ToArray();
        var wire = new WireWriter();
        Link.IsForgetful = true;
        Exchange(200);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1200, counted.Ends);

        void Exchange(int times)
        {
            for (int i = 0; i < times; i++)
            {
                RequestId id = _session.Ask("dc1"u8, "echo"u8, default, "x"u8, TimeSpan.FromSeconds(1), 0, counted);
                var end = new Finished { Id = id.Value, Flags = Finished.Last, Outcome = Outcome.Done, Worker = name };
                end.WriteHead(wire);
                Link.Events.Received(MessageKind.Finished, wire.Written);
            }
        }
    }

    [Fact]
    public async Task Requests_of_many_threads_end_once_each_while_the_link_comes_and_goes()
    {
        await OpenUp();
        const int threads = 8, each = 500;
        RecordedAnswers[] answers = [.. Enumerable.Range(0, threads * each).Select(_ => new RecordedAnswers())];
        Task[] senders = [.. Enumerable.Range(0, threads).Select(t => Task.Run(() =>
        {
            for (int i = 0; i < each; i++)
                _session.Ask("dc1", "echo", [], "x"u8, TimeSpan.FromSeconds(60), 0, answers[(t * each) + i]);
        }))];
        Task sent = Task.WhenAll(senders);
        long untilMs = Environment.TickCount64 + 60_000;
        var random = new Random(1);
        while (!(sent.IsCompleted && _session.RequestsUnderWay == 0))
        {
            Assert.True(Environment.TickCount64 < untilMs, $"{_session.RequestsUnderWay} requests have not ended");
            foreach (byte[] request in Link.Take(MessageKind.Request))
                Link.DeliverFinished(Request.Read(request).Id, "x");
            Link.RunPosted();
            if (random.Next(50) > 0) continue;
            Link.Down();
            Link.Up(resumed: true);
            foreach (byte[] reclaim in Link.Take(MessageKind.Reclaim))
                Link.Deliver(new Refused(Reclaim.Read(reclaim).Id, ErrorCode.BrokerLost, "unknown", "", "").Write);
        }
        Assert.All(answers, one => Assert.Equal(1, one.EndCount));
    }

    private sealed class CountedAnswers : IAnswers
    {
        public int Ends { get; private set; }

        public bool ConsumesAtOnce => true;

        public void Dispatched(Dispatched dispatched) => throw new InvalidOperationException("not asked for");

        public void Output(in Output output) => throw new InvalidOperationException("none was sent");

        public void Finished(in Finished finished) => Ends++;

        public void Failed(TriggerException problem) => throw problem;
    }

    private UserSession NewSession(string? secret, string? jwt) => new(
        new(PeerRole.Client, "team1", "hp", secret, jwt),
        "triggerfs test",
        hello =>
        {
            _links.Add(new FakeLink(hello));
            return _links[^1];
        });

    private Task<Accepted> Open() => _session.OpenAsync(TimeSpan.FromSeconds(30), default);

    private async Task OpenUp()
    {
        Task<Accepted> opened = Open();
        Link.Up();
        await opened;
    }

    private RequestId Ask() => _session.Ask(
        "dc1", "command/command", [], "uptime"u8, TimeSpan.FromSeconds(10), Request.TellDispatch, _answers);

    private Task<StatementAnswer> Statement(out RequestId id)
    {
        Task<StatementAnswer> answer = _session.ManageAsync(Verb.Create, ObjectKind.Worker, "w", "", [], default);
        id = Manage.Read(Link.Take(MessageKind.Manage)[^1]).Id;
        return answer;
    }
}
