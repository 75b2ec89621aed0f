using TriggerFs.Broker;
using TriggerFs.Broker.Dispatch;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Tests.Broker.State;

namespace TriggerFs.Tests.Broker.Dispatch;

/// <summary>
/// Whoever floods the broker delays himself. Counted in runs that go before: with a worker of one job and nobody else,
/// a request waits for the run that is under way, one; a flood may make that two.
/// </summary>
public sealed class FairnessTests
{
    private const ulong Uptime = 32;
    private const int Flood = 1000;

    private static StoredState ForTeam => Scene.Team(service => service with { Visibility = Visibility.Team });

    [Fact]
    public void A_session_that_floods_a_service_delays_another_ones_request_by_one_run()
    {
        var scene = new Scene(ForTeam);
        TestPeer flooding = scene.User(), other = scene.User("alice"), worker = scene.Worker("demo01", jobs: 1);
        for (ulong i = 1; i <= Flood; i++) flooding.Request(i, "dc1");
        other.Request(1, "dc1", payload: "mine");
        Assert.InRange(RunsBefore("mine", scene, worker), 1, 2);
        other.Request(2, "dc1", payload: "mine again");
        Assert.InRange(RunsBefore("mine again", scene, worker), 1, 2);
    }

    [Fact]
    public void A_session_that_floods_one_service_of_a_worker_delays_requests_for_another_one_by_one_run()
    {
        var scene = new Scene(ForTeam);
        TestPeer flooding = scene.User(), other = scene.User("alice"), worker = scene.Worker("demo01", jobs: 1);
        for (ulong i = 1; i <= Flood; i++) flooding.Request(i, "dc1");
        other.Request(1, "demo01", payload: "mine");
        Assert.Single(other.Read(MessageKind.Refused)); // The worker itself is its owner's.
        other.Request(2, "all", payload: "mine");
        Assert.InRange(RunsBefore("mine", scene, worker), 1, 2);
    }

    [Fact]
    public void Who_writes_a_thousand_messages_to_a_trigger_delays_another_ones_message_by_one_run()
    {
        StoredState team = ForTeam;
        var scene = new Scene(team with
        {
            Nodes = [.. team.Nodes.Select(node => node.Trigger is not { } rules ? node
                : node with { Trigger = rules with { Visibility = Visibility.Team } })],
        });
        TestPeer flooding = scene.User(), other = scene.User("alice");
        for (ulong i = 1; i <= Flood; i++) flooding.FireLater(i, Uptime, sequence: i);
        other.FireLater(1, Uptime, sequence: 1, payload: "mine");
        scene.Settle();
        Assert.InRange(RunsBefore("mine", scene, scene.Worker("demo01", jobs: 1)), 1, 2);
    }

    [Fact]
    public void Callers_of_another_team_are_one_sender_however_many_sessions_they_have()
    {
        var scene = new Scene(Scene.Team(service => service with { Visibility = Visibility.Public, Rate = Rate.None }));
        TestPeer worker = scene.Worker("demo01", jobs: 1), own = scene.User();
        for (int i = 0; i < 20; i++)
        {
            TestPeer stranger = scene.User("mallory", "team2");
            for (ulong j = 1; j <= 20; j++) stranger.Request(j, "team1/dc1");
        }
        own.Request(1, "dc1", payload: "mine");
        Assert.InRange(RunsBefore("mine", scene, worker), 1, 2);
    }

    [Fact]
    public void Those_who_wait_have_their_turn_one_after_another_and_each_ones_oldest_first()
    {
        var scene = new Scene(ForTeam);
        TestPeer worker = scene.Worker("demo01", jobs: 1);
        TestPeer[] users = [scene.User(), scene.User("alice"), scene.User("bob")];
        users[0].Request(9, "dc1", payload: "first");
        foreach (TestPeer user in users)
            for (ulong i = 1; i <= 3; i++) user.Request(i, "dc1", payload: $"{Array.IndexOf(users, user)}{i}");
        var ran = new List<string>();
        for (List<Heard> runs = worker.Read(MessageKind.Run); runs.Count > 0; runs = worker.Read(MessageKind.Run))
        {
            ran.Add(Assert.Single(runs).Text);
            worker.Finish(runs[0]);
        }
        Assert.Equal(["first", "01", "11", "21", "02", "12", "22", "03", "13", "23"], ran);
    }

