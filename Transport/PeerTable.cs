using TriggerFs.Core;

namespace TriggerFs.Transport;

/// <summary>
/// The peers of a router by their number, which holds the place in the table and a serial, so that it never comes
/// back: a late answer finds nobody instead of a stranger.
/// </summary>
sealed class PeerTable
{
    private const int PlaceBits = 20;
    private const ulong PlaceMask = (1 << PlaceBits) - 1;

    /// <summary>Peers at once that the numbers allow.</summary>
    public const int CountMax = 1 << PlaceBits;

    private readonly Stack<int> _free = new();
    private RouterPeer?[] _peers = new RouterPeer?[64];
    private int _used;
    private ulong _serial;

    public int Count => _used - _free.Count;

    public IEnumerable<RouterPeer> All => _peers.Take(_used).OfType<RouterPeer>();

    /// <summary>A number for the next peer; its place is taken by <see cref="Put"/>.</summary>
    public PeerId Next()
    {
        if (!_free.TryPop(out int place)) place = _used++;
        if (place == _peers.Length) Array.Resize(ref _peers, place * 2);
        return new((++_serial << PlaceBits) | (uint)place);
    }

    public void Put(RouterPeer peer) => _peers[(int)(peer.Id.Value & PlaceMask)] = peer;

    public RouterPeer? Find(PeerId id)
    {
        ulong place = id.Value & PlaceMask;
        return place < (ulong)_peers.Length && _peers[place] is { } peer && peer.Id == id ? peer : null;
    }

    public void Remove(PeerId id)
    {
        int place = (int)(id.Value & PlaceMask);
        _peers[place] = null;
        _free.Push(place);
    }
}
