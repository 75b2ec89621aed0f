using TriggerFs.Commands;
using TriggerFs.Commands.Worker;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;
using TriggerFs.Tests.Transport;
using TriggerFs.Transport;

namespace TriggerFs.Tests.Commands.Worker;

/// <summary>The whole worker over the network, with a broker that the test plays.</summary>
public sealed class RunningWorkerTests
{
    private readonly KeyPair _keys = KeyPair.Generate();
    private readonly ListLogger _log = new();

    private RunningWorker Connect(RunningRouter router) => RunningWorker.Start(
        new WorkerSettings("team1", "demo01", "9b1bd278-e645-4eec-bffb-0587ad84534e"),
        new BrokerAddress(router.Router.Address, Keys.Format(_keys.Public)), new WorkerOptions("demo01", 4), _log);

    private static void Assign(RunningRouter router)
    {
        WorkerStage.Wait(() => Has(router, MessageKind.Hello), "the worker signs in");
        Send(router, RunningRouter.Written(new Assigned(["demoservice"]).Write));
        WorkerStage.Wait(() => Has(router, MessageKind.Announce), "the worker announces itself");
    }

    private static void Send(RunningRouter router, byte[] message) => router.Do(port =>
    {
        port.Send(router.Peers.Last(), message);
        return true;
    });

    private static bool Has(RunningRouter router, MessageKind kind) =>
        router.Messages.Any(message => message[0] == (byte)kind);

    private static byte[] First(RunningRouter router, MessageKind kind) =>
        router.Messages.First(message => message[0] == (byte)kind);

    private static MessageKind[] Kinds(RunningRouter router) =>
        [.. router.Messages.Select(message => (MessageKind)message[0]).Where(kind => kind != MessageKind.Heartbeat)];

    [Fact]
    public async Task It_signs_in_with_its_token_announces_itself_and_says_Started_before_all_else()
    {
        using RunningRouter router = RunningRouter.Accepting(_keys);
        await using RunningWorker worker = Connect(router);
        Assign(router);
        await worker.Ready.WaitAsync(TimeSpan.FromSeconds(10));
        Send(router, WorkerStage.RunMessage(WorkerStage.NextRun(), "command/command", "echo hello"u8));
        WorkerStage.Wait(() => Has(router, MessageKind.Finished), "the run ends");

        Hello hello = Hello.Read(router.Messages.First());
        Assert.Equal((PeerRole.Worker, ProofKind.Token), (hello.Role, hello.Kind));
        Assert.Equal(("team1", "demo01"), (hello.Team, hello.Identity));
        Assert.Equal(
            [MessageKind.Hello, MessageKind.Announce, MessageKind.Started, MessageKind.Output, MessageKind.Finished],
            Kinds(router));
        Assert.DoesNotContain(_log.Lines, line => line.Contains(hello.Proof, StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_comes_back_to_a_broker_that_restarted_with_what_it_still_runs()
    {
        ulong run = WorkerStage.NextRun();
        RunningRouter first = RunningRouter.Accepting(_keys);
        string address = first.Router.Address;
        await using RunningWorker worker = Connect(first);
        Assign(first);
        Send(first, WorkerStage.RunMessage(run, "command", "echo before; sleep 1; echo after"u8));
        WorkerStage.Wait(() => Has(first, MessageKind.Output), "it runs");
        first.Dispose();

        using RunningRouter second = RunningRouter.Accepting(_keys, listen: address);
        Assign(second);
        HeldRun held = Announce.Read(First(second, MessageKind.Announce)).Held.Single();
        Assert.Equal((run, 0UL), (held.Run.Value, held.Offset));
        Send(second, FakeLink.CreditOf(run, 7, replay: true));
        WorkerStage.Wait(() => Has(second, MessageKind.Finished), "the run ends");
        Assert.Equal([MessageKind.Output, MessageKind.Finished], Kinds(second)[^2..]);
        Assert.Equal(7UL, Output.Read(First(second, MessageKind.Output)).Offset);
    }

    [Fact]
    public async Task It_says_goodbye_after_its_runs_have_ended()
    {
        using RunningRouter router = RunningRouter.Accepting(_keys);
        await using RunningWorker worker = Connect(router);
        Assign(router);
        Send(router, WorkerStage.RunMessage(WorkerStage.NextRun(), "command", "sleep 60"u8));
        WorkerStage.Wait(() => Has(router, MessageKind.Started), "it runs");
        using var stop = new CancellationTokenSource();
        Task running = worker.RunAsync(stop.Token);
        stop.Cancel();
        await running.WaitAsync(TimeSpan.FromSeconds(10));
        WorkerStage.Wait(() => Has(router, MessageKind.Goodbye), "it says goodbye");
        Assert.Equal([MessageKind.Announce, MessageKind.Finished, MessageKind.Goodbye], Kinds(router)[^3..]);
        Finished end = Finished.Read(First(router, MessageKind.Finished));
        Assert.Equal(Outcome.WorkerLost, end.Outcome);
    }
}
