using System.Collections.Concurrent;
using TriggerFs.Broker.Store;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Store;

/// <summary>
/// Commits workers without an end, many at a time, and prints the number of each when it was reported done.
/// </summary>
static class StoreWriter
{
    private const int UnderWay = 16;

    public static int Run(string path, string sync)
    {
        using var store = new SqliteStore(path, SyncRule.Parse(sync));
        using var done = new BlockingCollection<(long Id, bool Failed)>();
        long id = store.Load().LastId;
        for (int i = 0; i < UnderWay; i++) Begin();
        while (true)
        {
            (long stored, bool failed) = done.Take();
            if (failed) return 1;
            Console.WriteLine(stored);
            Begin();
        }

        void Begin()
        {
            long next = ++id;
            // Two changes that belong together: the half of it must never be found.
            store.Keep(
                [
                    new Change.PutWorker(Sample.Worker(next, $"w{next}")),
                    new Change.PutService(Sample.Service(20, "all", next)),
                ],
                problem => done.Add((next, problem is not null)));
        }
    }
}
