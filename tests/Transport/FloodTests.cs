using System.Collections.Concurrent;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Tests.Transport.Zmtp;

namespace TriggerFs.Tests.Transport;

/// <summary>What others feel of a connection that sends as much as it can.</summary>
public sealed class FloodTests : IDisposable
{
    private const int FloodLength = 4000;

    /// <summary>Messages that may come between two turns of somebody, with room to spare.</summary>
    private const int FewMax = 100;

    private readonly RunningRouter _router = new();
    private readonly RawPeer _flood;
    private readonly RawPeer _other;
    private readonly ConcurrentQueue<string> _heard = [];
    private readonly ManualResetEventSlim _isThere = new();

    public FloodTests()
    {
        _flood = new RawPeer(_router.Port).Shake();
        _other = new RawPeer(_router.Port).Shake();
        _other.Socket.NoDelay = true; // What it sends is there when the call returns.
        Wait.Until(() => _router.Peers.Count == 2);
    }

    public void Dispose()
    {
        _isThere.Set();
        _flood.Dispose();
        _other.Dispose();
        _router.Dispose();
        _isThere.Dispose();
    }

    [Fact]
    public void Who_says_little_is_heard_before_the_rest_of_a_flood()
    {
        _router.OnReceived = (_, message) =>
        {
            Note(message);
            if (_heard.Count == 500) Assert.True(_isThere.Wait(TimeSpan.FromSeconds(20)));
        };
        Flood(_flood, "f");
        Wait.Until(() => _heard.Count == 500);
        _other.Send("other"u8);
        _isThere.Set();
        Wait.Until(() => _heard.Count == FloodLength + 1);
        Assert.InRange(_heard.ToList().IndexOf("other"), 500, 500 + FewMax);
        Assert.Equal(Names("f"), _heard.Where(name => name != "other"));
    }

    [Fact]
    public void Who_says_little_waits_for_one_turn_of_all_who_flood()
    {
        RawPeer[] floods = [.. Enumerable.Range(0, 9).Select(_ => new RawPeer(_router.Port).Shake())];
        _router.OnReceived = (_, message) =>
        {
            Note(message);
            if (_heard.Count == 10_000) Assert.True(_isThere.Wait(TimeSpan.FromSeconds(20)));
        };
        foreach (RawPeer one in floods) Flood(one, "f");
        Wait.Until(() => _heard.Count == 10_000);
        _other.Send("other"u8);
        _isThere.Set();
        Wait.Until(() => _heard.Contains("other"));
        Assert.InRange(_heard.ToList().IndexOf("other"), 10_000, 10_000 + FewMax);
        foreach (RawPeer one in floods) one.Dispose();
    }

    [Fact]
    public void Who_says_little_is_heard_between_two_long_messages()
    {
        _router.OnReceived = (_, message) =>
        {
            Note(message[..1]);
            if (_heard.Count == 20) Assert.True(_isThere.Wait(TimeSpan.FromSeconds(20)));
        };
        TakeLong();
        for (int i = 0; i < 60; i++) _flood.Queue(Long("f", i));
        Task sending = Task.Run(_flood.Flush);
        Wait.Until(() => _heard.Count == 20);
        _other.Send("o"u8);
        _isThere.Set();
        Wait.Until(() => _heard.Count == 61);
        Assert.InRange(_heard.ToList().IndexOf("o"), 20, 23);
        Wait.Until(() => sending.IsCompletedSuccessfully);
    }

    [Fact]
    public void Long_messages_and_what_comes_with_them_are_heard_whole_and_in_their_order()
    {
        var heard = new ConcurrentQueue<(PeerId Peer, byte[] Message)>();
        _router.OnReceived = (peer, message) => heard.Enqueue((peer, message.ToArray()));
        TakeLong();
        byte[][] all = [.. Enumerable.Range(0, 400).Select(i =>
            i % 3 == 0 ? Long("f", i * 331) : ZmtpConnectionTests.Sample(i))];
        Task[] sending = [.. new[] { _flood, _other }.Select(peer => Task.Run(() =>
        {
            foreach (byte[] message in all) peer.Queue(message);
            peer.Flush();
        }))];
        Wait.Until(() => heard.Count == 2 * all.Length);
        Wait.Until(() => sending.All(one => one.IsCompletedSuccessfully));
        foreach (PeerId peer in _router.Peers)
            Assert.Equal(all, heard.Where(one => one.Peer == peer).Select(one => one.Message));
    }

