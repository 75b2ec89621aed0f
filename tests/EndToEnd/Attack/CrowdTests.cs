using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;
using TriggerFs.Tests.Transport;
using Xunit.Abstractions;

namespace TriggerFs.Tests.EndToEnd.Attack;

/// <summary>
/// Very many who say Hello and nothing more, and some who say it again and again: everybody else goes on working.
/// TRIGGERFS_CROWD says how many are silent.
/// </summary>
[Trait("Category", "Soak")]
public sealed class CrowdTests(ITestOutputHelper report) : IAsyncLifetime
{
    private Site _site = null!;
    private UserSession _session = null!;

    private int Port => int.Parse(_site.Address.Split(':')[^1], CultureInfo.InvariantCulture);

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        await _site.WorkerAsync("w1");
        _session = _site.Session();
        await _session.OpenAsync(TimeSpan.FromSeconds(30), default);
    }

    public async Task DisposeAsync()
    {
        await _session.DisposeAsync();
        await _site.DisposeAsync();
    }

    [Fact]
    public async Task Very_many_who_say_Hello_and_go_silent_are_let_go_and_others_work_meanwhile()
    {
        int count = Math.Min(Soak.Number("TRIGGERFS_CROWD") ?? 2000, OpenFilesMax() - 500);
        long before = _site.Broker.ResidentKiB;
        await WorkUntilAsync("alone", Task.Delay(500));
        var crowd = new ConcurrentBag<RawPeer>();
        try
        {
            var four = new ParallelOptions { MaxDegreeOfParallelism = 4 };
            await WorkUntilAsync($"while {count} come", Task.Run(() => Parallel.For(0, count, four, number =>
            {
                var peer = new RawPeer(Port, _site.BrokerKey);
                crowd.Add(peer);
                peer.Shake().Send(Greeting((ulong)number + 1));
            })));
            await WorkUntilAsync("while they are there", Task.Delay(500));
            long most = _site.Broker.ResidentKiB;
            report.WriteLine($"the broker went from {before} to {most} KiB");
            Assert.InRange(most - before, 0, (48 * 1024) + (count * 16L));
            await WorkUntilAsync("until all are gone", Task.Run(() =>
            {
                foreach (RawPeer peer in crowd) AwaitEnd(peer);
            }));
        }
        finally
        {
            foreach (RawPeer peer in crowd) peer.Dispose();
        }
        await WorkUntilAsync("afterwards", Task.Delay(500));
        report.WriteLine($"the broker has {_site.Broker.ResidentKiB} KiB");
    }

    [Fact]
    public async Task Those_who_guess_secrets_or_come_and_go_all_the_time_keep_nobody_out()
    {
        DateTime end = DateTime.UtcNow + Soak.Duration(3);
        int hellos = 0;
        await WorkUntilAsync("alone", Task.Delay(500));
        await WorkUntilAsync("in the flood", Task.Run(() => Parallel.For(0, 4, number =>
        {
            for (; DateTime.UtcNow < end; Interlocked.Increment(ref hellos))
            {
                using var peer = new RawPeer(Port, _site.BrokerKey);
                var guess = new Hello(
                    PeerRole.Client, Site.Team, $"guess{number}", ProofKind.Secret, $"secret {hellos}", "flood");
                peer.Shake().Send(number < 2 ? Written(guess.Write) : Greeting((ulong)number));
                while (peer.Messages.Count == 0 && peer.ReadSome()) ;
            }
        })));
        report.WriteLine($"{hellos} Hellos");
        await using UserSession another = _site.Session();
        await another.OpenAsync(TimeSpan.FromSeconds(30), default);
    }

    /// <summary>Somebody's requests, one after the other, each with its answer, until something else is done.</summary>
    private async Task WorkUntilAsync(string when, Task other)
    {
        var tookMs = new List<double>();
        do
        {
            var answer = new Collected();
            long began = Stopwatch.GetTimestamp();
            _session.Ask("w1", "echo", [], "hello"u8, TimeSpan.FromMinutes(1), 0, answer);
            Assert.Equal(("hello", 0), await answer.EndAsync());
            tookMs.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await Task.Delay(5);
        }
        while (!other.IsCompleted);
        await other;
        tookMs.Sort();
        report.WriteLine($"{when}: {tookMs.Count} requests, half of them within {tookMs[tookMs.Count / 2]:0.00} ms, "
            + $"99 of 100 within {tookMs[tookMs.Count * 99 / 100]:0.0} ms, the slowest {tookMs[^1]:0} ms");
    }

    /// <summary>A good Hello of somebody who has a session of his own.</summary>
    private byte[] Greeting(ulong link) => Written(new Hello(
        PeerRole.Client, Site.Team, Site.Identity, ProofKind.Jwt, _session.Welcome!.Jwt, "silent", link).Write);

    /// <summary>"Max open files" of proc_pid_limits(5): the most that this process may have.</summary>
    private static int OpenFilesMax() => int.Parse(
        File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[3],
        CultureInfo.InvariantCulture);

    /// <summary>The broker ends it, because it is silent.</summary>
    private static void AwaitEnd(RawPeer peer)
    {
        try
        {
            while (peer.ReadSome()) ;
        }
        catch (SocketException end) when (end.SocketErrorCode == SocketError.ConnectionReset)
        {
            // An end like any other.
        }
    }

    private static byte[] Written(Action<WireWriter> write)
    {
        var wire = new WireWriter();
        write(wire);
        return wire.Written.ToArray();
    }
}
