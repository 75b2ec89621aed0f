using System.Security.Cryptography;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Store;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>
/// A broker's state folder: the database, and the keys that sign JWTs and seal workers' tokens. (The key pair of the
/// wire lies beside them; Commands makes and reads it.)
/// </summary>
/// <param name="DatabasePath">The database file.</param>
/// <param name="SigningKey">Signs JWTs.</param>
/// <param name="PreviousSigningKey">Signed them before and is still accepted; empty for none.</param>
/// <param name="SealKey">Seals workers' tokens.</param>
sealed record Installation(string DatabasePath, byte[] SigningKey, byte[] PreviousSigningKey, byte[] SealKey)
{
    private const string DatabaseName = "triggerfs.db";
    private const string SigningName = "signing.key";
    private const string PreviousSigningName = "signing.previous.key";
    private const string SealName = "seal.key";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>
    /// Makes the state of a new installation with its first team and that team's admin, whole or not at all. The folder
    /// is made, or is empty; nothing is ever overwritten.
    /// </summary>
    public static Installation Create(
        string folder, TeamName team, UserName admin, string secret, int cost = Secrets.CostDefault)
    {
        Secrets.Check(secret);
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        RefuseExisting(folder);
        string draft = folder + "." + RandomNumberGenerator.GetHexString(8, lowercase: true);
        try
        {
            Directory.CreateDirectory(draft, OwnerOnly | UnixFileMode.UserExecute);
            WriteKey(Path.Join(draft, SigningName), Tokens.KeySize);
            WriteKey(Path.Join(draft, SealName), TokenSeal.KeySize);
            Seed(Path.Join(draft, DatabaseName), team, admin, Secrets.Hash(secret, cost));
            if (Directory.Exists(folder)) Directory.Delete(folder);
            Directory.Move(draft, folder);
            return Open(folder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(ErrorCode.Settings, $"the state folder {folder} cannot be made", problem.Message,
                "name a folder that you may write to", problem);
        }
        finally
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
        }
    }

    /// <summary>Reads the keys; refuses a folder that is none of ours, and keys that others can read.</summary>
    public static Installation Open(string folder)
    {
        string database = Path.Join(folder, DatabaseName);
        // Without this check a broker would start with an empty database, in which nobody can sign in.
        if (!File.Exists(database))
            throw new TriggerException(ErrorCode.Settings, $"there is no installation in {folder}",
                $"{DatabaseName} is not there", "make one: triggerfs init; or set 'state' in section [broker]");
        string previous = Path.Join(folder, PreviousSigningName);
        return new(
            database,
            ReadKey(Path.Join(folder, SigningName), Tokens.KeySize),
            File.Exists(previous) ? ReadKey(previous, Tokens.KeySize) : [],
            ReadKey(Path.Join(folder, SealName), TokenSeal.KeySize));
    }

    /// <summary>Refuses a folder that has something in it.</summary>
    public static void RefuseExisting(string folder)
    {
        if (!File.Exists(folder) && !Directory.Exists(folder)) return;
        string there = File.Exists(folder) ? "it is a file"
            : Directory.EnumerateFileSystemEntries(folder).FirstOrDefault() is { } first
                ? $"{Path.GetFileName(first)} is in it" : "";
        if (there.Length > 0)
            throw new TriggerException(ErrorCode.Exists, $"{folder} is there already", there,
                "name another folder, or move it away; nothing is ever overwritten");
    }

    private static void Seed(string path, TeamName team, UserName admin, string hash)
    {
        using var store = new SqliteStore(path);
        var roster = new Roster(store.Load());
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var first = new Team(new(roster.NextId()), team, now);
        var user = new User(new(roster.NextId()), admin, hash, Disabled: false, now, now);
        using var stored = new ManualResetEventSlim();
        TriggerException? failure = null;
        store.Commit(
            [
                new Change.PutTeam(first), new Change.PutUser(user),
                new Change.PutMembership(new(first.Id, user.Id, TeamRole.Admin)),
            ],
            problem =>
            {
                failure = problem;
                stored.Set();
            });
        stored.Wait();
        if (failure is not null) throw failure;
    }

    private static void WriteKey(string path, int size)
    {
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        });
        using var text = new StreamWriter(file);
        text.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(size)));
        text.Flush();
        file.Flush(flushToDisk: true);
    }

    private static byte[] ReadKey(string path, int size)
    {
        try
        {
            if ((File.GetUnixFileMode(path) & Others) != 0)
                throw new TriggerException(ErrorCode.Settings, $"{path} can be read by others", "it is a secret key",
                    $"chmod 600 {path}");
            byte[] key = new byte[size];
            string text = File.ReadAllText(path).Trim();
            if (Convert.TryFromBase64String(text, key, out int length) && length == size) return key;
            throw new TriggerException(ErrorCode.Settings, $"{path} is not a key",
                $"{size} bytes in base64 are expected", "restore it from a backup");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(ErrorCode.Settings, $"{path} cannot be read", problem.Message,
                "restore it from a backup, or run as the user that owns it", problem);
        }
    }
}
