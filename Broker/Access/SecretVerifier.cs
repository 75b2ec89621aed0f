using System.Security.Cryptography;
using System.Text;

namespace TriggerFs.Broker.Access;

/// <summary>
/// Checks and hashes secrets away from the loop, a few at a time. Equal checks under way are one, and one that
/// succeeded is remembered for a while under a key that only this process has: scripts that sign in for every request
/// wait for bcrypt once. Called on one thread; answers come on the thread pool.
/// </summary>
sealed class SecretVerifier(int cost = Secrets.CostDefault, int waitingMax = 64) : IDisposable
{
    private static readonly TimeSpan RememberedMax = TimeSpan.FromMinutes(5);

    /// <summary>Secrets that are remembered at once: one for each user of a large team.</summary>
    private const int RememberedCountMax = 1024;

    private readonly Lock _lock = new();
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly Dictionary<string, List<Action<bool>>> _underWay = [];
    private readonly Dictionary<string, long> _remembered = [];
    private readonly string _nobody = Secrets.HashOfNobody(cost);
    private int _hashing;

    /// <summary>
    /// Checks a secret against a stored hash, or, for an identity that does not exist, against one that nothing
    /// matches, which takes as long. False when too many wait already: then nobody is called back.
    /// </summary>
    public bool TryCheck(string? hash, string secret, Action<bool> done)
    {
        string mark = MarkOf(hash ?? _nobody, secret);
        if (Remembers(mark)) done(true);
        else return TryStart(mark, hash ?? _nobody, secret, done);
        return true;
    }

    /// <summary>Hashes a new secret. False when too many wait already: then nobody is called back.</summary>
    public bool TryHash(string secret, Action<string> done)
    {
        lock (_lock)
        {
            if (_underWay.Count + _hashing >= waitingMax) return false;
            _hashing++;
        }
        _ = HashAsync(secret, done);
        return true;
    }

    public void Dispose() => _turns.Dispose();

    private async Task HashAsync(string secret, Action<string> done)
    {
        await _turns.WaitAsync().ConfigureAwait(false);
        string hash;
        try
        {
            hash = await Task.Run(() => Secrets.Hash(secret, cost)).ConfigureAwait(false);
        }
        finally
        {
            _turns.Release();
            lock (_lock) _hashing--;
        }
        done(hash);
    }

    private bool TryStart(string mark, string hash, string secret, Action<bool> done)
    {
        lock (_lock)
        {
            if (_underWay.TryGetValue(mark, out List<Action<bool>>? waiting))
            {
                waiting.Add(done);
                return true;
            }
            if (_underWay.Count + _hashing >= waitingMax) return false;
            _underWay[mark] = [done];
        }
        _ = CheckAsync(mark, hash, secret);
        return true;
    }

    private async Task CheckAsync(string mark, string hash, string secret)
    {
        bool right = false;
        await _turns.WaitAsync().ConfigureAwait(false);
        try
        {
            right = await Task.Run(() => Secrets.Match(hash, secret)).ConfigureAwait(false);
        }
        catch (BCrypt.Net.SaltParseException)
        {
            // A stored hash that is none matches nothing.
        }
        finally
        {
            _turns.Release();
            foreach (Action<bool> done in Finish(mark, right)) done(right);
        }
    }

    private List<Action<bool>> Finish(string mark, bool right)
    {
        lock (_lock)
        {
            if (right)
            {
                if (_remembered.Count >= RememberedCountMax) _remembered.Clear();
                _remembered[mark] = Environment.TickCount64;
            }
            _underWay.Remove(mark, out List<Action<bool>>? waiting);
            return waiting!;
        }
    }

    private bool Remembers(string mark)
    {
        lock (_lock)
        {
            if (!_remembered.TryGetValue(mark, out long since)) return false;
            if (Environment.TickCount64 - since < RememberedMax.TotalMilliseconds) return true;
            _remembered.Remove(mark);
            return false;
        }
    }

    // The hash is part of the mark, so a secret that was changed is forgotten by itself.
    private string MarkOf(string hash, string secret) =>
        Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(hash + "\n" + secret)));
}
