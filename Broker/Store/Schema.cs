using System.Reflection;
using Microsoft.Data.Sqlite;
using TriggerFs.Core;

namespace TriggerFs.Broker.Store;

/// <summary>
/// Brings a database to the schema of this program: the files in Migrations, each once, in the order of their names.
/// How many were applied is the database's user_version.
/// </summary>
static class Schema
{
    /// <summary>"trFS": tells our files from other SQLite databases.</summary>
    private const long ApplicationId = 0x74724653;

    private const string Prefix = "TriggerFs.Broker.Store.Migrations.";

    /// <summary>How many migrations this program knows.</summary>
    public static int Newest => Files().Length;

    /// <summary>
    /// Refuses another program's database and one of a newer triggerFS; else applies what is missing.
    /// </summary>
    /// <param name="upTo">An older version to stop at, for tests; null for the newest.</param>
    public static void Bring(SqliteConnection connection, int? upTo = null)
    {
        long version = Scalar(connection, "PRAGMA user_version");
        bool isNew = version == 0 && Scalar(connection, "SELECT count(*) FROM sqlite_schema") == 0;
        if (!isNew && Scalar(connection, "PRAGMA application_id") != ApplicationId)
            throw new TriggerException(ErrorCode.Storage, $"{connection.DataSource} is not a triggerFS database",
                "another program made it", "name another state folder");
        string[] files = Files();
        if (version > files.Length)
            throw new TriggerException(ErrorCode.Storage, $"{connection.DataSource} is from a newer triggerFS",
                $"its schema is version {version}; this program knows up to {files.Length}",
                "install the newer triggerfs again, or restore a backup from before it");
        for (int next = (int)version; next < (upTo ?? files.Length); next++) Apply(connection, files[next], next + 1);
    }

    public static long Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static void Apply(SqliteConnection connection, string file, int version)
    {
        using SqliteTransaction whole = connection.BeginTransaction();
        using SqliteCommand command = connection.CreateCommand();
        command.Transaction = whole;
        command.CommandText =
            Text(file) + $"\nPRAGMA application_id = {ApplicationId};\nPRAGMA user_version = {version};";
        command.ExecuteNonQuery();
        whole.Commit();
    }

    private static string[] Files() => Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();

    private static string Text(string file)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(file)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
