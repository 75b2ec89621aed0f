using Microsoft.Data.Sqlite;
using SQLitePCL;
using TriggerFs.Core;

namespace TriggerFs.Broker.Store;

/// <summary>
/// One database file, opened for one process alone: locked, checked, brought to the newest schema, and set so that a
/// commit is on the disk when it returns, unless <see cref="SyncsCommits"/> says otherwise.
/// </summary>
sealed class DatabaseFile : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly FileStream _lock;

    /// <summary>
    /// Closed behind SQLite's own: with any descriptor of a file the process's record locks on it end (fcntl(2)).
    /// </summary>
    private readonly FileStream _file;

    private bool _syncsCommits = true;

    /// <summary>
    /// No connection is used by two threads at once here, so that SQLite need not lock one at each call
    /// (sqlite.org/threadsafe.html). Where something has opened a database before, it goes on locking.
    /// </summary>
    static DatabaseFile()
    {
        Batteries_V2.Init();
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
    }

    private DatabaseFile(SqliteConnection connection, FileStream file, FileStream exclusive)
    {
        Connection = connection;
        _file = file;
        _lock = exclusive;
    }

    public SqliteConnection Connection { get; }

    /// <summary>
    /// Whether a commit is on the disk when it returns (synchronous FULL, sqlite.org/pragma.html), or with the kernel
    /// only (NORMAL): a power cut then takes the last ones, and leaves the file whole. Not within a transaction.
    /// </summary>
    public bool SyncsCommits
    {
        get => _syncsCommits;
        set
        {
            if (value == _syncsCommits) return;
            Schema.Execute(Connection, value ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            _syncsCommits = value;
        }
    }

    /// <summary>Opens the file, which is made when it is not there (mode 0600).</summary>
    public static DatabaseFile Open(string path)
    {
        FileStream exclusive = Lock(path);
        FileStream? file = null;
        SqliteConnection? connection = null;
        try
        {
            // SQLite gives its -wal and -shm files the mode of the database.
            file = new(path, Rules(FileShare.ReadWrite));
            connection = Connect(path);
            Prepare(connection);
            return new(connection, file, exclusive);
        }
        catch (Exception problem)
        {
            connection?.Dispose();
            file?.Dispose();
            exclusive.Dispose();
            if (problem is TriggerException) throw;
            throw StoreFailure.Of(problem, path);
        }
    }

    /// <summary>One more connection to the file, for another thread.</summary>
    public SqliteConnection Another()
    {
        SqliteConnection another = Connect(Connection.DataSource);
        Schema.Scalar(another, "PRAGMA user_version"); // Who has not read from it does not know that there is a -wal.
        return another;
    }

    /// <summary>Pages that <see cref="Connection"/> wrote since it was asked last. By who uses that.</summary>
    public int TakeWritten()
    {
        _ = raw.sqlite3_db_status(
            Connection.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out int pages, out _, resetFlg: 1);
        return pages;
    }

    /// <summary>
    /// Brings what was moved into the database file to the disk; by any thread. Throws <see cref="IOException"/>.
    /// </summary>
    public void Sync() => RandomAccess.FlushToDisk(_file.SafeFileHandle);

    /// <summary>Closes; SQLite moves what is in the -wal file into the database.</summary>
    public void Dispose()
    {
        Connection.Dispose();
        _file.Dispose();
        _lock.Dispose();
    }

    private static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void Prepare(SqliteConnection connection)
    {
        // Before anything is written: a damaged file is left as it is, for who mends it.
        using (SqliteCommand check = connection.CreateCommand())
        {
            check.CommandText = "PRAGMA quick_check(1)";
            if (check.ExecuteScalar() is not "ok" and var found)
                throw StoreFailure.Damaged(connection.DataSource, $"its check says: {found}");
        }
        Schema.Execute(connection,
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA foreign_keys = ON;
            PRAGMA busy_timeout = 5000;
            PRAGMA secure_delete = ON;
            PRAGMA trusted_schema = OFF;
            PRAGMA journal_size_limit = 16777216;
            """);
        Schema.Bring(connection);
    }

    private static FileStream Lock(string path)
    {
        try
        {
            return new(path + ".lock", Rules(FileShare.None));
        }
        catch (UnauthorizedAccessException problem)
        {
            throw StoreFailure.Of(problem, path);
        }
        catch (IOException problem) when (File.Exists(path + ".lock"))
        {
            throw new TriggerException(ErrorCode.Storage, $"another broker uses {path}", "a database has one broker",
                $"stop it first; to find it: fuser -v {path}.lock", problem);
        }
        catch (IOException problem)
        {
            throw StoreFailure.Of(problem, path);
        }
    }

    private static FileStreamOptions Rules(FileShare share) => new()
    {
        Mode = FileMode.OpenOrCreate,
        Access = FileAccess.ReadWrite,
        Share = share,
        UnixCreateMode = OwnerOnly,
    };
}
