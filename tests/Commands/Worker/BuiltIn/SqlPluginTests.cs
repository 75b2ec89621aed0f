using Microsoft.Data.Sqlite;
using TriggerFs.Commands;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Worker.BuiltIn;

/// <summary><c>sql/insert</c> with real servers, and a file of SQLite.</summary>
[Collection(nameof(Databases))]
public sealed class SqlPluginTests : IDisposable
{
    private readonly Databases _databases;
    private readonly TemporaryFolder _folder = new();
    private readonly Yard _yard;

    public SqlPluginTests(Databases databases)
    {
        _databases = databases;
        string secrets = _folder.Write("secrets.toml", $"sensor = \"{Databases.Password}\"\n");
        File.SetUnixFileMode(secrets, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string file = Path.Combine(_folder.Path, "weather.db");
        using (var connection = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand table = connection.CreateCommand();
            table.CommandText = "CREATE TABLE readings (station TEXT NOT NULL, celsius REAL, taken TEXT, raw TEXT)";
            table.ExecuteNonQuery();
        }
        _yard = new(
            [
                Readings("maria", $"mysql://127.0.0.1:{databases.MariaPort}/weather"),
                Readings("marialocal", $"mariadb:///weather?socket={databases.MariaSocket}"),
                Readings("postgres", $"postgres://127.0.0.1:{databases.PostgresPort}/weather"),
                Readings("postgreslocal",
                    $"postgres://:{databases.PostgresPort}/weather?socket={databases.PostgresFolder}"),
                Readings("sqlite", $"sqlite:{file}"),
            ],
            new(File: secrets));
    }

    private string SqliteFile => Path.Combine(_folder.Path, "weather.db");

    public void Dispose()
    {
        _yard.Dispose();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private static PluginSection Readings(string name, string database) => Yard.Section(name, "sql/insert", [],
        ("database", database), ("user", "sensor"), ("password", "@secret:sensor"), ("table", "readings"));

    private void SkipUnlessThere(string kind)
    {
        Skip.If(kind.StartsWith("maria", StringComparison.Ordinal) && _databases.NoMariaDb is not null,
            _databases.NoMariaDb);
        Skip.If(kind.StartsWith("postgres", StringComparison.Ordinal) && _databases.NoPostgres is not null,
            _databases.NoPostgres);
    }

    private async Task<string> RowsAsync(string kind, string where)
    {
        if (kind.StartsWith("maria", StringComparison.Ordinal)) return await _databases.MariaRowsAsync(where);
        if (kind.StartsWith("postgres", StringComparison.Ordinal)) return await _databases.PostgresRowsAsync(where);
        using var connection = new SqliteConnection($"Data Source={SqliteFile};Pooling=False");
        connection.Open();
        using SqliteCommand query = connection.CreateCommand();
        query.CommandText = $"SELECT station, printf('%.2f', celsius), raw FROM readings WHERE {where} ORDER BY 1, 2";
        using SqliteDataReader reader = query.ExecuteReader();
        string rows = "";
        while (reader.Read())
        {
            string raw = reader.IsDBNull(2) ? "" : reader.GetString(2);
            rows += $"{reader.GetString(0)}\t{reader.GetString(1)}\t{raw}\n";
        }
        return rows;
    }

    [SkippableTheory]
    [InlineData("maria")]
    [InlineData("marialocal")]
    [InlineData("postgres")]
    [InlineData("postgreslocal")]
    [InlineData("sqlite")]
    public async Task A_reading_is_a_row_and_no_message_is_SQL(string kind)
    {
        SkipUnlessThere(kind);
        string station = $"roof-{kind}'); DROP TABLE readings; --";
        _yard.Do(kind, $"{station}!21.5\n",
            ("columns", "station, celsius, taken=@time, raw=@message"), ("separator", "!"));
        _yard.Do(kind, $$"""{"celsius":-3,"place":"in-{{kind}}","x":{"y":1} }""",
            ("columns", "station=.place, celsius, raw=.x"), ("json", "true"));
        Assert.Equal(
            $"in-{kind}\t-3.00\t{{\"y\":1}}\n{station}\t21.50\t{station}!21.5\n",
            await RowsAsync(kind, $"station = 'in-{kind}' OR station LIKE 'roof-{kind}''%'"));
    }

    [SkippableTheory]
    [InlineData("maria")]
    [InlineData("postgres")]
    [InlineData("sqlite")]
    public void What_the_database_does_not_take_is_told_in_its_words(string kind)
    {
        SkipUnlessThere(kind);
        string told = _yard.Failure(74, kind, "x;y", ("columns", "station, colour"));
        Assert.Contains("did not take the row", told);
        Assert.Contains("colour", told);
    }

    [SkippableTheory]
    [InlineData("maria")]
    [InlineData("postgres")]
    public void A_wrong_password_is_told_and_not_shown(string kind)
    {
        SkipUnlessThere(kind);
        string database = kind == "maria" ? $"mysql://127.0.0.1:{_databases.MariaPort}/weather"
            : $"postgres://127.0.0.1:{_databases.PostgresPort}/weather";
        string told = _yard.Failure(74, "sql/insert", "x", ("database", database), ("user", "sensor"),
            ("password", "wr0ng-c4nary"), ("table", "readings"), ("columns", "station"));
        Assert.Contains("sensor", told);
        Assert.DoesNotContain("wr0ng-c4nary", told);
    }

    [Fact]
    public void A_message_that_does_not_fit_the_columns_is_refused()
    {
        Assert.Contains("columns ask for one more", _yard.Failure(64, "sqlite", "x", ("columns", "station, celsius")));
        Assert.Contains("it has 3 parts", _yard.Failure(64, "sqlite", "x;1;2", ("columns", "station, celsius")));
        Assert.Contains("no member 'celsius'",
            _yard.Failure(64, "sqlite", "{}", ("columns", "celsius"), ("json", "true")));
        Assert.Contains("'columns' is wrong", _yard.Refusal("sqlite", "x", ("columns", "station; DROP TABLE x")));
        Assert.Contains("does not match",
            _yard.Refusal("sql/insert", "x", ("database", "sqlite:/x"), ("table", "a b"), ("columns", "c")));
    }

    [Fact]
    public void A_server_or_a_file_that_is_not_there_is_told()
    {
        string port = EndToEnd.Site.FreeAddress().Split(':')[^1];
        foreach (string database in new[] { $"mysql://127.0.0.1:{port}/x", $"postgres://127.0.0.1:{port}/x" })
            Assert.Contains("cannot be reached", _yard.Failure(69, "sql/insert", "x",
                ("database", database), ("table", "t"), ("columns", "c")));
        Assert.Contains("unable to open", _yard.Failure(74, "sql/insert", "x",
            ("database", $"sqlite:{_folder.Path}/none.db"), ("table", "t"), ("columns", "c")));
        Assert.False(File.Exists($"{_folder.Path}/none.db"));
    }

    [Fact]
    public async Task A_locked_file_is_waited_for_until_the_time_is_up_and_nothing_is_written_after_it()
    {
        using var connection = new SqliteConnection($"Data Source={SqliteFile};Pooling=False");
        connection.Open();
        End end;
        using (SqliteCommand locking = connection.CreateCommand())
        {
            locking.CommandText = "BEGIN EXCLUSIVE";
            locking.ExecuteNonQuery();
            ulong late = _yard.Stage.Call("sqlite", "late", 300, ("columns", "station"));
            end = _yard.Stage.EndOf(late);
            Assert.Equal(Outcome.TimedOut, end.Outcome);
            ulong patient = _yard.Stage.Call("sqlite", "patient", 60_000, ("columns", "station"));
            locking.CommandText = "ROLLBACK";
            locking.ExecuteNonQuery();
            Assert.Equal(0, _yard.Stage.EndOf(patient).ExitCode);
        }
        connection.Close();
        string rows = await RowsAsync("sqlite", "1 = 1");
        // On a machine that stood still meanwhile it says so, and then it may.
        if (!end.Detail.Contains("left behind")) Assert.Equal("patient\t0.00\t\n", rows);
    }
}
