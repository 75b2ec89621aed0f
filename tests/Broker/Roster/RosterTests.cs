using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Tests.Broker.Statements;

namespace TriggerFs.Tests.Broker.Rosters;

public sealed class RosterTests
{
    [Fact]
    public void A_service_is_found_by_the_bytes_of_its_name_without_allocating()
    {
        var roster = new TriggerFs.Broker.Roster(Sample.State with { Services = [Sample.Service(20, "demoservice")] });
        byte[] name = "demoservice"u8.ToArray();
        Assert.True(roster.TryFindService(Sample.Team1, name, out _));

        long before = GC.GetAllocatedBytesForCurrentThread();
        bool found = roster.TryFindService(Sample.Team1, name, out Service? service);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(found);
        Assert.Equal(20, service!.Id.Value);
    }

    [Fact]
    public void A_worker_is_a_service_of_one_and_the_same_object_each_time()
    {
        var roster = new TriggerFs.Broker.Roster(Sample.State with { Workers = [Sample.Worker(10, "demo01")] });
        Assert.True(roster.TryFindService(Sample.Team1, "demo01"u8, out Service? first));
        Assert.True(roster.TryFindService(Sample.Team1, "demo01"u8, out Service? second));
        Assert.Same(first, second);
        Assert.Equal(new ServiceId(0), first.Id);
        Assert.Equal(new WorkerId(10), Assert.Single(first.Workers));
        Assert.Equal(Visibility.Local, first.Visibility);
    }

    [Fact]
    public void A_service_of_another_team_is_found_under_its_teams_name_only()
    {
        var roster = new TriggerFs.Broker.Roster(Sample.State with { Workers = [Sample.Worker(10, "demo01")] });
        Assert.False(roster.TryFindService(Sample.Team2, "demo01"u8, out _));
        Assert.True(roster.TryFindService(Sample.Team2, "team1/demo01"u8, out _));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(roster.TryFindService(Sample.Team2, "team1/demo01"u8, out _));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.False(roster.TryFindService(Sample.Team2, "team9/demo01"u8, out _));
        Assert.False(roster.TryFindService(Sample.Team2, Encoding.UTF8.GetBytes(new string('x', 99) + "/a"), out _));
        Assert.False(roster.TryFindService(Sample.Team2, "/"u8, out _));
    }

    [Fact]
    public void Bytes_that_are_no_name_find_nothing()
    {
        var roster = new TriggerFs.Broker.Roster(Sample.State with { Workers = [Sample.Worker(10, "demo01")] });
        Assert.False(roster.TryFindService(Sample.Team1, [0xFF, 0xFE], out _));
        Assert.False(roster.TryFindService(Sample.Team1, [], out _));
        Assert.False(roster.TryFindService(Sample.Team1, Encoding.UTF8.GetBytes("démo01"), out _));
    }

    [Fact]
    public void A_renamed_service_is_found_under_its_new_name_only()
    {
        var roster = new TriggerFs.Broker.Roster(Sample.State with { Services = [Sample.Service(20, "old")] });
        roster.Apply([new Change.PutService(Sample.Service(20, "new"))]);
        Assert.False(roster.TryFindService(Sample.Team1, "old"u8, out _));
        Assert.True(roster.TryFindService(Sample.Team1, "new"u8, out _));
    }

    [Fact]
    public void Attaching_a_worker_reassigns_it_and_nobody_else()
    {
        var roster = new TriggerFs.Broker.Roster(Sample.State with
        {
            Workers = [Sample.Worker(10, "a"), Sample.Worker(11, "b")],
            Services = [Sample.Service(20, "s", 10)],
        });
        var delta = roster.Apply([new Change.PutService(Sample.Service(20, "s", 10, 11))]);
        Assert.Equal([11L], delta.Reassigned);
        Assert.Equal(["s"], roster.ServicesOf(new(11)).Select(service => service.Name.Value));
    }

    [Fact]
    public void Renaming_a_service_reassigns_its_workers_and_changes_its_triggers_on_mounts()
    {
        var roster = new TriggerFs.Broker.Roster(Sample.State with
        {
            Workers = [Sample.Worker(10, "a")],
            Services = [Sample.Service(20, "s", 10)],
            Nodes = [Sample.Directory(30, "d"), Sample.Trigger(31, "t", 30, service: 20)],
        });
        var delta = roster.Apply([new Change.PutService(Sample.Service(20, "renamed", 10))]);
        Assert.Equal([10L], delta.Reassigned);
        Assert.Equal(["renamed"], delta.Nodes.Select(node => roster.ToTree(node, Desk.Admin).Service));
    }