    [Fact]
    public void Those_who_flood_are_heard_in_turn_and_each_in_its_order()
    {
        _router.OnReceived = (_, message) =>
        {
            if (_heard.IsEmpty) Assert.True(_isThere.Wait(TimeSpan.FromSeconds(20)));
            Note(message);
        };
        Flood(_flood, "f");
        Flood(_other, "g");
        _isThere.Set();
        Wait.Until(() => _heard.Count == 2 * FloodLength);
        string[] all = [.. _heard];
        Assert.Equal(Names("f"), all.Where(name => name[0] == 'f'));
        Assert.Equal(Names("g"), all.Where(name => name[0] == 'g'));
        int bothUntil = Math.Min(Array.FindLastIndex(all, name => name[0] == 'f'),
            Array.FindLastIndex(all, name => name[0] == 'g'));
        int bothFrom = Math.Max(Array.FindIndex(all, name => name[0] == 'f'),
            Array.FindIndex(all, name => name[0] == 'g'));
        Assert.InRange(LongestOfOne(all[bothFrom..bothUntil]), 1, FewMax);
    }

    [Fact]
    public void One_that_is_paused_behind_its_turn_goes_on_where_it_was()
    {
        _router.OnReceived = (peer, message) =>
        {
            Note(message);
            if (_heard.Count == 500) _router.Router.SetReading(peer, false);
        };
        Flood(_flood, "f");
        Wait.Until(() => _heard.Count == 500);
        _other.Send("other"u8);
        Wait.Until(() => _heard.Count > 500);
        Assert.Equal(501, _heard.Count);
        _router.Do(router => router.SetReading(_router.Peers.First(), true));
        _router.Do(router => router.SetReading(_router.Peers.Last(), true));
        Wait.Until(() => _heard.Count == FloodLength + 1);
        Assert.Equal(Names("f"), _heard.Where(name => name != "other"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Answers_leave_while_a_flood_is_still_heard(bool toFlood)
    {
        PeerId[] peers = [.. _router.Peers];
        _router.OnReceived = (peer, message) =>
        {
            if (toFlood) _router.Router.Send(peer, message);
            else if (_heard.Count == 500) foreach (PeerId one in peers) _router.Router.Send(one, "answer"u8);
            Note(message);
            if (_heard.Count == FloodLength / 2) Assert.True(_isThere.Wait(TimeSpan.FromSeconds(20)));
        };
        Flood(_flood, "f");
        RawPeer hears = toFlood ? _flood : _other;
        while (hears.Messages.Count == 0) Assert.True(hears.ReadSome());
        _isThere.Set();
        Wait.Until(() => _heard.Count == FloodLength);
        while (toFlood && _flood.Messages.Count < FloodLength) Assert.True(_flood.ReadSome());
        if (toFlood) Assert.Equal(Names("f"), _flood.Messages.Select(Encoding.ASCII.GetString));
    }

    private static void Flood(RawPeer peer, string name)
    {
        foreach (string one in Names(name)) peer.Queue(Encoding.ASCII.GetBytes(one));
        peer.Flush();
    }

    private static IEnumerable<string> Names(string name) =>
        Enumerable.Range(0, FloodLength).Select(number => $"{name}{number:D9}");

    private void TakeLong()
    {
        foreach (PeerId peer in _router.Peers) _router.Do(router => router.Admit(peer, Limits.MessageMax));
    }

    /// <summary>20 to 150 KiB.</summary>
    private static byte[] Long(string name, int number)
    {
        byte[] bytes = ZmtpConnectionTests.Sample(20 * 1024 + (number * 997 % (130 * 1024)));
        Encoding.ASCII.GetBytes(name).CopyTo(bytes, 0);
        return bytes;
    }

    private static int LongestOfOne(string[] names)
    {
        int longest = 0, length = 0;
        for (int i = 0; i < names.Length; i++)
        {
            length = i > 0 && names[i][0] == names[i - 1][0] ? length + 1 : 1;
            longest = Math.Max(longest, length);
        }
        return longest;
    }

    private void Note(ReadOnlySpan<byte> message) => _heard.Enqueue(Encoding.ASCII.GetString(message));
}
