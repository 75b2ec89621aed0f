using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Store;

/// <summary>Reads everything that is stored. Enumerations are held to their ranges by the schema.</summary>
static class StateReader
{
    public static StoredState Read(SqliteConnection connection) => new(
        Rows(connection, "SELECT id, name, created, founder, plan FROM teams ORDER BY id", ReadTeam),
        Rows(connection,
            """
            SELECT id, name, secret, disabled, created, updated, full_name, email, own_secret, generation
            FROM users ORDER BY id
            """, ReadUser),
        Rows(connection,
            "SELECT team, user, role, disabled, generation FROM memberships ORDER BY team, user", ReadMembership),
        Rows(connection,
            """
            SELECT id, team, name, description, token, owner, created, updated, next_token FROM workers ORDER BY id
            """, ReadWorker),
        ReadServices(connection),
        Rows(connection,
            """
            SELECT n.id, n.team, n.parent, n.name, n.mode, n.owner, n.created, n.updated,
                t.node, t.description, t.plugin, t.service, t.timeout_ms, t.retry, t.messages, t.synchronous,
                t.byte_limit, t.visibility, t.delivery
            FROM nodes n LEFT JOIN triggers t ON t.node = n.id ORDER BY n.id
            """, ReadNode),
        Rows(connection, "SELECT node, count, fired FROM hits ORDER BY node", ReadHits),
        Schema.Scalar(connection, "SELECT value FROM meta WHERE name = 'last id'"))
    {
        Letters = Rows(connection,
            "SELECT id, recipient, team, kind, text, sent, read FROM letters ORDER BY id", ReadLetter),
        Invitations = Rows(connection,
            "SELECT id, team, role, sender, invited, address, created, expires, mail FROM invitations ORDER BY id",
            ReadInvitation),
        Revisions = Rows(connection,
            """
            SELECT team, number, kind, made, author, comment, confirm_by, detail FROM revisions ORDER BY team, number
            """, ReadRevision),
        Messages = Rows(connection,
            """
            SELECT id, team, user, trigger, spool, sequence, hops, written, taken, payload, attempt, failures, due,
                parent, losses
            FROM messages ORDER BY id
            """, ReadMessage),
        DeadLetters = Rows(connection,
            """
            SELECT id, team, user, trigger, spool, sequence, hops, written, taken, payload, attempt, failures, due,
                parent, losses, path, reason, died, output
            FROM dead_letters ORDER BY id
            """,
            row => new DeadLetter(ReadMessage(row), row.GetString(15), row.GetString(16), row.GetInt64(17))
            {
                Output = row.GetFieldValue<byte[]>(18),
            }),
        Spools = Rows(connection, "SELECT team, user, spool, taken, seen FROM spools", ReadSpool),
        EndedQuietly = Schema.Scalar(connection, "SELECT count(*) FROM meta WHERE name = 'quiet end'") > 0,
        UncertainUpTo =
            Schema.Scalar(connection, "SELECT ifnull(max(value), 0) FROM meta WHERE name = 'uncertain up to'"),
    };

