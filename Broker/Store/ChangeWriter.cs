using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Store;

/// <summary>Writes one change at a time within the caller's transaction.</summary>
sealed class ChangeWriter(SqliteConnection connection) : IDisposable
{
    private readonly Prepared _putTeam = new(connection,
        """
        INSERT INTO teams (id, name, created, founder, plan) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (id) DO UPDATE SET name = ?2, founder = ?4, plan = ?5
        """);

    private readonly Prepared _putUser = new(connection,
        """
        INSERT INTO users (id, name, secret, disabled, created, updated, full_name, email, own_secret, generation)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (id) DO UPDATE SET name = ?2, secret = ?3, disabled = ?4, updated = ?6, full_name = ?7, email = ?8,
            own_secret = ?9, generation = ?10
        """);

    private readonly Prepared _putMembership = new(connection,
        """
        INSERT INTO memberships (team, user, role, disabled, generation) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (team, user) DO UPDATE SET role = ?3, disabled = ?4, generation = ?5
        """);

    private readonly Prepared _putWorker = new(connection,
        """
        INSERT INTO workers (id, team, name, description, token, owner, created, updated, next_token)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (id) DO UPDATE SET name = ?3, description = ?4, token = ?5, owner = ?6, updated = ?8,
            next_token = ?9
        """);

    private readonly Prepared _putService = new(connection,
        """
        INSERT INTO services (id, team, name, description, algorithm, on_failure, timeout_ms, retry, visibility, owner,
            created, updated, rate, delivery, keep)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
        ON CONFLICT (id) DO UPDATE SET name = ?3, description = ?4, algorithm = ?5, on_failure = ?6, timeout_ms = ?7,
            retry = ?8, visibility = ?9, owner = ?10, updated = ?12, rate = ?13,
            delivery = ?14, keep = ?15
        """);

    private readonly Prepared _putNode = new(connection,
        """
        INSERT INTO nodes (id, team, parent, name, mode, owner, created, updated)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (id) DO UPDATE SET parent = ?3, name = ?4, mode = ?5, owner = ?6, updated = ?8
        """);

    private readonly Prepared _putTrigger = new(connection,
        """
        INSERT INTO triggers (node, description, plugin, service, timeout_ms, retry, messages, synchronous, visibility,
            byte_limit, delivery)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        ON CONFLICT (node) DO UPDATE SET description = ?2, plugin = ?3, service = ?4, timeout_ms = ?5, retry = ?6,
            messages = ?7, synchronous = ?8, visibility = ?9, byte_limit = ?10, delivery = ?11
        """);

    // A trigger may be gone when its last hits come to be written.
    private readonly Prepared _putHits = new(connection,
        """
        INSERT INTO hits (node, count, fired) SELECT node, ?2, ?3 FROM triggers WHERE node = ?1
        ON CONFLICT (node) DO UPDATE SET count = ?2, fired = ?3
        """);

    private readonly Prepared _dropUser = new(connection, "DELETE FROM users WHERE id = ?1");
    private readonly Prepared _dropMembership =
        new(connection, "DELETE FROM memberships WHERE team = ?1 AND user = ?2");

    private readonly Prepared _putRevision = new(connection,
        """
        INSERT INTO revisions (team, number, kind, made, author, comment, confirm_by, detail)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (team, number) DO UPDATE SET confirm_by = ?7
        """);

    private readonly Prepared _dropRevision =
        new(connection, "DELETE FROM revisions WHERE team = ?1 AND number = ?2");

    private readonly Prepared _dropWorker = new(connection, "DELETE FROM workers WHERE id = ?1");
    private readonly Prepared _dropService = new(connection, "DELETE FROM services WHERE id = ?1");
    private readonly Prepared _dropNode = new(connection, "DELETE FROM nodes WHERE id = ?1");
    private readonly Prepared _touchNode = new(connection, "UPDATE nodes SET updated = ?2 WHERE id = ?1");
    private readonly Prepared _detachAll = new(connection, "DELETE FROM attachments WHERE service = ?1");
    private readonly Prepared _attach =
        new(connection, "INSERT INTO attachments (service, position, worker) VALUES (?1, ?2, ?3)");

    private readonly Prepared _putMessage = new(connection,
        """
        INSERT INTO messages (id, team, user, trigger, spool, sequence, hops, written, taken, attempt, failures, due,
            payload, parent, losses)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
        ON CONFLICT (id) DO UPDATE SET attempt = ?10, failures = ?11, due = ?12, losses = ?15
        """);

