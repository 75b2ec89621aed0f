using Microsoft.Data.Sqlite;
using TriggerFs.Core;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;

namespace TriggerFs.Broker.Store;

/// <summary>The broker's state in one SQLite file, written by one thread.</summary>
sealed class SqliteStore : IStore
{
    /// <summary>Commits in one transaction: more only makes the first one wait.</summary>
    private const int GroupMax = 512;

    /// <summary>How long counters wait for others, in ms; after a failure, how long until the next try.</summary>
    private const int HitsDelayMs = 50;
    private const int HitsRetryMs = 2000;

    private readonly Lock _file = new();
    private readonly object _gate = new();
    private readonly Queue<WaitingCommit> _waiting = new();
    private readonly Dictionary<NodeId, TriggerHits> _hits = [];
    private readonly DatabaseFile _database;
    private readonly GroupCommit _commits;
    private readonly Action<TriggerException> _trouble;
    private readonly SyncRule _queueSync;
    private readonly WalSync? _walSync;
    private readonly Checkpoints? _checkpoints;
    private readonly Thread _writer;
    private readonly LookOut _lookOut = new();
    private bool _isLone;
    private long _hitsDueMs = long.MaxValue;
    private bool _stopping;
    private volatile bool _hasWork;

    /// <param name="path">Made when it is not there; its folder has to be.</param>
    /// <param name="queueSync">When what the queue and the counters write is on the disk; null for always.</param>
    /// <param name="trouble">Hears, on a thread of the store's, of what failed and nobody waits for.</param>
    public SqliteStore(string path, SyncRule? queueSync = null, Action<TriggerException>? trouble = null)
    {
        _database = DatabaseFile.Open(path);
        _commits = new(_database.Connection);
        _trouble = trouble ?? (static _ => { });
        _queueSync = queueSync ?? SyncRule.Always;
        // Where each commit waits for the disk SQLite does that itself, every 1,000 pages: the file has its length
        // sooner, and syncing one that grows takes longer.
        if (_queueSync != SyncRule.Always) _checkpoints = new(_database, _file, _trouble);
        if (_queueSync.Policy == SyncPolicy.Interval) _walSync = new(path, _queueSync.Every, _trouble);
        _writer = new(WriteAll) { Name = "store", IsBackground = true };
        _writer.Start();
    }

    public StoredState Load()
    {
        try
        {
            lock (_file)
            {
                _database.SyncsCommits = true;
                LastRun.Judge(_database.Connection);
                StoredState stored = StateReader.Read(_database.Connection);
                LastRun.Forget(_database.Connection, _queueSync);
                return stored;
            }
        }
        catch (SqliteException problem)
        {
            throw StoreFailure.Of(problem, _database.Connection.DataSource);
        }
        catch (System.Text.Json.JsonException problem)
        {
            throw StoreFailure.Damaged(_database.Connection.DataSource, problem.Message, problem);
        }
    }

    public void Commit(IReadOnlyList<Change> changes, Action<TriggerException?> done) =>
        Add(new(changes, done, IsSynced: true));

    public void Keep(IReadOnlyList<Change> changes, Action<TriggerException?> done) =>
        Add(new(changes, done, _queueSync == SyncRule.Always));

    public void Count(IReadOnlyList<TriggerHits> hits)
    {
        lock (_gate)
        {
            foreach (TriggerHits counter in hits) _hits[counter.Trigger] = counter;
            if (_hitsDueMs != long.MaxValue) return;
            _hitsDueMs = Environment.TickCount64 + HitsDelayMs;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Writes what waits, and closes.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping) return;
            _stopping = true;
            Monitor.Pulse(_gate);
        }
        _writer.Join();
        _walSync?.Dispose();
        _checkpoints?.Dispose();
        _commits.Dispose();
        _database.Dispose();
    }

    private void Add(WaitingCommit commit)
    {
        lock (_gate)
        {
            if (!_stopping)
            {
                _waiting.Enqueue(commit);
                _hasWork = true;
                Monitor.Pulse(_gate);
                return;
            }
        }
        commit.Done(
            new(ErrorCode.Storage, "the broker is stopping; nothing was changed", fix: "try again when it is back"));
    }

    private void WriteAll()
    {
        List<WaitingCommit> group = [];
        List<TriggerHits> hits = [];
        while (Take(group, hits))
        {
            lock (_file)
            {
                // Either mode brings the commits before to the disk, too: they are in the same file.
                _database.SyncsCommits = _queueSync == SyncRule.Always || group.Exists(static one => one.IsSynced);
                if (group.Count > 0) _commits.Write(group);
                if (hits.Count > 0) Write(hits);
                if (!_database.SyncsCommits) _walSync?.Written();
                _checkpoints?.Written();
            }
            _isLone = IsLone(group);
            group.Clear();
            hits.Clear();
        }
    }

    /// <summary>
    /// Whether somebody sends one message when the one before is stored, for whom the time in which a thread wakes up
    /// is most of it. Who waits for the disk, or among many, gains nothing.
    /// </summary>
    private bool IsLone(List<WaitingCommit> group) =>
        !_database.SyncsCommits && group.Count == 1 && LookOut.IsFor(group[0].Changes);

    /// <summary>Waits for work; false when all is written and the store stops.</summary>
    private bool Take(List<WaitingCommit> group, List<TriggerHits> hits)
    {
        _lookOut.Begin();
        while (_isLone && !_hasWork && _lookOut.GoesOn()) Thread.Yield();
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_stopping && WaitMs() is var wait and not 0) Monitor.Wait(_gate, wait);
            _lookOut.End();
            while (group.Count < GroupMax && _waiting.TryDequeue(out WaitingCommit? commit)) group.Add(commit);
            _hasWork = _waiting.Count > 0;
            if (_hits.Count > 0 && (_stopping || WaitMs() == 0))
            {
                hits.AddRange(_hits.Values);
                _hits.Clear();
                _hitsDueMs = long.MaxValue;
            }
            return group.Count > 0 || hits.Count > 0;
        }
    }

    private int WaitMs() => _hitsDueMs == long.MaxValue ? Timeout.Infinite
        : (int)Math.Max(0, _hitsDueMs - Environment.TickCount64);

    private void Write(List<TriggerHits> hits)
    {
        try
        {
            _commits.Write((IEnumerable<TriggerHits>)hits);
        }
        catch (SqliteException problem)
        {
            Keep(hits);
            TriggerException failure = StoreFailure.Of(problem, _database.Connection.DataSource);
            _trouble(new(ErrorCode.Storage, "counters could not be stored and are kept in memory",
                $"{failure.Message}: {failure.Why}", failure.Fix, problem));
        }
    }

    /// <summary>Counters that could not be written wait for the next try, unless newer ones came.</summary>
    private void Keep(List<TriggerHits> hits)
    {
        lock (_gate)
        {
            if (_stopping) return;
            foreach (TriggerHits counter in hits) _hits.TryAdd(counter.Trigger, counter);
            _hitsDueMs = Environment.TickCount64 + HitsRetryMs;
        }
    }
}
