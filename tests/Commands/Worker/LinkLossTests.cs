using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Worker;

public sealed class LinkLossTests : IDisposable
{
    private readonly WorkerStage _stage = new();

    private FakeLink Link => _stage.Link;

    public void Dispose() => _stage.Dispose();

    private void ComeBack()
    {
        Link.GoUp();
        Link.Deliver(new Assigned(["demoservice"]).Write);
    }

    private void Replay(ulong run, ulong from) => Link.Deliver(FakeLink.CreditOf(run, from, replay: true));

    [Fact]
    public void A_run_goes_on_without_the_link_and_its_output_is_replayed_from_where_it_is_wanted()
    {
        Link.Confirms = false;
        ulong run = _stage.Begin("echo one; echo two >&2; sleep 0.5; echo three; exit 9");
        WorkerStage.Wait(() => Link.Pieces.Sum(piece => piece.Bytes.Length) == 8, "the first lines come");
        Link.GoDown();
        Thread.Sleep(700); // The run ends meanwhile, and nothing can be seen of it.
        ComeBack();
        Assert.Equal(new(new(run), new(77), new(5), 0, "demoservice", true), Link.Announces[^1].Held.Single());
        Assert.Empty(Link.Ends);

        Replay(run, 2);
        End end = _stage.EndOf(run);
        Assert.Equal((Outcome.Done, 9, 14UL), (end.Outcome, end.ExitCode, end.Offset));
        Assert.Equal("one\ne\nthree\n", _stage.TextOf(run));
        Assert.Equal("two\ntwo\n", _stage.TextOf(run, isError: true));
        Assert.Equal([0UL, 4UL, 2UL, 4UL, 8UL], Link.Pieces.Select(piece => piece.Offset));
    }

    [Fact]
    public void A_finished_that_may_have_been_lost_with_the_link_is_sent_again()
    {
        ulong run = _stage.Begin("echo a; exit 3");
        _stage.EndOf(run);
        Link.GoDown();
        ComeBack();
        Assert.Equal(run, Link.Announces[^1].Held.Single().Run.Value);
        Replay(run, 2);
        WorkerStage.Wait(() => Link.Ends.Count == 2, "the end is told again");
        Assert.Equal(3, Link.Ends[1].ExitCode);
    }

    [Fact]
    public void A_run_that_is_not_known_any_more_is_told_as_lost_to_who_asks_for_it()
    {
        Replay(4711, 0);
        WorkerStage.Wait(() => Link.Ends.Count == 1, "it is told");
        Assert.Equal((4711UL, Outcome.WorkerLost), (Link.Ends[0].Run, Link.Ends[0].Outcome));
    }

    [Fact]
    public void A_held_run_that_nobody_wants_is_ended()
    {
        ulong run = _stage.Begin("sleep 60");
        WorkerStage.Wait(() => Link.Starts.Contains(run), "it starts");
        Link.GoDown();
        ComeBack();
        Link.Deliver(new Cancel(run, ErrorCode.BrokerLost).Write);
        Assert.Equal(Outcome.Cancelled, _stage.EndOf(run).Outcome);
    }

    [Fact]
    public void An_ended_run_that_nobody_wants_is_forgotten()
    {
        ulong run = _stage.Begin("true");
        _stage.EndOf(run);
        Link.Deliver(new Cancel(run, ErrorCode.BrokerLost).Write);
        Link.GoDown();
        ComeBack();
        Assert.Empty(Link.Announces[^1].Held);
    }

    [Fact]
    public void The_timeout_holds_without_a_link()
    {
        ulong run = _stage.Begin("sleep 60", timeoutMs: 500);
        WorkerStage.Wait(() => Link.Starts.Contains(run), "it starts");
        Link.GoDown();
        WorkerStage.Wait(() => _stage.Log.Lines.Exists(line => line.Contains("TimedOut")), "the timeout ends it");
        ComeBack();
        Replay(run, 0);
        Assert.Equal(Outcome.TimedOut, _stage.EndOf(run).Outcome);
    }

    [Fact]
    public void A_run_whose_Started_is_not_in_the_kernels_hands_does_not_begin()
    {
        string file = Path.GetTempFileName();
        Link.Stall(1000);
        ulong run = _stage.Begin($"echo ran > {file}");
        Thread.Sleep(200);
        Assert.Equal(0, new FileInfo(file).Length);
        Link.GoDown();
        Link.Stall(0);
        ComeBack();
        Assert.Empty(Link.Announces[^1].Held);
        ulong next = _stage.Begin("true");
        _stage.EndOf(next);
        Assert.Equal(0, new FileInfo(file).Length);
        Assert.DoesNotContain(Link.Ends, end => end.Run == run);
        File.Delete(file);
    }

    [Fact]
    public void A_run_begins_as_soon_as_its_Started_is_in_the_kernels_hands()
    {
        Link.Stall(1000);
        ulong run = _stage.Begin("true");
        Link.Stall(0);
        Assert.Equal(0, _stage.EndOf(run).ExitCode);
    }