    private readonly Prepared _putDeadLetter = new(connection,
        """
        INSERT OR REPLACE INTO dead_letters (id, team, user, trigger, spool, sequence, hops, written, taken, attempt,
            failures, due, payload, path, reason, died, output, parent, losses)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
        """);

    private readonly Prepared _dropDeadLetter = new(connection, "DELETE FROM dead_letters WHERE id = ?1");
    private readonly Prepared _dropMessage = new(connection, "DELETE FROM messages WHERE id = ?1");
    private readonly Prepared _putSpool = new(connection,
        """
        INSERT INTO spools (team, user, spool, taken, seen) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (team, user, spool) DO UPDATE SET taken = ?4, seen = ?5
        """);

    private readonly Prepared _dropSpool =
        new(connection, "DELETE FROM spools WHERE team = ?1 AND user = ?2 AND spool = ?3");

    private readonly Prepared _endQuietly =
        new(connection, "INSERT OR REPLACE INTO meta (name, value) VALUES ('quiet end', 1)");

    private readonly MailWriter _mail = new(connection);
    private readonly GivenNumbers _numbers = new(connection);

    public void Write(Change change)
    {
        switch (change)
        {
            case Change.PutTeam put: Put(put.Team); break;
            case Change.PutUser put: Put(put.User); break;
            case Change.DropUser drop: _dropUser.Run(drop.User.Value); break;
            case Change.PutMembership put: Put(put.Membership); break;
            case Change.DropMembership drop: Drop(drop.Team, drop.User); break;
            case Change.PutLetter put: Put(put.Letter); break;
            case Change.DropLetter drop: _mail.Drop(drop.Letter); break;
            case Change.PutInvitation put: Put(put.Invitation); break;
            case Change.DropInvitation drop: _mail.Drop(drop.Invitation); break;
            case Change.PutWorker put: Put(put.Worker); break;
            case Change.DropWorker drop: _dropWorker.Run(drop.Worker.Value); break;
            case Change.PutService put: Put(put.Service); break;
            case Change.DropService drop: _dropService.Run(drop.Service.Value); break;
            case Change.PutNode put: Put(put.Node); break;
            case Change.DropNode drop: _dropNode.Run((long)drop.Node.Value); break;
            case Change.ClearHits clear: Write(new TriggerHits(clear.Trigger, Count: 0, FiredUnixMs: 0)); break;
            case Change.TouchDirectory touch: _touchNode.Run((long)touch.Directory.Value, touch.UnixMs); break;
            case Change.PutRevision(var revision):
                _putRevision.Run(revision.Team.Value, revision.Number, (long)revision.Kind, revision.UnixMs,
                    revision.Author, revision.Comment, revision.ConfirmByUnixMs, RevisionDetail.Write(revision));
                break;
            case Change.DropRevision drop: _dropRevision.Run(drop.Team.Value, drop.Number); break;
            case Change.PutMessage put: Put(put.Message); break;
            case Change.DropMessage drop: _dropMessage.Run(drop.Id); break;
            case Change.PutDeadLetter put: Put(put.Letter); break;
            case Change.DropDeadLetter drop: _dropDeadLetter.Run(drop.Id); break;
            case Change.PutSpool put: Put(put.Mark); break;
            case Change.DropSpool drop:
                _dropSpool.Run(drop.Mark.Team.Value, drop.Mark.User.Value, (long)drop.Mark.Spool);
                break;
            case Change.EndQuietly: _endQuietly.Run(); break;
            default: throw new ArgumentOutOfRangeException(nameof(change), change, "no table for this change");
        }
    }

    public void Write(TriggerHits hits) =>
        _putHits.Run((long)hits.Trigger.Value, (long)hits.Count, hits.FiredUnixMs);

    /// <summary>Writes what concerns all changes since the last call, within the transaction of the last.</summary>
    public void Finish() => _numbers.Write();

    /// <summary>What was written since the last commit may be undone.</summary>
    public void Undone() => _numbers.Undone();

    /// <summary>Nothing more is written.</summary>
    public void End() => _numbers.End();

    public void Dispose()
    {
        foreach (Prepared statement in (Prepared[])
            [
                _putTeam, _putUser, _putMembership, _putWorker, _putService, _putNode, _putTrigger, _putHits,
                _dropUser, _dropMembership, _putRevision, _dropRevision, _dropWorker, _dropService, _dropNode,
                _touchNode, _detachAll, _attach, _putMessage, _dropMessage, _putDeadLetter, _dropDeadLetter, _putSpool,
                _dropSpool, _endQuietly,
            ]) statement.Dispose();
        _mail.Dispose();
        _numbers.Dispose();
    }

    private void Use(long id) => _numbers.Give(id);

