using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Jobs;
using TriggerFs.Broker.Sessions;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Dispatch;

public sealed class RunQueueTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_first_is_the_one_of_most_priority_then_of_the_earliest_round_then_the_oldest_whatever_is_taken_out(
        int seed)
    {
        var random = new Random(seed);
        var lane = new Lane(Sample.Service(20, "all"));
        UserSession[] senders = [.. Enumerable.Range(1, 5).Select(Sender)];
        var queue = new RunQueue();
        var waiting = new List<JobRun>();
        ulong turn = 0;
        for (int step = 0; step < 5_000; step++)
        {
            if (waiting.Count == 0 || random.Next(100) < (step % 1000 < 500 ? 60 : 40)) Add(NewRun());
            else if (random.Next(3) > 0) TakeFirst();
            else if (random.Next(2) == 0) queue.Remove(TakeOut(waiting[random.Next(waiting.Count)]));
            else Add(TakeFirst()); // It was lost on the way, and comes back.
            Assert.Same(First(waiting), queue.First);
            Assert.Equal(waiting.Count, queue.Count);
        }
        Assert.Equal(waiting.OrderBy(run => run.Turn), queue.Runs.OrderBy(run => run.Turn));

        JobRun NewRun() => new()
        {
            Job = new() { Lane = lane, Session = senders[random.Next(5)], Priority = (byte)random.Next(3) },
            Turn = ++turn,
        };

        void Add(JobRun run)
        {
            queue.Add(run);
            waiting.Add(run);
        }

        JobRun TakeFirst()
        {
            JobRun first = TakeOut(queue.First!);
            queue.Take(first);
            return first;
        }

        JobRun TakeOut(JobRun run)
        {
            waiting.Remove(run);
            return run;
        }
    }

    private static JobRun? First(List<JobRun> waiting) => waiting
        .OrderByDescending(run => run.Job!.Priority).ThenBy(run => run.Round).ThenBy(run => run.Turn).FirstOrDefault();

    private static UserSession Sender(int number) => new(
        new((UInt128)number << 64), PeerRole.Client, new Team(Sample.Team1, new("team1"), 1),
        Sample.User(Sample.Admin, "hp"), "test", 0);
}
