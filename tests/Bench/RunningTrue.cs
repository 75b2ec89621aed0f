using System.Diagnostics;
using System.Globalization;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Transport;

namespace TriggerFs.Bench;

/// <summary>(b) <c>command/command</c> running <c>true</c> on a worker against posix_spawn and waitpid alone.</summary>
static class RunningTrue
{
    private const int AtOnce = 8;

    public static async Task RunAsync(Plan plan)
    {
        List<Result> bare = [], shell = [], ours = [], bareMany = [], shellMany = [], oursMany = [];
        await using Site site = await Site.StartAsync(plan.Binary);
        await site.StartWorkerAsync(jobs: 64);
        await using UserSession session = await ConnectAsync(site);
        for (int round = 0; round < plan.Rounds; round++)
        {
            bare.Add(Spawning(plan, 1, "true"));
            shell.Add(Spawning(plan, 1, "bash", "-c", "true"));
            ours.Add(Asking(plan, session, 1));
            bareMany.Add(Spawning(plan, AtOnce, "true"));
            shellMany.Add(Spawning(plan, AtOnce, "bash", "-c", "true"));
            oursMany.Add(Asking(plan, session, AtOnce));
        }
        Console.WriteLine("\n## (b) Running `true`\n");
        Console.WriteLine($"| | p50 µs | p99 µs | per s, {AtOnce} at once |\n|---|---|---|---|");
        Print("posix_spawn + waitpid of true", bare, bareMany);
        Print("posix_spawn + waitpid of bash -c true", shell, shellMany);
        Print("triggerfs: command/command (`bash -c true`), client to worker and back", ours, oursMany);
    }

    private static void Print(string name, List<Result> one, List<Result> many)
    {
        Result alone = Result.Median(one), crowd = Result.Median(many);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {name} | {alone.P50:F0} | {alone.P99:F0} | {crowd.PerSecond:F0} |"));
    }

    private static async Task<UserSession> ConnectAsync(Site site)
    {
        byte[] key = Keys.ParsePublic(site.Key);
        var session = new UserSession(
            new(PeerRole.Client, Site.Team, Site.Identity, Site.Secret),
            "bench",
            hello => new BrokerLink(new(site.Address, key, hello)));
        await session.OpenAsync(TimeSpan.FromSeconds(10), default);
        return session;
    }

    private static Result Asking(Plan plan, UserSession session, int atOnce)
    {
        var meter = new Meter(new(0, atOnce), plan.WarmUp, plan.Measure);
        using var done = new CountdownEvent(atOnce);
        session.Post(() =>
        {
            for (int i = 0; i < atOnce; i++) new Slot(session, meter, done).Ask();
        });
        done.Wait();
        return meter.Result();
    }

    private static Result Spawning(Plan plan, int atOnce, params string[] command)
    {
        var meter = new Meter(new(0, atOnce), plan.WarmUp, plan.Measure);
        var gate = new Lock();
        Thread[] threads = [.. Enumerable.Range(0, atOnce).Select(_ => new Thread(Loop))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        return meter.Result();

        void Loop()
        {
            using var program = new Spawning(command);
            bool goOn = true;
            while (goOn)
            {
                long asked = Stopwatch.GetTimestamp();
                program.Run();
                lock (gate) goOn = meter.Answered(asked, Stopwatch.GetTimestamp());
            }
        }
    }

    private sealed class Slot(UserSession session, Meter meter, CountdownEvent done) : IAnswers
    {
        private long _askedTicks;

        public bool ConsumesAtOnce => true;

        public void Ask()
        {
            _askedTicks = Stopwatch.GetTimestamp();
            session.Ask("worker1"u8, "command/command"u8, default, "true"u8, TimeSpan.Zero, flags: 0, this);
        }

        public void Dispatched(Dispatched dispatched)
        {
        }

        public void Output(in Output output)
        {
        }

        public void Finished(in Finished finished)
        {
            if (finished.Outcome != Outcome.Done || finished.ExitCode != 0) Environment.FailFast($"{finished.Outcome}");
            if (meter.Answered(_askedTicks, Stopwatch.GetTimestamp())) Ask();
            else done.Signal();
        }

        public void Failed(TriggerException problem) => Environment.FailFast(problem.Report());
    }
}
