using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Commands;
using TriggerFs.Commands.Worker;
using TriggerFs.Tests.EndToEnd.FanOut;

namespace TriggerFs.Bench.Roles;

/// <summary>
/// Many real workers in one process: each has its own connection, session, loop and thread, as it has when it is alone.
/// </summary>
static class TriggerFsWorkers
{
    private const int Jobs = 64;

    /// <summary>How many sign in at a time: as many at once as a data centre that comes back, and no more.</summary>
    private const int SignInMax = 20;

    /// <param name="tokens">A file with a worker on each line, its name and its token.</param>
    public static async Task RunAsync(string address, string key, string tokens)
    {
        var broker = new BrokerAddress(address, key);
        var workers = new List<RunningWorker>();
        foreach (string line in await File.ReadAllLinesAsync(tokens))
        {
            string[] words = line.Split(' ');
            workers.Add(RunningWorker.Start(
                new(Site.Team, words[0], words[1]), broker, ManyWorkers.OptionsOf(words[0], Jobs),
                NullLogger.Instance));
            if (workers.Count >= SignInMax) await workers[^SignInMax].Ready;
        }
        foreach (RunningWorker worker in workers) await worker.Ready;
        Console.WriteLine("READY");
        await Task.Delay(Timeout.Infinite);
    }
}
