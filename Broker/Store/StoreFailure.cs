using Microsoft.Data.Sqlite;
using TriggerFs.Core;

namespace TriggerFs.Broker.Store;

/// <summary>What SQLite and the disk report, as what a person can do about it (sqlite.org/rescode.html).</summary>
static class StoreFailure
{
    private const int Busy = 5;
    private const int ReadOnly = 8;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int Constraint = 19;
    private const int NotADatabase = 26;

    public static TriggerException Of(Exception problem, string path) => problem switch
    {
        SqliteException sqlite => Of(sqlite, path),
        IOException or UnauthorizedAccessException => new(
            ErrorCode.Storage, $"{path} cannot be opened", problem.Message, "check who owns the state folder", problem),
        _ => new(ErrorCode.Internal, "the change could not be stored; nothing was changed", problem.Message,
            "report this", problem),
    };

    private static TriggerException Of(SqliteException problem, string path) => problem.SqliteErrorCode switch
    {
        Full => new(ErrorCode.Storage, "the broker's disk is full; nothing was changed", problem.Message,
            $"make room on the disk of {path}; the broker goes on by itself", problem),
        Corrupt or NotADatabase => Damaged(path, problem.Message, problem),
        Busy => new(ErrorCode.Storage, "the broker's database is in use by another program; nothing was changed",
            problem.Message, $"end what uses it: fuser -v {path}", problem),
        ReadOnly or CannotOpen => new(ErrorCode.Storage, $"the broker may not write to {path}; nothing was changed",
            problem.Message, "check who owns the state folder and whether the disk is mounted read-only", problem),
        Constraint => new(ErrorCode.Internal, "the change does not fit to what is stored; nothing was changed",
            problem.Message, "restart the broker, and report this", problem),
        _ => new(ErrorCode.Storage, "the broker's disk refused a write; nothing was changed", problem.Message,
            $"check the disk of {path}", problem),
    };

    public static TriggerException Damaged(string path, string why, Exception? cause = null) =>
        new(ErrorCode.Storage, $"{path} is damaged", why,
            "restore a backup: triggerfs broker restore BACKUP --dir NEWFOLDER, which is 'state' under [broker] then; "
            + $"'sqlite3 {path} .recover' may save what is newer", cause);
}
