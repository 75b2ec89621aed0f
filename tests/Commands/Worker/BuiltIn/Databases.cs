using System.Diagnostics;
using TriggerFs.Commands.Worker;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Tests.Commands.Worker.BuiltIn;

/// <summary>Tests that use the databases share them, and come one after the other.</summary>
[CollectionDefinition(nameof(Databases))]
public sealed class DatabaseCollection : ICollectionFixture<Databases>;

/// <summary>
/// Real servers of MariaDB and PostgreSQL, each in a folder of its own, on a socket and a free port, as users without
/// rights. Both have a user <c>sensor</c> and a table <c>readings</c> in the database <c>weather</c>.
/// </summary>
public sealed class Databases : IAsyncLifetime, IDisposable
{
    public const string Password = "s3nsor-c4nary-41";

    private const string Table =
        "CREATE TABLE readings (station VARCHAR(80) NOT NULL, celsius DECIMAL(6,2), taken TIMESTAMP NULL, raw TEXT)";

    private readonly TemporaryFolder _folder = new();
    private readonly List<Child> _daemons = [];

    /// <summary>Why MariaDB does not run; null when it does.</summary>
    public string? NoMariaDb { get; private set; }

    /// <summary>Why PostgreSQL does not run; null when it does.</summary>
    public string? NoPostgres { get; private set; }

    public string MariaPort { get; } = Site.FreeAddress().Split(':')[^1];

    public string PostgresPort { get; } = Site.FreeAddress().Split(':')[^1];

    public string MariaSocket => Path.Combine(_folder.Path, "maria", "s");

    public string PostgresFolder => Path.Combine(_folder.Path, "postgres");

    private static bool IsRoot => Environment.UserName == "root";

    public async Task InitializeAsync()
    {
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
        await Task.WhenAll(StartMariaDbAsync(), StartPostgresAsync());
    }

    public async Task DisposeAsync()
    {
        foreach (Child daemon in _daemons) await daemon.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The rows of MariaDB's table, a line each, with tabs.</summary>
    public Task<string> MariaRowsAsync(string where) => RunAsync(
        Program("mariadb", "--no-defaults", "-S", MariaSocket, "-u", "root", "-N", "-B", "weather",
            "-e", $"SELECT station, celsius, raw FROM readings WHERE {where} ORDER BY 1, 2"));

    /// <summary>The rows of PostgreSQL's table, a line each, with tabs.</summary>
    public Task<string> PostgresRowsAsync(string where) => RunAsync(
        Program("psql", "-h", PostgresFolder, "-p", PostgresPort, "-U", "boss", "-At", "-F", "\t", "weather",
            "-c", $"SELECT station, celsius, raw FROM readings WHERE {where} ORDER BY 1, 2"));

    private async Task StartMariaDbAsync()
    {
        if (!File.Exists("/usr/sbin/mariadbd"))
        {
            NoMariaDb = "mariadb-server is needed";
            return;
        }
        string folder = await FolderAsync("maria", "mysql"), data = Path.Combine(folder, "data");
        string[] user = IsRoot ? ["--user=mysql"] : [];
        await RunAsync(Program("mariadb-install-db", ["--no-defaults", $"--datadir={data}", "--skip-test-db",
            "--auth-root-authentication-method=normal", .. user]));
        _daemons.Add(new(Program("/usr/sbin/mariadbd", ["--no-defaults", $"--datadir={data}", $"--socket={MariaSocket}",
            $"--pid-file={folder}/pid", $"--port={MariaPort}", "--bind-address=127.0.0.1", "--skip-log-bin",
            "--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0", .. user])));
        string sql = $"CREATE DATABASE weather; CREATE USER sensor IDENTIFIED BY '{Password}';"
            + $"GRANT INSERT ON weather.* TO sensor; USE weather; {Table}";
        await UntilRunsAsync(Program("mariadb", "--no-defaults", "-S", MariaSocket, "-u", "root", "-e", sql));
    }

    private async Task StartPostgresAsync()
    {
        string? programs = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Max() + "/bin" : null;
        if (programs is null || !File.Exists(programs + "/initdb"))
        {
            NoPostgres = "postgresql is needed";
            return;
        }
        string folder = await FolderAsync("postgres", "postgres"), data = Path.Combine(folder, "data");
        string[] self = IsRoot
            ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] : ["env"];
        // Whoever owns the socket's folder is trusted; over the network a password is needed.
        await RunAsync(Program(self[0], [.. self[1..], $"{programs}/initdb", "-D", data, "-U", "boss", "--no-sync",
            "--auth-local=trust", "--auth-host=scram-sha-256"]));
        _daemons.Add(new(Program(self[0], [.. self[1..], $"{programs}/postgres", "-D", data, "-k", folder, "-p",
            PostgresPort, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "shared_buffers=16MB"])));
        await UntilRunsAsync(Psql("postgres", "CREATE DATABASE weather"));
        await RunAsync(Psql("weather", $"CREATE USER sensor PASSWORD '{Password}'; {Table}; "
            + "GRANT INSERT ON readings TO sensor"));
    }

    private ProcessStartInfo Psql(string database, string sql) => Program(
        "psql", "-q", "-h", PostgresFolder, "-p", PostgresPort, "-U", "boss", database, "-c", sql);

    private async Task<string> FolderAsync(string name, string owner)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder.Path, name)).FullName;
        if (IsRoot) await RunAsync(Program("chown", owner, folder));
        return folder;
    }

    private static async Task UntilRunsAsync(ProcessStartInfo program)
    {
        Ended? ended = null;
        await Site.UntilAsync(
            async () => (ended = await Ended.RunAsync(program)).ExitCode == 0, "the server does not answer",
            TimeSpan.FromSeconds(120));
    }

    private static async Task<string> RunAsync(ProcessStartInfo program)
    {
        Ended ended = await Ended.RunAsync(program, null, TimeSpan.FromSeconds(120));
        Assert.True(ended.ExitCode == 0, $"{program.FileName}: {ended.Out}{ended.Err}");
        return ended.Out;
    }

    private static ProcessStartInfo Program(string program, params string[] arguments) => new(program, arguments)
    {
        WorkingDirectory = "/",
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
}
