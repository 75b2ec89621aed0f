using Microsoft.Data.Sqlite;
using SQLitePCL;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Store;

/// <summary>One commit that waits for the disk; <paramref name="Done"/> hears null or why it was not stored.</summary>
/// <param name="IsSynced">Whether it is on the disk then, whatever a power cut may take of the queue.</param>
sealed record WaitingCommit(IReadOnlyList<Change> Changes, Action<TriggerException?> Done, bool IsSynced);

/// <summary>
/// Writes many commits as one transaction, so that they share one wait for the disk. Each is a savepoint in it: one
/// that fails does not fail the others.
/// </summary>
sealed class GroupCommit(SqliteConnection connection) : IDisposable
{
    private readonly ChangeWriter _writer = new(connection);
    private readonly Prepared _begin = new(connection, "BEGIN IMMEDIATE");
    private readonly Prepared _commit = new(connection, "COMMIT");
    private readonly Prepared _rollBack = new(connection, "ROLLBACK");
    private readonly Prepared _mark = new(connection, "SAVEPOINT one");
    private readonly Prepared _keep = new(connection, "RELEASE one");
    private readonly Prepared _undo = new(connection, "ROLLBACK TO one");

    /// <summary>
    /// Writes the commits, then calls each back. When the disk fails the whole transaction, each is tried again alone,
    /// so that those which still fit are stored.
    /// </summary>
    public void Write(IReadOnlyList<WaitingCommit> commits)
    {
        TriggerException?[] failures = new TriggerException?[commits.Count];
        if (TryWrite(commits, failures) is { } problem)
        {
            failures[0] = problem;
            for (int i = 0; i < commits.Count && commits.Count > 1; i++)
                failures[i] = TryWrite([commits[i]], failures.AsSpan(i, 1)) ?? failures[i];
        }
        for (int i = 0; i < commits.Count; i++) commits[i].Done(failures[i]);
    }

    /// <summary>Writes counters; throws what SQLite does, with nothing written.</summary>
    public void Write(IEnumerable<TriggerHits> hits)
    {
        _begin.Run();
        try
        {
            foreach (TriggerHits counter in hits) _writer.Write(counter);
            _commit.Run();
        }
        catch (SqliteException)
        {
            RollBack();
            throw;
        }
    }

    public void Dispose()
    {
        End();
        _writer.Dispose();
        foreach (Prepared statement in (Prepared[])[_begin, _commit, _rollBack, _mark, _keep, _undo])
            statement.Dispose();
    }

    /// <summary>A disk that is full, say, takes what can be left out at the next start.</summary>
    private void End()
    {
        try
        {
            _writer.End();
        }
        catch (SqliteException)
        {
        }
    }

    /// <summary>Writes a group; null when it is on the disk, else why nothing of it is.</summary>
    private TriggerException? TryWrite(IReadOnlyList<WaitingCommit> commits, Span<TriggerException?> failures)
    {
        failures.Clear();
        try
        {
            _begin.Run();
            if (commits.Count == 1) WriteChanges(commits[0]);
            else for (int i = 0; i < commits.Count; i++) failures[i] = TryWrite(commits[i]);
            _commit.Run();
            return null;
        }
        catch (Exception problem)
        {
            RollBack();
            return StoreFailure.Of(problem, connection.DataSource);
        }
    }

    /// <summary>Writes one commit within the transaction; throws when that did not survive the failure.</summary>
    private TriggerException? TryWrite(WaitingCommit commit)
    {
        _mark.Run();
        try
        {
            WriteChanges(commit);
            _keep.Run();
            return null;
        }
        catch (Exception problem)
        {
            // A full disk ends the whole transaction by itself (sqlite.org/lang_transaction.html, section 4).
            if (!InTransaction) throw;
            _undo.Run();
            _writer.Undone();
            _keep.Run();
            return StoreFailure.Of(problem, connection.DataSource);
        }
    }

    private void WriteChanges(WaitingCommit commit)
    {
        foreach (Change change in commit.Changes) _writer.Write(change);
        _writer.Finish();
    }

    private bool InTransaction => raw.sqlite3_get_autocommit(connection.Handle) == 0;

    private void RollBack()
    {
        _writer.Undone();
        if (InTransaction) _rollBack.Run();
    }
}
