using System.Collections.Concurrent;
using System.Text;
using TriggerFs.Core;

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
