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
    private readonly Thread _writer;
    private long _hitsDueMs = long.MaxValue;
    private bool _stopping;

    /// <param name="path">Made when it is not there; its folder has to be.</param>
    /// <param name="trouble">Hears (on the store's thread) when counters could not be written; they are kept.</param>
    public SqliteStore(string path, Action<TriggerException>? trouble = null)
    {
        _database = DatabaseFile.Open(path);
        _commits = new(_database.Connection);
        _trouble = trouble ?? (static _ => { });
        _writer = new(WriteAll) { Name = "store", IsBackground = true };
        _writer.Start();
    }

    public StoredState Load()
    {
        try
        {
            lock (_file)
            {
                Schema.Execute(_database.Connection,
                    """
                    INSERT OR REPLACE INTO meta SELECT 'uncertain up to', max(id) FROM messages
                    WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = 'quiet end') HAVING count(*) > 0
                    """);
                StoredState stored = StateReader.Read(_database.Connection);
                // It was said of the broker that ended; this one may be killed.
                Schema.Execute(_database.Connection, "DELETE FROM meta WHERE name = 'quiet end'");
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

    public void Commit(IReadOnlyList<Change> changes, Action<TriggerException?> done)
    {
        lock (_gate)
        {
            if (!_stopping)
            {
                _waiting.Enqueue(new(changes, done));
                Monitor.Pulse(_gate);
                return;
            }
        }
        done(new(ErrorCode.Storage, "the broker is stopping; nothing was changed", fix: "try again when it is back"));
    }

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
        _commits.Dispose();
        _database.Dispose();
    }

    private void WriteAll()
    {
        List<WaitingCommit> group = [];
        List<TriggerHits> hits = [];
        while (Take(group, hits))
        {
            lock (_file)
            {
                if (group.Count > 0) _commits.Write(group);
                if (hits.Count > 0) Write(hits);
            }
            group.Clear();
            hits.Clear();
        }
    }

    /// <summary>Waits for work; false when all is written and the store stops.</summary>
    private bool Take(List<WaitingCommit> group, List<TriggerHits> hits)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_stopping && WaitMs() is var wait and not 0) Monitor.Wait(_gate, wait);
            while (group.Count < GroupMax && _waiting.TryDequeue(out WaitingCommit? commit)) group.Add(commit);
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
            _trouble(StoreFailure.Of(problem, _database.Connection.DataSource));
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
