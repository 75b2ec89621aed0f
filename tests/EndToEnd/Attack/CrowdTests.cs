using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
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
        int count = Soak.Number("TRIGGERFS_CROWD") ?? 200;
        long before = _site.Broker.ResidentKiB;
        var hello = new Hello(
            PeerRole.Client, Site.Team, Site.Identity, ProofKind.Jwt, _session.Welcome!.Jwt, "silent");
        byte[] words = Written(hello.Write);
        var crowd = new ConcurrentBag<RawPeer>();
        try
        {
            var four = new ParallelOptions { MaxDegreeOfParallelism = 4 };
            Task gathering = Task.Run(() => Parallel.For(0, count, four, _ =>
            {
                var peer = new RawPeer(Port, _site.BrokerKey);
                crowd.Add(peer);
                peer.Shake().Send(words);
            }));
            (int answers, long worstMs) = await WorkUntilAsync(gathering);
            report.WriteLine($"{count} came, {answers} requests meanwhile, the slowest took {worstMs} ms; the broker "
                + $"went from {before} to {_site.Broker.ResidentKiB} KiB");
            (answers, worstMs) = await WorkUntilAsync(Task.Run(() => Parallel.ForEach(crowd, AwaitEnd)));
            report.WriteLine($"{answers} requests until all were gone, the slowest took {worstMs} ms");
        }
        finally
        {
            foreach (RawPeer peer in crowd) peer.Dispose();
        }
    }

    [Fact]
    public async Task Those_who_guess_secrets_all_the_time_keep_nobody_out()
    {
        DateTime end = DateTime.UtcNow + Soak.Duration(3);
        int hellos = 0;
        Task flood = Task.Run(() => Parallel.For(0, 4, guesser =>
        {
            for (; DateTime.UtcNow < end; Interlocked.Increment(ref hellos))
            {
                using var peer = new RawPeer(Port, _site.BrokerKey);
                var guess = new Hello(
                    PeerRole.Client, Site.Team, $"guess{guesser}", ProofKind.Secret, $"secret {hellos}", "flood");
                peer.Shake().Send(Written(guess.Write));
                while (peer.Messages.Count == 0 && peer.ReadSome()) ;
            }
        }));
        (int answers, long worstMs) = await WorkUntilAsync(flood);
        report.WriteLine($"{hellos} guesses, {answers} requests meanwhile, the slowest took {worstMs} ms");
        await using UserSession another = _site.Session();
        await another.OpenAsync(TimeSpan.FromSeconds(30), default);
    }

    /// <summary>Somebody's requests, one after the other, each with its answer, until something else is done.</summary>
    private async Task<(int Answers, long WorstMs)> WorkUntilAsync(Task other)
    {
        int answers = 0;
        long worstMs = 0;
        do
        {
            var answer = new Collected();
            long began = Stopwatch.GetTimestamp();
            _session.Ask("w1", "echo", [], "hello"u8, TimeSpan.FromMinutes(1), 0, answer);
            Assert.Equal(("hello", 0), await answer.EndAsync());
            worstMs = Math.Max(worstMs, (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            answers++;
            await Task.Delay(5);
        }
        while (!other.IsCompleted);
        await other;
        return (answers, worstMs);
    }

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