    private static List<T> Rows<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> read)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using SqliteDataReader row = command.ExecuteReader();
        var rows = new List<T>();
        while (row.Read()) rows.Add(read(row));
        return rows;
    }

    private static Team ReadTeam(SqliteDataReader row) =>
        new(new(row.GetInt64(0)), new(row.GetString(1)), row.GetInt64(2),
            row.IsDBNull(3) ? null : new UserId(row.GetInt64(3)))
        {
            Plan = Plan.Parse(row.GetString(4)),
        };

    private static User ReadUser(SqliteDataReader row) => new(
        new(row.GetInt64(0)), new(row.GetString(1)), row.GetString(2), row.GetInt64(3) != 0, row.GetInt64(4),
        row.GetInt64(5), row.GetString(6), row.GetString(7), row.GetInt64(8) != 0, row.GetInt64(9));

    private static Membership ReadMembership(SqliteDataReader row) =>
        new(new(row.GetInt64(0)), new(row.GetInt64(1)), (TeamRole)row.GetByte(2), row.GetInt64(3) != 0,
            row.GetInt64(4));

    private static Letter ReadLetter(SqliteDataReader row) => new(
        new(row.GetInt64(0)), new(row.GetInt64(1)), row.IsDBNull(2) ? null : new TeamId(row.GetInt64(2)),
        (LetterKind)row.GetByte(3), row.GetString(4), row.GetInt64(5), row.GetInt64(6) != 0);

    private static Invitation ReadInvitation(SqliteDataReader row) => new(
        new(row.GetInt64(0)), row.IsDBNull(1) ? null : new TeamId(row.GetInt64(1)), (TeamRole)row.GetByte(2),
        row.IsDBNull(3) ? null : new UserId(row.GetInt64(3)), row.IsDBNull(4) ? null : new UserId(row.GetInt64(4)),
        row.GetString(5), row.GetInt64(6), row.GetInt64(7))
    {
        Mail = (CodeMail)row.GetByte(8),
    };

    private static Worker ReadWorker(SqliteDataReader row) => new(
        new(row.GetInt64(0)), new(row.GetInt64(1)), new(row.GetString(2)), row.GetString(3),
        ImmutableArray.Create(row.GetFieldValue<byte[]>(4)), new(row.GetInt64(5)), row.GetInt64(6), row.GetInt64(7))
    {
        SealedNext = ImmutableArray.Create(row.GetFieldValue<byte[]>(8)),
    };

    private static List<Service> ReadServices(SqliteConnection connection)
    {
        ILookup<long, WorkerId> workers = Rows(connection,
            "SELECT service, worker FROM attachments ORDER BY service, position",
            row => (Service: row.GetInt64(0), Worker: new WorkerId(row.GetInt64(1))))
            .ToLookup(pair => pair.Service, pair => pair.Worker);
        return Rows(connection,
            """
            SELECT id, team, name, description, algorithm, on_failure, timeout_ms, retry, visibility, owner, created,
                updated, rate, delivery, keep
            FROM services ORDER BY id
            """, row => ReadService(row, [.. workers[row.GetInt64(0)]]));
    }

    private static Service ReadService(SqliteDataReader row, ImmutableArray<WorkerId> workers) => new(
        new(row.GetInt64(0)), new(row.GetInt64(1)), new(row.GetString(2)), row.GetString(3), (Algorithm)row.GetByte(4),
        (OnFailure)row.GetByte(5), (uint)row.GetInt64(6), row.GetInt32(7), (Visibility)row.GetByte(8),
        new(row.GetInt64(9)), workers, row.GetInt64(10), row.GetInt64(11),
        row.IsDBNull(12) ? null : Rate.Parse(row.GetString(12)), Delivery.Parse(row.GetString(13)))
    {
        Keep = [.. row.GetString(14).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => new KeptStream(line))],
    };

    private static Node ReadNode(SqliteDataReader row) => new(
        new((ulong)row.GetInt64(0)), new(row.GetInt64(1)),
        row.IsDBNull(2) ? NodeId.Root : new((ulong)row.GetInt64(2)),
        row.GetString(3), (ushort)row.GetInt32(4), new(row.GetInt64(5)), row.IsDBNull(8) ? null : ReadRules(row),
        row.GetInt64(6), row.GetInt64(7));

    private static TriggerRules ReadRules(SqliteDataReader row) => new(
        row.GetString(9), row.GetString(10), row.IsDBNull(11) ? null : new ServiceId(row.GetInt64(11)),
        (uint)row.GetInt64(12), row.GetInt32(13), (MessageMode)row.GetByte(14), row.GetInt64(15) != 0,
        row.GetInt32(16), (Visibility)row.GetByte(17), Delivery.Parse(row.GetString(18)));

    private static Revision ReadRevision(SqliteDataReader row)
    {
        RevisionDetail detail = RevisionDetail.Read(row.GetString(7));
        return new(new(row.GetInt64(0)), row.GetInt64(1), (RevisionKind)row.GetByte(2), row.GetInt64(3),
            row.GetString(4), row.GetString(5), row.GetInt64(6), [.. detail.Lines], [.. detail.Touched],
            detail.Changes);
    }

    private static QueuedMessage ReadMessage(SqliteDataReader row) => new(
        row.GetInt64(0), new(row.GetInt64(1)), new(row.GetInt64(2)), new((ulong)row.GetInt64(3)),
        new(new UInt128((ulong)row.GetInt64(4), (ulong)row.GetInt64(5))), row.GetByte(6), row.GetInt64(7),
        row.GetInt64(8), row.GetFieldValue<byte[]>(9), row.GetInt32(10), row.GetInt32(11), row.GetInt64(12))
    {
        Parent = new((ulong)row.GetInt64(13)),
        Losses = row.GetInt32(14),
    };

    private static SpoolMark ReadSpool(SqliteDataReader row) => new(
        new(row.GetInt64(0)), new(row.GetInt64(1)), (ulong)row.GetInt64(2), (ulong)row.GetInt64(3), row.GetInt64(4));

    private static TriggerHits ReadHits(SqliteDataReader row) =>
        new(new((ulong)row.GetInt64(0)), (ulong)row.GetInt64(1), row.GetInt64(2));
}
