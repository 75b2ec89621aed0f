using System.Net;

namespace TriggerFs.Broker.Access;

/// <summary>
/// Slows down who guesses: after a few failures of one identity from one address, the next attempt has to wait, twice
/// as long each time. Others are not slowed. Not for several threads.
/// </summary>
sealed class Throttle
{
    /// <summary>Mistakes that a person makes, without a wait.</summary>
    private const int Forgiven = 3;

    private const long WaitMaxMs = 60_000;

    /// <summary>Without a failure for so long, all is forgiven.</summary>
    private const long MemoryMs = 10 * 60_000;

    public const int GuessersMax = 16 * 1024;

    private readonly Dictionary<(string Identity, string Host), Guesser> _guessers = [];

    /// <summary>Identities from addresses that are remembered; bounded, however many a guesser invents.</summary>
    public int Remembered => _guessers.Count;

    /// <summary>How long an attempt has to wait yet, in ms; 0 when it may be made.</summary>
    public long WaitMs(string identity, string host, long nowMs) =>
        _guessers.TryGetValue(Key(identity, host), out Guesser guesser) ? Math.Max(0, guesser.NotBeforeMs - nowMs) : 0;

    /// <summary>Counts a failure; returns how many there were.</summary>
    public int Failed(string identity, string host, long nowMs)
    {
        if (_guessers.Count >= GuessersMax) Forget(nowMs);
        (string, string) key = Key(identity, host);
        _guessers.TryGetValue(key, out Guesser guesser);
        int failures = nowMs - guesser.LastMs > MemoryMs ? 1 : guesser.Failures + 1;
        int doublings = Math.Clamp(failures - Forgiven - 1, 0, 16);
        long wait = failures <= Forgiven ? 0 : Math.Min(WaitMaxMs, 1000L << doublings);
        _guessers[key] = new(failures, nowMs, nowMs + wait);
        return failures;
    }

    /// <summary>The right proof came: all is forgiven.</summary>
    public void Succeeded(string identity, string host) => _guessers.Remove(Key(identity, host));

    /// <summary>
    /// Who has one address of IPv6 has all of its network, the first 64 bits (RFC 4291, 2.5.1): they count as one.
    /// </summary>
    private static (string Identity, string Host) Key(string identity, string host)
    {
        if (!host.Contains(':') || !IPAddress.TryParse(host, out IPAddress? address)) return (identity, host);
        if (address.IsIPv4MappedToIPv6) return (identity, address.MapToIPv4().ToString());
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return (identity, new IPAddress(bytes).ToString());
    }

    private void Forget(long nowMs)
    {
        foreach (var (key, guesser) in _guessers)
            if (nowMs - guesser.LastMs > MemoryMs) _guessers.Remove(key);
        if (_guessers.Count >= GuessersMax) _guessers.Clear();
    }

    private readonly record struct Guesser(int Failures, long LastMs, long NotBeforeMs);
}
