using System.Globalization;
using TriggerFs.Broker.Statements;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Queue;

/// <summary>What <c>show queue</c> says to whoever looks why nothing happens.</summary>
public sealed class ShownQueueTests : UptimeQueue
{
    private const ulong Loose = 33;
    private const string Path = "/demo/uptime";

    [Fact]
    public void An_empty_queue_has_no_rows_and_neither_has_one_whose_messages_have_their_answers()
    {
        Assert.Empty(Show());
        Write("a");
        _scene.Worker("demo01").FinishAll();
        _scene.Settle();
        Assert.Empty(Show());
    }

    [Fact]
    public void A_trigger_whose_service_has_no_worker_online_waits_for_one_since_its_oldest_message()
    {
        long written = _scene.Now.UnixMs;
        Write("a", written);
        _scene.Pass(3000, _user);
        Write("bc");
        string[] row = [Path, "dc1", "2", "0", $"{3 + (2 * 512)}", Table.Number(written), "a worker", ""];
        Assert.Equal(row, Assert.Single(Show()));
    }

    [Fact]
    public void What_runs_is_counted_apart_from_what_waits_for_a_free_job()
    {
        TestPeer worker = _scene.Worker("demo01", jobs: 1);
        for (int i = 0; i < 3; i++) Write("a");
        Assert.Equal((Path, "2", "1", "its answer"), Row(Assert.Single(Show())));
        Assert.Single(worker.Read(MessageKind.Run));
    }

    [Fact]
    public void A_trigger_with_no_service_waits_for_one()
    {
        _user.FireLater(1, Loose, ++_sequence);
        _scene.Settle();
        Assert.Equal(("/demo/loose", "1", "0", "a service"), Row(Assert.Single(Show())));
    }

    [Fact]
    public void A_message_that_failed_waits_for_its_next_attempt_which_has_a_time()
    {
        TestPeer worker = _scene.Worker("demo01");
        Set("retry", "2");
        Set("backoff", "10s..20s");
        Write("a");
        worker.FinishAll(exitCode: 1);
        _scene.Settle();
        string[] row = Assert.Single(Show());
        Assert.Equal((Path, "1", "0", "its next attempt"), Row(row));
        long next = long.Parse(row[7], CultureInfo.InvariantCulture);
        Assert.InRange(next, _scene.Now.UnixMs + 1, _scene.Now.UnixMs + 20_000);
    }

    [Fact]
    public void After_a_restart_what_may_be_with_a_worker_waits_for_it_to_come_back()
    {
        _scene.Worker("demo01");
        Write("a");
        _scene.Restart();
        Assert.Equal((Path, "1", "0", "workers that may have it"), Row(Assert.Single(Show(_scene.User()))));
    }

    [Fact]
    public void Requests_that_a_service_carries_out_later_have_a_row_of_the_service()
    {
        _user.Post(1, "empty", sequence: 1);
        _scene.Settle();
        string[] row = Assert.Single(Show());
        Assert.Equal(("", "1", "0", "a worker"), Row(row));
        Assert.Equal("empty", row[1]);
    }

    [Fact]
    public void The_queue_of_another_team_is_not_shown()
    {
        Write("a");
        Assert.Empty(Show(_scene.User("mallory", "team2")));
    }

    private IReadOnlyList<string[]> Show() => Show(_user);

    private IReadOnlyList<string[]> Show(TestPeer user)
    {
        user.Read();
        user.Send(new Manage(new(94), Verb.Show, ObjectKind.Queue, "", "", []).Write);
        return Listing.Read(Assert.Single(user.Read(MessageKind.Listing)).Message).Rows;
    }

    private static (string Trigger, string Waiting, string Running, string WaitsFor) Row(string[] row) =>
        (row[0], row[2], row[3], row[6]);
}
