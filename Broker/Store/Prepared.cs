using Microsoft.Data.Sqlite;

namespace TriggerFs.Broker.Store;

/// <summary>One SQL statement, compiled once and run often, with numbered parameters ?1, ?2, ….</summary>
sealed class Prepared : IDisposable
{
    private readonly SqliteCommand _command;

    public Prepared(SqliteConnection connection, string sql)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
    }

    /// <summary>Runs it with the given values, null for NULL.</summary>
    public void Run(params ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (_command.Parameters.Count == i) _command.Parameters.AddWithValue($"?{i + 1}", null);
            _command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
        _command.ExecuteNonQuery();
    }

    public void Dispose() => _command.Dispose();
}