    private void Put(Team team)
    {
        _putTeam.Run(team.Id.Value, team.Name.Value, team.CreatedUnixMs, team.Founder?.Value, team.Plan.Name);
        Use(team.Id.Value);
    }

    private void Put(User user)
    {
        _putUser.Run(user.Id.Value, user.Name.Value, user.SecretHash, user.Disabled ? 1L : 0L, user.CreatedUnixMs,
            user.UpdatedUnixMs, user.FullName, user.Email, user.SecretIsOwn ? 1L : 0L, user.Generation);
        Use(Math.Max(user.Id.Value, user.Generation));
    }

    private void Put(Membership place)
    {
        _putMembership.Run(place.Team.Value, place.User.Value, (long)place.Role, place.Disabled ? 1L : 0L,
            place.Generation);
        Use(place.Generation);
    }

    private void Drop(TeamId team, UserId user)
    {
        _dropMembership.Run(team.Value, user.Value);
        _mail.Empty(team, user);
    }

    private void Put(Letter letter)
    {
        _mail.Put(letter);
        Use(letter.Id.Value);
    }

    private void Put(Invitation invitation)
    {
        _mail.Put(invitation);
        Use(invitation.Id.Value);
    }

    private void Put(Worker worker)
    {
        byte[] token = ImmutableCollectionsMarshal.AsArray(worker.SealedToken) ?? [];
        byte[] next = ImmutableCollectionsMarshal.AsArray(worker.SealedNext) ?? [];
        _putWorker.Run(worker.Id.Value, worker.Team.Value, worker.Name.Value, worker.Description, token,
            worker.Owner.Value, worker.CreatedUnixMs, worker.UpdatedUnixMs, next);
        Use(worker.Id.Value);
    }

    private void Put(Service service)
    {
        _putService.Run(service.Id.Value, service.Team.Value, service.Name.Value, service.Description,
            (long)service.Algorithm, (long)service.OnFailure, (long)service.TimeoutMs, (long)service.Retry,
            (long)service.Visibility, service.Owner.Value, service.CreatedUnixMs, service.UpdatedUnixMs,
            service.Rate?.ToString(), service.Delivery.ToString(),
            string.Join('\n', service.Keep.Select(static kept => kept.Text)));
        _detachAll.Run(service.Id.Value);
        for (int position = 0; position < service.Workers.Length; position++)
            _attach.Run(service.Id.Value, (long)position, service.Workers[position].Value);
        Use(service.Id.Value);
    }

    private void Put(QueuedMessage message)
    {
        UInt128 id = message.Message.Value;
        _putMessage.Run(message.Id, message.Team.Value, message.User.Value, (long)message.Trigger.Value,
            (long)(ulong)(id >> 64), (long)(ulong)id, (long)message.Hops, message.WrittenUnixMs, message.TakenUnixMs,
            (long)message.Attempt, (long)message.Failures, message.DueUnixMs, message.Payload,
            (long)message.Parent.Value, (long)message.Losses);
        _numbers.GiveMessage(message.Id);
    }

    private void Put(DeadLetter letter)
    {
        QueuedMessage message = letter.Message;
        UInt128 id = message.Message.Value;
        _putDeadLetter.Run(message.Id, message.Team.Value, message.User.Value, (long)message.Trigger.Value,
            (long)(ulong)(id >> 64), (long)(ulong)id, (long)message.Hops, message.WrittenUnixMs, message.TakenUnixMs,
            (long)message.Attempt, (long)message.Failures, message.DueUnixMs, message.Payload, letter.Path,
            letter.Reason, letter.DiedUnixMs, letter.Output, (long)message.Parent.Value,
            (long)message.Losses);
    }

    private void Put(SpoolMark mark) => _putSpool.Run(
        mark.Team.Value, mark.User.Value, (long)mark.Spool, (long)mark.Taken, mark.SeenUnixMs);

    private void Put(Node node)
    {
        long? parent = node.Parent == NodeId.Root ? null : (long)node.Parent.Value;
        _putNode.Run((long)node.Id.Value, node.Team.Value, parent, node.Name, (long)node.Mode, node.Owner.Value,
            node.CreatedUnixMs, node.UpdatedUnixMs);
        if (node.Trigger is { } rules)
            _putTrigger.Run((long)node.Id.Value, rules.Description, rules.Plugin, rules.Service?.Value,
                (long)rules.TimeoutMs, (long)rules.Retry, (long)rules.Messages, rules.Synchronous ? 1L : 0L,
                (long)rules.Visibility, (long)rules.Limit, rules.Delivery.ToString());
        Use((long)node.Id.Value);
    }
}
