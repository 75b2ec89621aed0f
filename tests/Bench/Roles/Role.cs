using System.Globalization;
using TriggerFs.Bench.Fuse;

namespace TriggerFs.Bench.Roles;

/// <summary>What this program is when it was started by itself.</summary>
static class Role
{
    public static int Run(string[] role)
    {
        switch (role)
        {
            case ["ask-triggerfs", var address, var key, var service, var clients, .. var cells]:
                AskMany(Number(clients), () => new TriggerFsClient(address, key, service), cells);
                break;
            case ["flood", "ask-triggerfs", var address, var key, var service, var clients, var cell]:
                Flood(Number(clients), () => new TriggerFsClient(address, key, service), Cell.Parse(cell));
                break;
            case ["flood", "ask-nats", var url, var clients, var cell]:
                Flood(Number(clients), () => new NatsClient(url), Cell.Parse(cell));
                break;
            case ["compute"]:
                Compute();
                break;
            case ["workers-triggerfs", var address, var key, var tokens]:
                TriggerFsWorkers.RunAsync(address, key, tokens).GetAwaiter().GetResult();
                break;
            case ["ask-netmq", var address, var key, .. var cells]:
                using (var client = new NetMqClient(address, key)) Ask(client, cells);
                Environment.Exit(0); // NetMQ can hang when it is asked to stop.
                break;
            case ["netmq-broker", var front, var back, var secret, var key]:
                NetMqBroker.Run(front, back, secret, key);
                break;
            case ["netmq-worker", var back, var key]:
                NetMqWorker.Run(back, key);
                break;
            case ["ask-nats", var url, var clients, .. var cells]:
                AskMany(Number(clients), () => new NatsClient(url), cells);
                break;
            case ["nats-workers", var url, var count]:
                NatsWorkers.RunAsync(url, Number(count)).GetAwaiter().GetResult();
                break;
            case ["fire-triggerfs", var address, var key, .. var cells]:
                using (var sender = new TriggerFsSender(address, key)) Ask(sender, cells);
                break;
            case ["publish-nats", var url, .. var cells]:
                using (var publisher = new NatsPublisher(url)) Ask(publisher, cells);
                break;
            case ["publish-mosquitto", var port, .. var cells]:
                using (var publisher = new MqttPublisher(Number(port))) Ask(publisher, cells);
                break;
            case ["ask-relay", var port, .. var cells]:
                using (var client = new RelayClient(Number(port))) Ask(client, cells);
                break;
            case ["relay", var front, var back]:
                Relay.Run(Number(front), Number(back));
                break;
            case ["relay-worker", var port]:
                Relay.Echo(Number(port));
                break;
            case ["null-mount", var folder, var threads]:
                NullMount.Run(folder, Number(threads));
                break;
            case ["load-fuse", var folder, var cell, var warmUp, var measure]:
                Result result = FuseLoad.Run(
                    folder, FuseCell.All[Number(cell)], Milliseconds(warmUp), Milliseconds(measure));
                Console.WriteLine(result.Line());
                break;
            default:
                throw new ArgumentException($"no such role: {string.Join(' ', role)}");
        }
        return 0;
    }

    private static void Ask(IAsker asker, string[] times)
    {
        TimeSpan warmUp = Milliseconds(times[0]), measure = Milliseconds(times[1]);
        foreach (string cell in times[2].Split(','))
        {
            var meter = new Meter(Cell.Parse(cell), warmUp, measure);
            asker.Ask(meter);
            Console.WriteLine(meter.Result().Line());
        }
    }

    /// <summary>Each client keeps a cell's requests under way, at the same time as the others.</summary>
    private static void AskMany(int clients, Func<IAsker> make, string[] times)
    {
        IAsker[] askers = [.. Enumerable.Range(0, clients).Select(_ => make())];
        TimeSpan warmUp = Milliseconds(times[0]), measure = Milliseconds(times[1]);
        foreach (string cell in times[2].Split(','))
        {
            Meter[] meters = [.. askers.Select(_ => new Meter(Cell.Parse(cell), warmUp, measure))];
            Thread[] threads = [.. askers.Zip(meters, (asker, meter) => new Thread(() => asker.Ask(meter)))];
            foreach (Thread thread in threads) thread.Start();
            foreach (Thread thread in threads) thread.Join();
            Console.WriteLine(Result.Together([.. meters.Select(meter => meter.Result())]).Line());
        }
        foreach (IAsker asker in askers) asker.Dispose();
    }

    /// <summary>Clients that ask until they are killed.</summary>
    private static void Flood(int clients, Func<IAsker> make, Cell cell)
    {
        IAsker[] askers = [.. Enumerable.Range(0, clients).Select(_ => make())];
        RunOn(askers.Select<IAsker, ThreadStart>(
            asker => () => asker.Ask(new(cell, TimeSpan.Zero, TimeSpan.FromHours(1)))));
    }

    /// <summary>Keeps every processor busy until it is killed.</summary>
    private static void Compute() => RunOn(Enumerable.Repeat<ThreadStart>(Spin, Environment.ProcessorCount));

    private static void Spin()
    {
        uint sum = 0;
        while (true) Volatile.Write(ref sum, sum + 1);
    }

    /// <summary>A thread for each, until they are killed.</summary>
    private static void RunOn(IEnumerable<ThreadStart> all)
    {
        Thread[] threads = [.. all.Select(one => new Thread(one))];
        foreach (Thread thread in threads) thread.Start();
        Thread.Sleep(200); // Until a flood has swollen.
        Console.WriteLine("READY");
        foreach (Thread thread in threads) thread.Join();
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static TimeSpan Milliseconds(string text) =>
        TimeSpan.FromMilliseconds(double.Parse(text, CultureInfo.InvariantCulture));
}

/// <summary>A client that keeps a cell's number of requests under way until its meter has had enough.</summary>
interface IAsker : IDisposable
{
    /// <summary>Returns when all that was asked is answered.</summary>
    void Ask(Meter meter);
}
