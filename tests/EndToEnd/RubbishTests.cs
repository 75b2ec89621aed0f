using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;
using TriggerFs.Tests.Transport;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>
/// Peers that speak ZMTP and CURVE well and say rubbish inside: each is told why and let go, and nobody else notices.
/// </summary>
public sealed class RubbishTests(GuardedSite guarded) : IClassFixture<GuardedSite>
{
    private readonly WireWriter _wire = new();

    [Fact]
    public async Task Nothing_but_Hello_or_a_signup_is_heard_from_a_stranger_whatever_its_kind()
    {
        for (int kind = 0; kind <= byte.MaxValue; kind = kind == (int)MessageKind.Last + 1 ? byte.MaxValue : kind + 1)
        {
            if ((MessageKind)kind is MessageKind.Hello or MessageKind.SignUp or MessageKind.Activate
                or MessageKind.Heartbeat or MessageKind.Goodbye) continue;
            using RawPeer peer = guarded.Stranger();
            peer.Send([(byte)kind, MessageCodec.Version, .. new byte[64]]);
            Assert.Equal(ErrorCode.Protocol, Refusal(peer).Code);
        }
        await guarded.ServesAsync();
    }

    [Fact]
    public async Task A_Hello_of_a_newer_version_is_told_which_version_is_spoken_here()
    {
        using RawPeer peer = guarded.Stranger();
        byte[] hello = Hello("secret");
        hello[1] = MessageCodec.Version + 1;
        peer.Send(hello);
        Refused refusal = Refusal(peer);
        Assert.Equal(ErrorCode.Protocol, refusal.Code);
        Assert.Contains($"version {MessageCodec.Version + 1}", refusal.What, StringComparison.Ordinal);
        Assert.Contains($"version {MessageCodec.Version}", refusal.Why, StringComparison.Ordinal);
        await guarded.ServesAsync();
    }

    [Fact]
    public async Task A_Hello_with_more_at_its_end_is_understood()
    {
        using RawPeer peer = guarded.Stranger();
        peer.Send([.. Hello(guarded.GoodJwt()), .. "fields of the next version"u8]);
        while (peer.Messages.Count == 0) Assert.True(peer.ReadSome());
        Assert.Equal(MessageKind.Accepted, (MessageKind)peer.Messages[0][0]);
        await guarded.ServesAsync();
    }

    [Fact]
    public async Task A_second_Hello_is_refused()
    {
        using RawPeer peer = guarded.SignedIn();
        peer.Send(Hello(guarded.GoodJwt()));
        Assert.Equal(ErrorCode.Protocol, Refusal(peer).Code);
        await guarded.ServesAsync();
    }

    [Fact]
    public async Task A_strangers_message_over_its_limit_ends_the_connection_and_the_log_says_why()
    {
        using RawPeer peer = guarded.Stranger();
        string address = peer.Socket.LocalEndPoint!.ToString()!;
        SendAll(peer, new byte[Limits.StrangerMessageMax + 1]);
        Assert.True(IsClosed(peer));
        await guarded.Site.Broker.LineAsync($"W: .*{address}.* over the limit of");
        await guarded.ServesAsync();
    }

    [Fact]
    public async Task A_message_over_the_limit_of_all_ends_a_session_and_the_log_says_why()
    {
        using RawPeer peer = guarded.SignedIn();
        int mark = guarded.Site.Broker.Mark();
        SendAll(peer, new byte[Limits.MessageMax + 1]);
        Assert.True(IsClosed(peer));
        await guarded.Site.Broker.LineAsync("team1/admin left: .* over the limit of", mark);
        await guarded.ServesAsync();
    }

    [Fact]
    public async Task A_payload_over_its_limit_is_refused_and_does_not_run()
    {
        string flag = Path.Join(guarded.Site.Folder, "ran");
        using RawPeer peer = guarded.SignedIn();
        byte[] payload = new byte[Limits.PayloadMax + 1];
        Encoding.UTF8.GetBytes($"touch '{flag}'\n").CopyTo(payload, 0);
        SendAll(peer, Request("w1", "command/command", payload));
        Refused refusal = Refusal(peer);
        Assert.Equal(ErrorCode.Protocol, refusal.Code);
        Assert.Contains($"{Limits.PayloadMax}", refusal.What + refusal.Why, StringComparison.Ordinal);
        await guarded.ServesAsync();
        Assert.False(File.Exists(flag));
    }

    [Fact]
    public async Task What_a_worker_says_is_not_heard_from_a_user()
    {
        foreach (MessageKind kind in (MessageKind[])
            [MessageKind.Announce, MessageKind.Started, MessageKind.Output, MessageKind.Finished, MessageKind.Run])
        {
            using RawPeer peer = guarded.SignedIn();
            peer.Send([(byte)kind, MessageCodec.Version, .. new byte[64]]);
            Assert.Equal(ErrorCode.Protocol, Refusal(peer).Code);
        }
        await guarded.ServesAsync();
    }