    [Fact]
    public void A_run_that_is_cancelled_before_it_began_never_begins()
    {
        string file = Path.GetTempFileName();
        Link.Stall(1000);
        ulong run = _stage.Begin($"echo ran > {file}");
        Link.Deliver(new Cancel(run, ErrorCode.Cancelled).Write);
        Link.Stall(0);
        Assert.Equal(Outcome.Cancelled, _stage.EndOf(run).Outcome);
        Assert.Equal(0, new FileInfo(file).Length);
        File.Delete(file);
    }

    [Fact]
    public void A_window_that_is_used_up_holds_the_program_until_its_reader_goes_on()
    {
        Link.Confirms = false;
        ulong run = _stage.Begin("yes | head -c 3000000; echo end >&2", window: 100_000);
        WorkerStage.Wait(() => Link.OutputBytes == 100_000, "the window is used up");
        Thread.Sleep(300);
        Assert.Equal(100_000UL, Link.OutputBytes);
        Assert.Empty(Link.Ends);
        Link.Confirms = true;
        Link.Deliver(FakeLink.CreditOf(run, 100_000, replay: false));
        Assert.Equal(3_000_004UL, _stage.EndOf(run).Offset);
        Assert.Equal(3_000_004UL, Link.OutputBytes);
    }

    [Fact]
    public void A_long_echo_is_given_as_its_reader_takes_it()
    {
        Link.Confirms = false;
        ulong run = WorkerStage.NextRun();
        Link.Deliver(WorkerStage.RunMessage(run, "echo", new byte[300_000], window: 100_000));
        WorkerStage.Wait(() => Link.OutputBytes == 100_000, "the window is used up");
        Assert.Empty(Link.Ends);
        Link.Confirms = true;
        Link.Deliver(FakeLink.CreditOf(run, 100_000, replay: false));
        Assert.Equal(300_000UL, _stage.EndOf(run).Offset);
        Assert.Equal(300_000UL, Link.OutputBytes);
    }

    [Fact]
    public void A_window_fills_without_a_link_and_then_the_program_waits()
    {
        Link.Confirms = false;
        ulong run = _stage.Begin("echo begun; sleep 0.3; yes", window: 50_000);
        WorkerStage.Wait(() => Link.OutputBytes > 0, "it begins");
        Link.GoDown();
        Thread.Sleep(800);
        ComeBack();
        Replay(run, 6);
        WorkerStage.Wait(() => Link.OutputBytes == 50_006, "what was kept comes, and no more");
        Link.Deliver(new Cancel(run, ErrorCode.Cancelled).Write);
        Assert.Equal(50_000UL + 6, _stage.EndOf(run).Offset);
    }

    [Fact]
    public void A_congested_link_stops_the_reading_too()
    {
        ulong run = _stage.Begin("echo ready; sleep 0.4; yes", timeoutMs: 60_000);
        WorkerStage.Wait(() => Link.OutputBytes == 6, "it begins");
        Link.Stall(1 << 20);
        Thread.Sleep(600);
        Assert.Equal(6UL, Link.OutputBytes);
        Link.Keeps = false;
        Link.Stall(0);
        WorkerStage.Wait(() => Link.OutputBytes > 1_000_000, "it goes on");
        Link.Deliver(new Cancel(run, ErrorCode.Cancelled).Write);
        _stage.EndOf(run);
    }

    [Fact]
    public void Services_that_come_while_online_are_announced_at_once()
    {
        Link.Deliver(new Assigned(["demoservice", "other"]).Write);
        WorkerStage.Wait(() => Link.Announces.Count == 2, "it is announced");
        Assert.Equal(["demoservice", "other"], Link.Announces[1].Services);
        Assert.Equal(8, Link.Announces[1].Jobs);
        Assert.Contains("I: Found service other. Announcing it to broker.", _stage.Log.Lines);
        Assert.Single(_stage.Log.Lines, "I: Found service demoservice. Announcing it to broker.");
    }

    [Fact]
    public void The_log_reads_as_in_2018()
    {
        Link.Raise(events => events.Connecting("tcp://triggerfs.io:5555"));
        Link.Raise(events => events.Heard());
        Assert.Equal(
            [
                "I: received BROKER_ACCEPTED from broker for worker socket - Connected",
                "I: Found service demoservice. Announcing it to broker.",
                "I: connecting to broker at tcp://triggerfs.io:5555...",
                "I: received HEARTBEAT for worker socket from broker.",
            ],
            _stage.Log.Lines);
    }

    [Fact]
    public async Task A_refusal_for_good_ends_the_worker_with_what_the_broker_said()
    {
        Refused refusal = new(new(0), ErrorCode.Unauthenticated, "the identity or its proof is wrong", "", "look");
        Link.Raise(events => events.Refused(refusal, retrying: false));
        var problem = await Assert.ThrowsAsync<TriggerException>(() => _stage.Session.Ended);
        Assert.Equal(ErrorCode.Unauthenticated, problem.Code);
    }

    [Fact]
    public void A_run_that_is_sent_twice_runs_once()
    {
        ulong run = WorkerStage.NextRun();
        byte[] message = WorkerStage.RunMessage(run, "command", Encoding.UTF8.GetBytes("sleep 0.3; echo once"));
        Link.Deliver(message);
        Link.Deliver(message);
        _stage.EndOf(run);
        Assert.Equal("once\n", _stage.TextOf(run));
        Assert.Single(Link.Starts);
    }
}
