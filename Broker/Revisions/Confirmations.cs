using TriggerFs.Broker.Sessions;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Revisions;

/// <summary>
/// When revisions that wait to be confirmed are taken back. The moment is stored by the wall clock and kept here by the
/// steady one, so that a clock that is set does not take anything back early; never later than was asked for.
/// </summary>
sealed class Confirmations
{
    /// <summary>What could not be taken back, on a full disk, is tried again.</summary>
    private const long RetryMs = 5000;

    private readonly Surroundings _around;
    private readonly GoingBack _back;
    private readonly StatementDesk _desk;
    private readonly SortedDictionary<long, long> _dueMs = [];

    public Confirmations(Surroundings around, GoingBack back, StatementDesk desk)
    {
        _around = around;
        _back = back;
        _desk = desk;
        foreach (Revision revision in around.Roster.Revisions.Unconfirmed) Look(revision);
    }

    /// <summary>A revision was stored: it waits to be confirmed, or does not any more.</summary>
    public void Look(Revision revision)
    {
        _dueMs.Remove(revision.Team.Value);
        if (_around.Roster.Revisions.UnconfirmedOf(revision.Team) is not { } waiting) return;
        long wholeMs = waiting.ConfirmByUnixMs - waiting.UnixMs;
        long leftMs = Math.Clamp(waiting.ConfirmByUnixMs - _around.Now.UnixMs, 0, wholeMs);
        _dueMs[revision.Team.Value] = _around.NowMs + leftMs;
    }

    /// <summary>Time passed.</summary>
    public void Tick()
    {
        if (_dueMs.Count == 0) return;
        foreach (long team in _dueMs.Keys.ToArray())
        {
            if (!_dueMs.TryGetValue(team, out long dueMs) || _around.NowMs < dueMs) continue;
            _dueMs[team] = _around.NowMs + RetryMs;
            _desk.Do("take back what was not confirmed in time", () => _back.TakeBack(new(team)));
        }
    }
}
