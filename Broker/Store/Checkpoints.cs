using Microsoft.Data.Sqlite;
using SQLitePCL;
using TriggerFs.Core;

namespace TriggerFs.Broker.Store;

/// <summary>
/// Moves what is in SQLite's -wal file into the database (a checkpoint, sqlite.org/wal.html), on a thread and a
/// connection of its own: that waits for the disk, and commits need not. Only what came while it moved the rest is
/// moved while none is written, so that all is moved at one moment, and the file begins anew. At that moment SQLite
/// syncs the database, and not before; what was moved until then is brought to the disk here.
/// </summary>
sealed class Checkpoints : IDisposable
{
    /// <summary>SQLite's, in bytes.</summary>
    private const int PageSize = 4096;

    /// <summary>Pages that are worth it; twice as many is what the file keeps of its length.</summary>
    private const int Worth = 4000;

    /// <summary>
    /// Pages in the file at which a commit moves them itself after all, and waits: the disk does not keep up.
    /// </summary>
    private const int Most = 16_000;

    /// <summary>Pages that commits wait for while the last ones are moved: some milliseconds.</summary>
    private const int Few = 250;

    /// <summary>Times that are tried to come down to a few.</summary>
    private const int TriesMax = 4;

    private readonly DatabaseFile _database;
    private readonly SqliteConnection _own;
    private readonly Lock _writing;
    private readonly Action<TriggerException> _trouble;
    private readonly AutoResetEvent _worth = new(false);
    private readonly Thread _thread;
    private volatile bool _stopping;
    private int _pages;
    private bool _isInTrouble;

    /// <param name="database">Whose commits go on meanwhile.</param>
    /// <param name="writing">Held by whoever writes to it.</param>
    /// <param name="trouble">Hears, on this thread, that the disk refuses; once, until it does no longer.</param>
    public Checkpoints(DatabaseFile database, Lock writing, Action<TriggerException> trouble)
    {
        (_database, _writing, _trouble) = (database, writing, trouble);
        Schema.Execute(database.Connection,
            $"PRAGMA wal_autocheckpoint = {Most}; PRAGMA journal_size_limit = {2 * Worth * PageSize}");
        _own = database.Another();
        _thread = new(Run) { Name = "store-checkpoint", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Something was committed. By whoever holds the lock.</summary>
    public void Written()
    {
        if (Interlocked.Add(ref _pages, _database.TakeWritten()) >= Worth) _worth.Set();
    }

    public void Dispose()
    {
        _stopping = true;
        _worth.Set();
        _thread.Join();
        _worth.Dispose();
        _own.Dispose();
    }

    private void Run()
    {
        while (_worth.WaitOne() && !_stopping)
        {
            string? problem = null;
            for (int i = 0; i < TriesMax && Interlocked.Exchange(ref _pages, 0) > Few; i++)
                problem = Move() ?? Sync() ?? problem;
            lock (_writing)
            {
                _pages = 0;
                problem = Move() ?? problem;
            }
            Tell(problem);
        }
    }

    /// <summary>
    /// Moves what is in the file now; null, or why that failed. What somebody reads (a backup) stays until the next
    /// time.
    /// </summary>
    private string? Move()
    {
        int result = raw.sqlite3_wal_checkpoint_v2(
            _own.Handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);
        return result is raw.SQLITE_OK or raw.SQLITE_BUSY or raw.SQLITE_LOCKED ? null
            : raw.sqlite3_errmsg(_own.Handle).utf8_to_string();
    }

    /// <summary>Brings what was moved to the disk; null, or why that failed.</summary>
    private string? Sync()
    {
        try
        {
            _database.Sync();
            return null;
        }
        catch (IOException problem)
        {
            return problem.Message;
        }
    }

    private void Tell(string? problem)
    {
        if (problem is not null && !_isInTrouble)
            _trouble(new(ErrorCode.Storage, "what was written ahead cannot be moved into the database, and grows",
                problem, $"check the disk of {_own.DataSource}"));
        _isInTrouble = problem is not null;
    }
}
