using System.Formats.Tar;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using TriggerFs.Broker.Store;
using TriggerFs.Core;

namespace TriggerFs.Broker;

/// <summary>
/// A state folder in one file: a tar archive of the database, as it was at one moment, and of the keys, without which
/// nobody could sign in to what is restored. It is as secret as the folder. The audit has files of its own.
/// </summary>
static class Backup
{
    private const string DatabaseName = "triggerfs.db";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Bytes of one file in an archive: larger than any database of a broker gets.</summary>
    private const long FileMax = 64L * 1024 * 1024 * 1024;

    /// <summary>Writes an archive (mode 0600), whether a broker runs or not; never over a file. Its size.</summary>
    public static long Write(string folder, string file)
    {
        file = Path.GetFullPath(file);
        Installation installation = Installation.Open(folder);
        if (File.Exists(file) || Directory.Exists(file))
            throw new TriggerException(ErrorCode.Exists, $"{file} is there already", "nothing is ever overwritten",
                "name another file");
        string draft = $"{file}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        try
        {
            Copy(installation.DatabasePath, draft + ".db");
            Pack(folder, draft + ".db", draft);
            File.Move(draft, file);
            return new FileInfo(file).Length;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(ErrorCode.Storage, $"the backup {file} cannot be written", problem.Message,
                "name a file where you may write and there is room", problem);
        }
        finally
        {
            File.Delete(draft);
            File.Delete(draft + ".db");
        }
    }

    /// <summary>Makes a state folder of an archive, whole or not at all; never over one that is there.</summary>
    public static void Restore(string file, string folder)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        Installation.RefuseExisting(folder);
        string draft = $"{folder}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        try
        {
            Directory.CreateDirectory(draft, OwnerOnly | UnixFileMode.UserExecute);
            Unpack(file, draft);
            // What is restored is whole, ours, and not newer than this program, or it is refused.
            using (var store = new SqliteStore(Installation.Open(draft).DatabasePath)) store.Load();
            File.Delete(Path.Join(draft, DatabaseName + ".lock"));
            if (Directory.Exists(folder)) Directory.Delete(folder);
            Directory.Move(draft, folder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new TriggerException(ErrorCode.Storage, $"{file} cannot be restored to {folder}", problem.Message,
                "name a backup that 'triggerfs broker backup' has made, and a folder that you may make", problem);
        }
        finally
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
        }
    }

    /// <summary>A copy of one moment, whatever a broker writes meanwhile, and checked.</summary>
    private static void Copy(string database, string to)
    {
        new FileStream(to, Rules(FileMode.CreateNew)).Dispose(); // SQLite takes an empty file, and keeps its mode.
        try
        {
            using (SqliteConnection source = Open(database)) Run(source, "VACUUM INTO $file", to);
            using SqliteConnection copy = Open(to);
            if (Run(copy, "PRAGMA quick_check(1)") is not "ok" and var found)
                throw StoreFailure.Damaged(to, $"its check says: {found}");
        }
        catch (SqliteException problem)
        {
            throw StoreFailure.Of(problem, problem.SqliteErrorCode == 13 ? to : database);
        }
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            Mode = SqliteOpenMode.ReadOnly,
        }.ToString());
        connection.Open();
        return connection;
    }

    private static object? Run(SqliteConnection connection, string sql, string? file = null)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        if (file is not null) command.Parameters.AddWithValue("$file", file);
        return command.ExecuteScalar();
    }

    private static void Pack(string folder, string database, string to)
    {
        using var stream = new FileStream(to, Rules(FileMode.CreateNew));
        using (var archive = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            archive.WriteEntry(database, DatabaseName);
            foreach (string key in Directory.EnumerateFiles(folder, "*.key").Order(StringComparer.Ordinal))
                archive.WriteEntry(key, Path.GetFileName(key));
        }
        stream.Flush(flushToDisk: true);
    }

    private static void Unpack(string file, string to)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read);
        using var archive = new TarReader(stream);
        while (archive.GetNextEntry() is { } entry)
        {
            bool isOurs = entry.Name == DatabaseName
                || (Path.GetFileName(entry.Name) == entry.Name && entry.Name.EndsWith(".key"));
            if (!isOurs || entry.EntryType is not TarEntryType.RegularFile || entry.Length > FileMax)
                throw new InvalidDataException($"it is no backup: '{NameRule.Shown(entry.Name)}' is in it");
            using var whole = new FileStream(Path.Join(to, entry.Name), Rules(FileMode.CreateNew));
            entry.DataStream?.CopyTo(whole);
            whole.Flush(flushToDisk: true);
        }
    }

    private static FileStreamOptions Rules(FileMode mode) => new()
    {
        Mode = mode,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite,
        UnixCreateMode = OwnerOnly,
    };
}
