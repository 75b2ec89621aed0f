using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using MySqlConnector;
using Npgsql;
using NpgsqlTypes;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// <c>sql/insert</c>: the message is a row of a table. Its parts are parameters of the statement and never text of it.
/// </summary>
sealed class SqlWork : IWork
{
    private const int SqliteBusy = 5, SqliteLocked = 6;

    private readonly SqlDatabases _databases = new();

    public PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "sql/insert",
        "inserts the message into a table of MariaDB, MySQL, PostgreSQL or SQLite",
        "triggerfs client -service demo -plugin sql/insert -args database=sqlite:/tmp/readings.db -args table=readings "
            + "-args columns=station,celsius,taken=@time -command 'roof;21.5'",
        new PluginInput("database", Required: true, Pattern: new(SqlDatabases.Form)),
        new("user", Default: ""),
        new("password", Default: "", Secret: true),
        new("table", Required: true, Pattern: new(SqlRow.Name + @"(?:\." + SqlRow.Name + ")?")),
        new("columns", Required: true),
        new("separator", Default: ";"),
        BuiltInPlugins.FlagInput("json"));

    public void Check(in PluginCall call) => _ = SqlRow.Columns(Allowance.Find(call, "columns")!);

    public async Task<int> RunAsync(WorkCall call, CancellationToken stop)
    {
        SqlRow row = SqlRow.Of(call, DateTime.UtcNow);
        (DbDataSource source, char quote) = _databases.Find(call);
        try
        {
            await using DbConnection connection = await source.OpenConnectionAsync(stop);
            await using DbCommand command = Command(connection, call.Text("table"), row, quote);
            while (!await InsertAsync(command, stop))
            {
                // SQLite's file was locked for a second.
            }
            return 0;
        }
        catch (DbException problem)
        {
            throw Failed(problem);
        }
    }

    private static DbCommand Command(DbConnection connection, string table, SqlRow row, char quote)
    {
        DbCommand command = connection.CreateCommand();
        string names = string.Join(", ", row.Names.Select(Quoted));
        string places = string.Join(", ", row.Names.Select((_, i) => $"@p{i}"));
        string whole = string.Join('.', table.Split('.').Select(Quoted));
        // Names were checked; the values come as parameters.
        command.CommandText = $"INSERT INTO {whole} ({names}) VALUES ({places})";
        for (int i = 0; i < row.Values.Count; i++)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = $"@p{i}";
            parameter.Value = (object?)row.Values[i] ?? DBNull.Value;
            // PostgreSQL takes a text for what its column is, as others do.
            if (parameter is NpgsqlParameter postgres) postgres.NpgsqlDbType = NpgsqlDbType.Unknown;
            command.Parameters.Add(parameter);
        }
        return command;

        string Quoted(string name) => quote + name + quote;
    }

    /// <summary>False when SQLite's file is locked and it should be tried again.</summary>
    private static async Task<bool> InsertAsync(DbCommand command, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (command.Connection is not SqliteConnection)
        {
            await command.ExecuteNonQueryAsync(stop);
            return true;
        }
        command.CommandTimeout = 1; // It waits in the call, where nothing else could end it.
        try
        {
            command.ExecuteNonQuery();
            return true;
        }
        catch (SqliteException problem) when (problem.SqliteErrorCode is SqliteBusy or SqliteLocked)
        {
            return false;
        }
    }

    private static TriggerException Failed(DbException problem) => problem
        is MySqlException { ErrorCode: MySqlErrorCode.UnableToConnectToHost } or { InnerException: SocketException }
        ? new(ErrorCode.NotFound, "the database cannot be reached", problem.InnerException?.Message ?? problem.Message)
        : new(ErrorCode.Storage, "the database did not take the row", problem.Message);
}
