using System.Buffers.Binary;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Broker;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Mail;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Wire;
using Xunit.Abstractions;

namespace TriggerFs.Tests.Broker.State;

public sealed class AllocationTests(ITestOutputHelper output)
{
    private static readonly PeerId WorkerPeer = new(1);
    private static readonly PeerId UserPeer = new(2);

    [Theory]
    [InlineData("hp", "team1", "dc1", "60/m")]
    [InlineData("mallory", "team2", "team1/dc1", "none")]
    [InlineData("mallory", "team2", "team1/dc1", "1000000/s")]
    public void A_request_and_its_answer_allocate_nothing_once_the_broker_is_warm(
        string user, string team, string service, string rate)
    {
        var world = new Sink();
        var roster = new Roster(Scene.Team(one => one with
        {
            Visibility = Visibility.Public,
            Rate = Rate.Parse(rate),
        }));
        var tokens = new Tokens(new byte[Tokens.KeySize]);
        var now = new Instant(1000, 1_525_113_930_000);
        using var seal = new TokenSeal(new byte[TokenSeal.KeySize]);
        var state = new BrokerState(world, roster, tokens, seal, BrokerOptions.Default, now);
        SignIn(state, world, roster, tokens, new(PeerRole.Client, team, user, ProofKind.Secret, "right", ""), now);
        byte[] request = RequestBytes(service), finished = FinishedBytes();
        Ask(state, world, request, finished, count: 20_000, now);

        long before = GC.GetAllocatedBytesForCurrentThread();
        long began = Stopwatch.GetTimestamp();
        const int Count = 100_000;
        Ask(state, world, request, finished, Count, now);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        output.WriteLine($"{Count / seconds / 1000:0} k requests/s by the decisions alone, {bytes} bytes allocated");
        Assert.InRange(bytes, 0, 4096);
        Assert.Equal(120_000, world.Answers);
    }

    /// <summary>64 requests under way at any time, as a busy client has them.</summary>
    private static void Ask(BrokerState state, Sink world, byte[] request, byte[] finished, int count, Instant now)
    {
        for (int sent = 0; sent < count;)
        {
            for (int i = 0; i < 64 && sent < count; i++, sent++)
            {
                BinaryPrimitives.WriteInt64BigEndian(request.AsSpan(MessageCodec.HeaderSize), sent);
                state.Received(UserPeer, request, now);
            }
            while (world.Runs.TryDequeue(out ulong run))
            {
                BinaryPrimitives.WriteUInt64BigEndian(finished.AsSpan(MessageCodec.HeaderSize), run);
                state.Received(WorkerPeer, finished, now);
            }
        }
    }

    private static void SignIn(
        BrokerState state, Sink world, Roster roster, Tokens tokens, Hello user, Instant now)
    {
        Say(state, WorkerPeer, new Hello(PeerRole.Worker, "team1", "demo01", ProofKind.Token, "right", "").Write, now);
        Say(state, UserPeer, user.Write, now);
        foreach ((long ticket, Hello hello) in world.Verifying)
            state.Verified(ticket, FakeWorld.Judge(hello, roster, tokens, now), now);
        state.Received(WorkerPeer, Bytes(new Announce(100, ["dc1"], []).Write), now);
    }

    private static void Say(BrokerState state, PeerId peer, Action<WireWriter> write, Instant now)
    {
        state.Joined(peer, "test", now);
        state.Received(peer, Bytes(write), now);
    }

    private static byte[] Bytes(Action<WireWriter> write)
    {
        var wire = new WireWriter();
        write(wire);
        return wire.Written.ToArray();
    }

    private static byte[] RequestBytes(string service) =>
    [
        .. Bytes(wire => new Request
        {
            Service = System.Text.Encoding.UTF8.GetBytes(service),
            Plugin = "echo"u8,
            TimeoutMs = 30_000,
            Payload = new byte[16],
        }.WriteHead(wire)),
        .. new byte[16],
    ];

    private static byte[] FinishedBytes() =>
    [
        .. Bytes(wire => new Finished { Outcome = Outcome.Done, Offset = 16, Tail = new byte[16] }.WriteHead(wire)),
        .. new byte[16],
    ];

    /// <summary>A world that keeps nothing but the numbers of runs.</summary>
    private sealed class Sink : IEffects
    {
        public Queue<ulong> Runs { get; } = new(256);

        public List<(long Ticket, Hello Hello)> Verifying { get; } = [];

        public int Answers { get; private set; }

        public ILogger Log => NullLogger.Instance;

        public void Send(PeerId peer, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, int underWay)
        {
            if (head[0] == (byte)MessageKind.Run)
                Runs.Enqueue(BinaryPrimitives.ReadUInt64BigEndian(head[MessageCodec.HeaderSize..]));
            else if (head[0] == (byte)MessageKind.Finished) Answers++;
        }

        public void Dismiss(PeerId peer, string why) => throw new InvalidOperationException(why);

        public void Admit(PeerId peer, int messageMax, bool answers)
        {
        }

        public long Unsent(PeerId peer) => 0;

        public void Verify(long ticket, Hello hello, string address) => Verifying.Add((ticket, hello));

        public void Hash(long ticket, SecretOrder order)
        {
        }

        public void Commit(long ticket, IReadOnlyList<Change> changes, AuditEntry? line)
        {
        }

        public void Keep(long ticket, IReadOnlyList<Change> changes)
        {
        }

        public void AfterTurn()
        {
        }

        public void Audit(AuditEntry line)
        {
        }

        public void ReadAudit(long ticket, AuditQuery query)
        {
        }

        public void CountHits(IReadOnlyList<TriggerHits> hits)
        {
        }

        public void Mail(MailOrder mail)
        {
        }

        public void Shutdown()
        {
        }

        public ulong Random() => 42;
    }
}
