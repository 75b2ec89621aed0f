using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TriggerFs.Broker.Store;

/// <summary>
/// One SQL statement, compiled once and run often, with numbered parameters ?1, ?2, … It talks to SQLite itself: a
/// <see cref="SqliteCommand"/> looks each parameter up by name and boxes it, which took more time than SQLite did.
/// A number that is the same as at the run before is still bound.
/// </summary>
sealed class Prepared(SqliteConnection connection, string sql) : IDisposable
{
    private sqlite3_stmt? _statement;
    private long?[] _bound = [];

    /// <summary>Runs it with the given values; throws <see cref="SqliteException"/> with nothing done by it.</summary>
    public void Run(params ReadOnlySpan<SqlValue> values)
    {
        sqlite3_stmt statement = _statement ??= Compile(values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            long? number = values[i].Number;
            if (number is not null && number == _bound[i]) continue;
            Check(Bind(statement, i + 1, values[i]));
            _bound[i] = number;
        }
        try
        {
            Check(raw.sqlite3_step(statement));
        }
        finally
        {
            raw.sqlite3_reset(statement); // Behind the check: until here the connection's message is the step's.
        }
    }

    public void Dispose() => _statement?.Dispose();

    private static int Bind(sqlite3_stmt statement, int index, SqlValue value) => value switch
    {
        { Number: { } number } => raw.sqlite3_bind_int64(statement, index, number),
        { Reference: string text } => raw.sqlite3_bind_text(statement, index, text),
        { Reference: byte[] bytes } => raw.sqlite3_bind_blob(statement, index, bytes),
        _ => raw.sqlite3_bind_null(statement, index),
    };

    private sqlite3_stmt Compile(int parameters)
    {
        _bound = new long?[parameters];
        Check(raw.sqlite3_prepare_v3(
            connection.Handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt statement));
        return statement;
    }

    /// <summary>Throws for all but SQLITE_OK, SQLITE_ROW and SQLITE_DONE.</summary>
    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, connection.Handle);
}
