using Microsoft.Win32.SafeHandles;
using TriggerFs.Core;

namespace TriggerFs.Broker.Store;

/// <summary>
/// Brings SQLite's -wal file to the disk every so often, on a thread of its own, where commits do not wait for that
/// themselves. A power cut then takes the commits of the time between at the most, from the last one backwards: the
/// file is read up to the first frame that is not whole (sqlite.org/walformat.html), and what is moved from it into the
/// database is synced before, by SQLite.
/// </summary>
sealed class WalSync : IDisposable
{
    private readonly string _wal;
    private readonly TimeSpan _every;
    private readonly Action<TriggerException> _trouble;
    private readonly AutoResetEvent _written = new(false);
    private readonly ManualResetEvent _stopping = new(false);
    private readonly Thread _thread;
    private bool _isInTrouble;

    /// <param name="database">The database file.</param>
    /// <param name="trouble">Hears, on this thread, that the disk refuses; once, until it does no longer.</param>
    public WalSync(string database, TimeSpan every, Action<TriggerException> trouble)
    {
        (_wal, _every, _trouble) = (database + "-wal", every, trouble);
        _thread = new(Run) { Name = "store-sync", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Something was committed that did not wait for the disk.</summary>
    public void Written() => _written.Set();

    /// <summary>Ends behind a last sync.</summary>
    public void Dispose()
    {
        _stopping.Set();
        _written.Set();
        _thread.Join();
        _written.Dispose();
        _stopping.Dispose();
    }

    private void Run()
    {
        bool isLast;
        do
        {
            _written.WaitOne();
            isLast = _stopping.WaitOne(_every);
            Sync();
        }
        while (!isLast);
    }

    private void Sync()
    {
        try
        {
            // Closing it ends no lock of SQLite's: those are on the database and the -shm file.
            using SafeFileHandle wal = File.OpenHandle(
                _wal, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.FlushToDisk(wal);
            _isInTrouble = false;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            if (!_isInTrouble)
                _trouble(new(ErrorCode.Storage, "what the queue took lately may not be on the disk", problem.Message,
                    $"check the disk of {_wal}", problem));
            _isInTrouble = true;
        }
    }
}
