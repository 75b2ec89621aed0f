using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;

namespace TriggerFs.Tests.Broker.State;

/// <summary>What workers say that they have to run is shown to their team while they are there.</summary>
public sealed class PluginTests
{
    private static readonly OfferedPlugin Echo = new("echo", "2.0.0", "built-in", "answers", "");
    private static readonly OfferedPlugin Cpu = new("metrics/cpu", "", "exec", "", "");

    private readonly Scene _scene = new(Scene.Team(service => service with { Visibility = Visibility.Team }));

    private TestPeer Worker(string name, params OfferedPlugin[] plugins)
    {
        TestPeer worker = _scene.Worker(name);
        Offer(worker, plugins);
        return worker;
    }

    private static void Offer(TestPeer worker, OfferedPlugin[]? plugins) =>
        worker.Send(new Announce(4, ["dc1"], [], plugins).Write);

    private string[] Shown(string asker, string worker = "", string team = "team1")
    {
        TestPeer peer = _scene.User(asker, team);
        peer.Send(new Manage(new(5), Verb.Show, ObjectKind.Plugin, worker, "", []).Write);
        _scene.Settle();
        Heard answer = Assert.Single(peer.Read(), heard => heard.Kind is MessageKind.Listing or MessageKind.Refused);
        if (answer.Kind == MessageKind.Refused) return [answer.Refused!.What];
        return [.. Listing.Read(answer.Message).Rows.Select(row => $"{row[0]} {row[2]}: {row[5].Replace('\n', ',')}")];
    }

    [Fact]
    public void Plugins_that_several_workers_have_are_one_row_with_all_of_them()
    {
        Worker("demo02", Echo, Cpu);
        Worker("demo01", Echo);
        Assert.Equal(["echo built-in: demo01,demo02", "metrics/cpu exec: demo02"], Shown("alice"));
        Assert.Equal(["echo built-in: demo01"], Shown("alice", "demo01"));
        Assert.Empty(Shown("mallory", team: "team2"));
    }

    [Fact]
    public void A_list_that_is_left_out_is_what_it_was_and_another_one_takes_its_place()
    {
        TestPeer worker = Worker("demo01", Echo);
        Offer(worker, null);
        Assert.Equal(["echo built-in: demo01"], Shown("hp"));
        Offer(worker, [Cpu]);
        Assert.Equal(["metrics/cpu exec: demo01"], Shown("hp"));
        Offer(worker, []);
        Assert.Empty(Shown("hp"));
    }

    [Fact]
    public void Of_a_worker_that_is_not_online_that_is_said()
    {
        TestPeer worker = Worker("demo01", Echo);
        _scene.Leave(worker, LinkEnd.Closed);
        Assert.Empty(Shown("hp"));
        Assert.Equal(["worker 'demo01' is not online"], Shown("hp", "demo01"));
        Assert.Equal(["there is no worker 'nobody'"], Shown("hp", "nobody"));
        Assert.Equal(["there is no worker 'demo01'"], Shown("mallory", "demo01", "team2"));
        _scene.Worker("demo01");
        Assert.Empty(Shown("hp", "demo01"));
    }
}
