using Microsoft.Data.Sqlite;
using TriggerFs.Core;

namespace TriggerFs.Broker.Store;

/// <summary>How the broker before this one ended, and what its successor does about that.</summary>
static class LastRun
{
    /// <summary>
    /// More numbers than any broker gives between two syncs. A worker may come back with the run of a message that a
    /// power cut took: what is new must not have its number, or would be taken for done.
    /// </summary>
    public const long NumbersSkipped = 100_000_000;

    /// <summary>
    /// Notes which messages may have been with a worker when a broker was killed, and passes over the numbers that one
    /// may have given which did not sync what it took.
    /// </summary>
    public static void Judge(SqliteConnection connection) => Schema.Execute(connection,
        $"""
        INSERT OR REPLACE INTO meta SELECT 'uncertain up to', max(id) FROM messages
        WHERE NOT EXISTS (SELECT 1 FROM meta WHERE name = 'quiet end') HAVING count(*) > 0;
        UPDATE meta SET value = value + {NumbersSkipped} WHERE name = 'last id'
        AND EXISTS (SELECT 1 FROM meta WHERE name = 'unsynced')
        AND NOT EXISTS (SELECT 1 FROM meta WHERE name = 'quiet end');
        """);

    /// <summary>What was said is of the broker that ended: this one may be killed.</summary>
    public static void Forget(SqliteConnection connection, SyncRule queueSync) => Schema.Execute(connection,
        "DELETE FROM meta WHERE name IN ('quiet end', 'unsynced');"
        + (queueSync == SyncRule.Always ? "" : "INSERT INTO meta VALUES ('unsynced', 1);"));
}
