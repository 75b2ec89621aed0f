using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using MySqlConnector;
using Npgsql;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// The databases that were asked for, each with connections that are kept for a while. An address is
/// <c>mysql://HOST[:PORT]/NAME</c> (<c>mariadb</c>, too), <c>postgres://HOST[:PORT]/NAME</c>, either with
/// <c>?socket=PATH</c> for one on this host, or <c>sqlite:/PATH</c>.
/// </summary>
sealed partial class SqlDatabases
{
    /// <summary>What an address must be.</summary>
    public const string Form = @"sqlite:/.+|(?:mysql|mariadb|postgres|postgresql)://"
        + @"[A-Za-z0-9._-]*(?::[0-9]{1,5})?/[A-Za-z0-9_$-]+(?:\?socket=/.+)?";

    /// <summary>Databases whose connections are kept; more than a worker writes to.</summary>
    private const int KeptMax = 16;

    private readonly Dictionary<string, DbDataSource> _sources = [];

    /// <summary>The database of a call, and how names are quoted there.</summary>
    public (DbDataSource Source, char Quote) Find(WorkCall call)
    {
        string address = call.Text("database");
        string key = $"{address}\n{call.Text("user")}\n{call.Text("password")}";
        lock (_sources)
        {
            if (!_sources.TryGetValue(key, out DbDataSource? source))
            {
                if (_sources.Count >= KeptMax) Forget();
                _sources[key] = source = Open(address, call.Text("user"), call.Text("password"));
            }
            return (source, source is MySqlDataSource ? '`' : '"');
        }
    }

    private void Forget()
    {
        foreach (DbDataSource source in _sources.Values) source.Dispose();
        _sources.Clear();
    }

    private static DbDataSource Open(string address, string user, string password)
    {
        if (address.StartsWith("sqlite:", StringComparison.Ordinal))
            return SqliteFactory.Instance.CreateDataSource(new SqliteConnectionStringBuilder
            {
                DataSource = address[7..],
                Mode = SqliteOpenMode.ReadWrite, // A slip in the path must not make an empty database.
                DefaultTimeout = 1,
            }.ToString());
        Match parts = Parts().Match(address);
        string host = parts.Groups["host"].Value is { Length: > 0 } named ? named : "localhost";
        _ = uint.TryParse(parts.Groups["port"].Value, CultureInfo.InvariantCulture, out uint port);
        string name = parts.Groups["name"].Value, socket = parts.Groups["socket"].Value;
        return address.StartsWith("postgres", StringComparison.Ordinal)
            ? Postgres(socket.Length > 0 ? socket : host, (int)port, name, user, password)
            : MySql(host, port, socket, name, user, password);
    }

    private static DbDataSource Postgres(string host, int port, string name, string user, string password)
    {
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = host,
            Port = port > 0 ? port : 5432,
            Database = name,
            Username = user,
            Password = password,
            MaxPoolSize = 8,
        };
        var builder = new NpgsqlSlimDataSourceBuilder(text.ToString());
        builder.EnableTransportSecurity();
        return builder.Build();
    }

    private static MySqlDataSource MySql(
        string host, uint port, string socket, string name, string user, string password) =>
        new(new MySqlConnectionStringBuilder
        {
            Server = socket.Length > 0 ? socket : host,
            ConnectionProtocol = socket.Length > 0 ? MySqlConnectionProtocol.Unix : MySqlConnectionProtocol.Tcp,
            Port = port > 0 ? port : 3306,
            Database = name,
            UserID = user,
            Password = password,
            MaximumPoolSize = 8,
        }.ToString());

    [GeneratedRegex(@"^[a-z]+://(?<host>[^:/]*)(:(?<port>\d+))?/(?<name>[^?]+)(\?socket=(?<socket>.+))?\z",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Parts();
}