    [Fact]
    public void While_others_send_to_a_worker_its_last_free_job_is_kept_for_them_from_one_who_floods()
    {
        (Scene scene, TestPeer other, TestPeer worker, List<Heard> runs) = Shared(jobs: 4);
        Assert.Equal(3, runs.Count);
        worker.Finish(runs[0]);
        scene.Settle();
        Assert.Single(worker.Read(MessageKind.Run));
        other.Request(2, "dc1", payload: "mine again");
        Assert.Equal("mine again", Assert.Single(worker.Read(MessageKind.Run)).Text);
    }

    [Fact]
    public void Whoever_sends_to_a_worker_alone_gets_all_of_its_jobs_and_so_again_a_second_after_others_have_sent()
    {
        (Scene scene, TestPeer other, TestPeer worker, List<Heard> runs) = Shared(jobs: 4);
        Assert.Equal(3, runs.Count);
        scene.Pass(1100, other, worker);
        Assert.Single(worker.Read(MessageKind.Run));
    }

    [Fact]
    public void Of_a_worker_with_few_jobs_none_is_kept()
    {
        (_, _, _, List<Heard> runs) = Shared(jobs: 3);
        Assert.Equal(3, runs.Count);
    }

    /// <summary>Somebody who floods had all jobs of a worker; then another one had its request carried out.</summary>
    private static (Scene Scene, TestPeer Other, TestPeer Worker, List<Heard> Runs) Shared(int jobs)
    {
        var scene = new Scene(ForTeam);
        TestPeer flooding = scene.User(), other = scene.User("alice"), worker = scene.Worker("demo01", jobs);
        for (ulong i = 1; i <= Flood; i++) flooding.Request(i, "dc1");
        List<Heard> runs = worker.Read(MessageKind.Run);
        Assert.Equal(jobs, runs.Count);
        other.Request(1, "dc1", payload: "mine");
        for (Heard? mine = null; mine is null; runs.AddRange(worker.Read(MessageKind.Run)))
        {
            mine = runs.Find(run => run.Text == "mine");
            Heard ends = mine ?? runs[0];
            worker.Finish(ends);
            runs.Remove(ends);
            scene.Settle();
        }
        return (scene, other, worker, runs);
    }

    [Fact]
    public void A_heap_gives_its_items_in_their_order_whatever_is_taken_out_of_its_middle()
    {
        var random = new Random(7);
        var heap = new PlacedHeap<Item>(static (a, b) => a.Value.CompareTo(b.Value));
        var all = new List<Item>();
        for (int i = 0; i < 20_000; i++)
        {
            if (all.Count == 0 || random.Next(5) > 1)
            {
                all.Add(new(random.NextInt64()));
                heap.Add(all[^1]);
            }
            else
            {
                Item gone = random.Next(2) == 0 ? heap.First! : all[random.Next(all.Count)];
                heap.Remove(gone);
                all.Remove(gone);
            }
            if (i % 100 == 0) Assert.Same(all.MinBy(item => item.Value), heap.First);
        }
        var left = new List<long>();
        while (heap.First is { } first)
        {
            left.Add(first.Value);
            heap.Remove(first);
        }
        Assert.Equal(all.Select(item => item.Value).Order(), left);
    }

    private static int RunsBefore(string payload, Scene scene, TestPeer worker)
    {
        for (int before = 0; before < Flood * 3; before++)
        {
            Heard run = Assert.Single(worker.Read(MessageKind.Run));
            worker.Finish(run);
            scene.Settle();
            if (run.Text == payload) return before;
        }
        return int.MaxValue;
    }

    private sealed class Item(long value) : IPlaced
    {
        public long Value => value;

        public int Place { get; set; }
    }
}
