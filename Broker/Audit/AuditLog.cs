using Microsoft.Extensions.Logging;
using TriggerFs.Core;

namespace TriggerFs.Broker.Audit;

/// <summary>
/// The audit, written by a thread of its own, all that waits in one go. While the disk takes nothing, lines are kept in
/// memory as far as they fit and <see cref="Trouble"/> says so: the broker then takes no changes, because it could not
/// say who made them.
/// </summary>
sealed class AuditLog : IDisposable
{
    /// <summary>Lines that are kept while the disk takes none; those over it are lost, and counted.</summary>
    private const int KeptMax = 10_000;

    private const int RetryMs = 1000;

    /// <summary>How often old files are looked for while nothing happens.</summary>
    private const int IdleMs = 60 * 60_000;

    private readonly object _gate = new();
    private readonly AuditFile _file;
    private readonly ILogger _log;
    private readonly Thread _writer;
    private readonly SemaphoreSlim _readers = new(1);
    private readonly AuditFolder _folder;
    private List<(AuditEntry Entry, Action? Done)> _waiting = [];
    private volatile TriggerException? _trouble;
    private long _lost;
    private int _reading;
    private bool _stopping;

    /// <summary>Opens the folder, which is made when it is not there, and takes up the chain.</summary>
    public AuditLog(AuditOptions options, ILogger log)
    {
        _log = log;
        _folder = new(options.Folder);
        try
        {
            _file = new(options, log);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(ErrorCode.Settings, $"the audit cannot be written to {options.Folder}",
                problem.Message, "check who owns the folder, or name another in section [broker.audit]", problem);
        }
        if (_file.Mended is { } mended) _waiting.Add((mended, null));
        _writer = new(WriteAll) { Name = "audit", IsBackground = true };
        _writer.Start();
    }

    /// <summary>Why lines cannot be written now; null when they can.</summary>
    public TriggerException? Trouble => _trouble;

    /// <summary>
    /// Writes an entry; calls back, on the audit's thread, when it is on the disk, or when the disk did not take it and
    /// it is kept in memory.
    /// </summary>
    public void Write(AuditEntry entry, Action? done = null)
    {
        lock (_gate)
        {
            if (_waiting.Count < KeptMax && !_stopping)
            {
                _waiting.Add((entry, done));
                Monitor.Pulse(_gate);
                return;
            }
            _lost++;
        }
        done?.Invoke();
    }

    /// <summary>Looks for lines, away from the writer; calls back on the thread pool.</summary>
    public void Read(AuditQuery query, Action<IReadOnlyList<AuditEntry>, TriggerException?> done)
    {
        if (Interlocked.Increment(ref _reading) > AuditQuery.WaitingMax)
        {
            Interlocked.Decrement(ref _reading);
            done([], new(ErrorCode.Busy, "the broker looks through the audit for others", fix: "try again soon"));
            return;
        }
        _ = Task.Run(() => ReadAsync(query, done));
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
        _file.Dispose();
    }

    private async Task ReadAsync(AuditQuery query, Action<IReadOnlyList<AuditEntry>, TriggerException?> done)
    {
        await _readers.WaitAsync().ConfigureAwait(false);
        try
        {
            done(AuditReader.Last(_folder, query), null);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            done([], new(ErrorCode.Storage, "the audit cannot be read", problem.Message, cause: problem));
        }
        finally
        {
            Interlocked.Decrement(ref _reading);
            _readers.Release();
        }
    }

    private void WriteAll()
    {
        List<AuditEntry> kept = [];
        while (Take() is { } taken)
        {
            kept.AddRange(taken.Select(one => one.Entry));
            if (kept.Count > KeptMax) Drop(kept);
            TryWrite(kept);
            foreach ((_, Action? done) in taken) done?.Invoke();
        }
        TryWrite(kept);
    }

    /// <summary>Waits for entries, or for another try; null at the end.</summary>
    private List<(AuditEntry Entry, Action? Done)>? Take()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 && !_stopping) Monitor.Wait(_gate, _trouble is null ? IdleMs : RetryMs);
            if (_waiting.Count == 0 && _stopping) return null;
            List<(AuditEntry Entry, Action? Done)> taken = _waiting;
            _waiting = [];
            return taken;
        }
    }

    private void Drop(List<AuditEntry> kept)
    {
        Interlocked.Add(ref _lost, kept.Count - KeptMax);
        kept.RemoveRange(KeptMax, kept.Count - KeptMax);
    }

    private void TryWrite(List<AuditEntry> kept)
    {
        long lost = Interlocked.Read(ref _lost);
        try
        {
            if (lost > 0)
                kept.Add(new()
                {
                    Time = DateTime.UtcNow,
                    Event = AuditEvents.Lost,
                    What = "lines could not be written",
                    Times = lost,
                });
            _file.Append(kept);
            _file.Append(_file.Tidy(DateTime.UtcNow));
            if (_trouble is not null) Log.AuditWrittenAgain(_log, kept.Count, lost);
            _trouble = null;
            Interlocked.Add(ref _lost, -lost);
            kept.Clear();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            if (lost > 0) kept.RemoveAt(kept.Count - 1);
            if (_trouble is null) Log.AuditNotWritten(_log, problem.Message);
            _trouble = new(ErrorCode.Storage, "the broker cannot write its audit; nothing was changed", problem.Message,
                $"make room on the disk of {_folder.Path}; the broker goes on by itself", problem);
        }
    }
}
