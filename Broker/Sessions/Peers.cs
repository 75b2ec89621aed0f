using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Sessions;

/// <summary>The connections: what is sent to them, and how long they may be silent.</summary>
sealed class Peers(Surroundings around)
{
    /// <summary>
    /// Until the first heartbeat of a session: the peer notices by it when it waits for the end of an Accepted whose
    /// length was changed on the way.
    /// </summary>
    private const long FirstBeatMs = 1000;

    private readonly Dictionary<PeerId, Peer> _peers = [];
    private readonly List<Peer> _late = [];
    private long _sweptMs;

    public int Count => _peers.Count;

    public IEnumerable<Peer> All => _peers.Values;

    private long IntervalMs => (long)around.Options.Heartbeat.TotalMilliseconds;

    public Peer Join(PeerId id, string address)
    {
        var peer = new Peer(id, address, around.NowMs);
        _peers[id] = peer;
        return peer;
    }

    public Peer? Find(PeerId id) => _peers.GetValueOrDefault(id);

    /// <summary>The peer is gone.</summary>
    public Peer? Leave(PeerId id) => _peers.Remove(id, out Peer? peer) ? peer : null;

    /// <summary>The peer was told that it is accepted: from now on it hears that we are alive.</summary>
    public void BeginBeats(Peer peer) => ScheduleBeat(peer, Math.Min(FirstBeatMs, IntervalMs));

    /// <summary>Sends what was written, and a body behind it, to one that has so many like it under way.</summary>
    public void Send(Peer peer, ReadOnlySpan<byte> body = default, int underWay = 0)
    {
        peer.SentMs = around.NowMs;
        around.Effects.Send(peer.Id, around.Wire.Written, body, underWay);
    }

    public void Refuse(Peer peer, RequestId id, TriggerException problem)
    {
        Short(Refused.Of(id, problem)).Write(around.Wire);
        Send(peer);
    }

    /// <summary>Closes a peer; from here on nothing that it says counts.</summary>
    public void Dismiss(Peer peer, string why)
    {
        peer.Stage = PeerStage.Leaving;
        peer.PatienceEndMs = long.MaxValue;
        around.Effects.Dismiss(peer.Id, why);
    }

    /// <summary>
    /// Says that we are alive to those who have not heard of us for a while; returns those who are silent.
    /// </summary>
    public List<Peer> Sweep()
    {
        _late.Clear();
        long nowMs = around.NowMs;
        if (nowMs == _sweptMs) return _late;
        _sweptMs = nowMs;
        foreach (Peer peer in _peers.Values)
        {
            if (IsLate(peer, nowMs)) _late.Add(peer);
            else if (peer.Stage == PeerStage.Accepted && nowMs - peer.SentMs >= peer.BeatAfterMs) Beat(peer);
        }
        return _late;
    }

    private bool IsLate(Peer peer, long nowMs) => peer.Stage switch
    {
        PeerStage.Accepted => nowMs - peer.HeardMs > around.Options.SilenceMs,
        PeerStage.Checking => false,
        _ => nowMs > peer.PatienceEndMs,
    };

    private void Beat(Peer peer)
    {
        Heartbeat.Write(around.Wire);
        Send(peer);
        ScheduleBeat(peer, IntervalMs);
    }

    // Up to a fifth earlier, so that a thousand peers that joined together do not beat together for ever.
    private void ScheduleBeat(Peer peer, long ms) =>
        peer.BeatAfterMs = ms - (long)(around.Effects.Random() % (ulong)Math.Max(1, ms / 5));

    /// <summary>A refusal may quote what was sent to us; it must not break a limit of its own.</summary>
    private static Refused Short(Refused refused) =>
        refused.What.Length + refused.Why.Length + refused.Fix.Length < 4096 ? refused : refused with
        {
            What = Head(refused.What),
            Why = Head(refused.Why),
            Fix = Head(refused.Fix),
        };

    private static string Head(string text) => text.Length <= 1024 ? text : text[..1024] + "…";
}