    [Fact]
    public void Dropping_a_worker_takes_it_out_of_its_services_and_ends_its_name()
    {
        var roster = new TriggerFs.Broker.Roster(Sample.State with
        {
            Workers = [Sample.Worker(10, "a"), Sample.Worker(11, "b")],
            Services = [Sample.Service(20, "s", 10, 11)],
        });
        var delta = roster.Apply([new Change.DropWorker(new(10))]);
        Assert.Equal([new WorkerId(10)], delta.DroppedWorkers);
        Assert.Empty(delta.Reassigned);
        Assert.Equal(new WorkerId(11), Assert.Single(roster.Service(new(20))!.Workers));
        Assert.Null(roster.FindWorker(Sample.Team1, "a"));
    }

    [Fact]
    public void Dropping_a_service_detaches_its_triggers_and_reassigns_its_workers()
    {
        var roster = new TriggerFs.Broker.Roster(Sample.State with
        {
            Workers = [Sample.Worker(10, "a")],
            Services = [Sample.Service(20, "s", 10)],
            Nodes = [Sample.Directory(30, "d"), Sample.Trigger(31, "t", 30, service: 20)],
        });
        var delta = roster.Apply([new Change.DropService(new(20))]);
        Assert.Equal([10L], delta.Reassigned);
        Assert.Null(roster.Node(new(31))!.Trigger!.Service);
        Assert.Equal(new NodeId(31), Assert.Single(delta.Nodes).Id);
        Assert.Empty(roster.ServicesOf(new(10)));
    }

    [Fact]
    public void A_node_is_found_by_its_path_and_its_path_by_its_number()
    {
        var roster = new TriggerFs.Broker.Roster(Sample.State with
        {
            Nodes = [Sample.Directory(30, "newtrigger"), Sample.Trigger(31, "demotrigger", 30)],
        });
        TriggerPath path = TriggerPath.Parse("/newtrigger/demotrigger");
        Assert.Equal(new NodeId(31), roster.Find(Sample.Team1, path)!.Id);
        Assert.Equal(path, roster.PathOf(new(31)));
        Assert.Null(roster.Find(Sample.Team2, path));
        Assert.Null(roster.Find(Sample.Team1, TriggerPath.Root));
    }

    [Fact]
    public void A_moved_directory_takes_its_triggers_along()
    {
        var roster = new TriggerFs.Broker.Roster(Sample.State with
        {
            Nodes = [Sample.Directory(30, "a"), Sample.Directory(32, "b"), Sample.Trigger(31, "t", 30)],
        });
        Assert.True(roster.TryFindRoute(new(31), out _));
        roster.Apply([new Change.PutNode(Sample.Directory(30, "c", parent: 32))]);
        Assert.Equal("/b/c/t", roster.PathOf(new(31)).Value);
        Assert.True(roster.TryFindRoute(new(31), out TriggerFs.Broker.TriggerRoute? route));
        Assert.Equal("/b/c/t"u8, route.Path);
        Assert.Empty(roster.Children(Sample.Team1, new(99)));
    }

    [Fact]
    public void A_snapshot_begins_with_the_root_and_has_parents_before_children()
    {
        var roster = new TriggerFs.Broker.Roster(Sample.State with
        {
            Nodes =
            [
                Sample.Trigger(31, "t", 40), Sample.Directory(40, "z"),
                Sample.Directory(41, "other", team: Sample.Team2),
            ],
        });
        TreeNode[] nodes = roster.Snapshot(Desk.Admin).ToArray();
        Assert.Equal([1UL, 40UL, 31UL], nodes.Select(node => node.Id.Value));
    }

    [Fact]
    public void Numbers_go_on_behind_the_highest_ever_given()
    {
        Assert.Equal(2, new TriggerFs.Broker.Roster(Sample.Empty).NextId());
        var roster = new TriggerFs.Broker.Roster(Sample.State with { LastId = 500 });
        Assert.Equal(501, roster.NextId());
        roster.Apply([new Change.PutWorker(Sample.Worker(600, "w"))]);
        Assert.Equal(601, roster.NextId());
    }

    [Fact]
    public void Hits_are_counted_and_each_trigger_is_taken_once_with_its_latest_count()
    {
        var roster = new TriggerFs.Broker.Roster(Sample.State with { Hits = [new(new(31), 5, 10)] });
        roster.Hits.Add(new(31), 20);
        roster.Hits.Add(new(31), 30);
        List<TriggerHits> taken = [];
        roster.Hits.Take(taken);
        Assert.Equal([new TriggerHits(new(31), 7, 30)], taken);
        taken.Clear();
        roster.Hits.Take(taken);
        Assert.Empty(taken);
    }
}