    [Fact]
    public async Task Messages_with_bytes_changed_cut_or_added_harm_nobody()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        byte[][] good = [Hello("secret"), .. GoodMessages()];
        try
        {
            for (int i = 0; i < 300; i++)
            {
                byte[] message = Mutate(good[random.Next(good.Length)], random);
                using RawPeer peer = i % 2 == 0 ? guarded.SignedIn() : guarded.Stranger();
                SendAll(peer, message);
                SendAll(peer, Mutate(good[random.Next(good.Length)], random));
            }
            await guarded.ServesAsync();
        }
        catch (Exception problem)
        {
            throw new InvalidOperationException($"seed {seed}: {problem.Message}", problem);
        }
    }

    [Fact]
    public async Task Two_hundred_who_connect_and_say_nothing_keep_nobody_waiting()
    {
        var silent = new List<IDisposable>();
        try
        {
            for (int i = 0; i < 100; i++)
            {
                silent.Add(guarded.Stranger());
                var socket = new TcpClient();
                silent.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, guarded.Port);
            }
            var clock = Stopwatch.StartNew();
            await guarded.ServesAsync();
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, Limits.HandshakeMax / 2);
        }
        finally
        {
            foreach (IDisposable one in silent) one.Dispose();
        }
    }

    private byte[] Hello(string proof)
    {
        ProofKind kind = proof.Contains('.') ? ProofKind.Jwt : ProofKind.Secret;
        new Hello(PeerRole.Client, Site.Team, kind == ProofKind.Jwt ? Site.Identity : "nobody", kind, proof, "tests")
            .Write(_wire);
        return _wire.Written.ToArray();
    }

    private byte[] Request(string service, string plugin, byte[] payload)
    {
        new Request
        {
            Id = new(7),
            Service = Encoding.UTF8.GetBytes(service),
            Plugin = Encoding.UTF8.GetBytes(plugin),
            Payload = payload,
        }.WriteHead(_wire);
        return [.. _wire.Written, .. payload];
    }

    /// <summary>Messages that are good; what runs is the echo plugin, so that no changed command ever can.</summary>
    private IEnumerable<byte[]> GoodMessages()
    {
        yield return Request("w1", "echo", "some text"u8.ToArray());
        yield return Written(new Manage(new(8), Verb.Create, ObjectKind.Service, "s1", "", []).Write);
        yield return Written(new Manage(new(9), Verb.Add, ObjectKind.Service, "s1", "workers", ["w1"]).Write);
        yield return Written(new Manage(new(10), Verb.Show, ObjectKind.Node, "/", "", []).Write);
        yield return Written(new Reclaim(new(7), [new("w1", 3, false)], []).Write);
        yield return Written(new Cancel(7, ErrorCode.Cancelled).Write);
        yield return Written(wire => new Credit { Id = 7, Offset = 4, Worker = "w1"u8 }.Write(wire));
        yield return Written(wire => new Fire { Id = new(11), Trigger = new(5) }.WriteHead(wire));
        yield return Written(new Goodbye("bye").Write);
        yield return Written(Watch.Write);
    }

    private byte[] Written(Action<WireWriter> write)
    {
        write(_wire);
        return _wire.Written.ToArray();
    }

    /// <summary>Mostly with kind and version left alone, so that the rest is looked at.</summary>
    private static byte[] Mutate(byte[] good, Random random)
    {
        byte[] bytes = [.. good];
        int first = random.Next(5) == 0 || good.Length == MessageCodec.HeaderSize ? 0 : MessageCodec.HeaderSize;
        for (int i = random.Next(4); i >= 0; i--)
            bytes[random.Next(first, bytes.Length)] ^= (byte)(1 << random.Next(8));
        byte[] more = new byte[random.Next(40)];
        random.NextBytes(more);
        return random.Next(4) switch
        {
            0 => bytes[..random.Next(bytes.Length)],
            1 => [.. bytes, .. more],
            2 => [.. bytes[..first], .. more],
            _ => bytes,
        };
    }

    /// <summary>Sends what the broker may not want to read to its end.</summary>
    private static void SendAll(RawPeer peer, byte[] message)
    {
        try
        {
            peer.Send(message);
        }
        catch (SocketException)
        {
            // It has had enough.
        }
    }

    /// <summary>The refusal of the session, after which the broker closes.</summary>
    private static Refused Refusal(RawPeer peer)
    {
        Assert.True(IsClosed(peer));
        byte[] last = Assert.Single(peer.Messages);
        Assert.Equal(MessageKind.Refused, (MessageKind)last[0]);
        return Refused.Read(last);
    }

    private static bool IsClosed(RawPeer peer)
    {
        try
        {
            while (peer.ReadSome())
            {
            }
            return true;
        }
        catch (SocketException problem)
        {
            return problem.SocketErrorCode == SocketError.ConnectionReset;
        }
    }
}
