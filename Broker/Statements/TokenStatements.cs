using System.Collections.Immutable;
using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>The statements about workers' tokens: shown, rotated while the worker works, replaced at once.</summary>
static class TokenStatements
{
    public static readonly Row[] Rows =
    [
        new(Verb.Show, ObjectKind.Worker, Properties.Token, 0, 0, Show) { IsRevealing = true },
        new(Verb.Request, ObjectKind.Worker, Properties.RotateToken, 0, 0, Rotate),
        new(Verb.Request, ObjectKind.Worker, Properties.ReplaceToken, 0, 0, Replace),
    ];

    private static Decision Show(Statement statement)
    {
        Worker worker = statement.Worker();
        if (!Permissions.Allow(statement.Actor, Right.Reveal, worker))
            throw new TriggerException(ErrorCode.NotAllowed, $"the token of '{worker.Name}' is not shown to you",
                "its owner and the team's admins may see it");
        string name = worker.Name.Value, token = statement.Office.Seal.Open(worker);
        Column[] columns = [new("identity", ColumnType.Text), new("token", ColumnType.Text)];
        return Decision.Show(worker.IsRotating
            ? new([.. columns, new("state", ColumnType.Text)],
                [[name, token, "old"], [name, statement.Office.Seal.OpenNext(worker), "new"]])
            : new(columns, [[name, token]]));
    }

    /// <summary>Another token; the old one is good until the worker keeps the new one.</summary>
    private static Decision Rotate(Statement statement)
    {
        Worker worker = statement.ChangeableWorker(statement.Name);
        ImmutableArray<byte> next = NewToken(statement, worker.Id, out string token);
        string notice = statement.Office.Presence.IsOnline(worker.Id)
            ? $"{worker.Name} is told its new token, and the old one is good until it keeps it"
            : $"{worker.Name} is offline; the old token is good until it comes and keeps the new one: {token}";
        return Decision.Store(notice,
            new Change.PutWorker(worker with { SealedNext = next, UpdatedUnixMs = statement.Now.UnixMs }));
    }

    /// <summary>Another token in the place of one that was stolen, which is good not a moment longer.</summary>
    private static Decision Replace(Statement statement)
    {
        Worker worker = statement.ChangeableWorker(statement.Name);
        ImmutableArray<byte> sealedToken = NewToken(statement, worker.Id, out string token);
        return Decision.Store($"the token of {worker.Name} is {token}\nthe old one is worth nothing any more; "
            + "put the new one into the worker's triggerfs.toml and start it again",
            new Change.PutWorker(worker with
            {
                SealedToken = sealedToken,
                SealedNext = [],
                UpdatedUnixMs = statement.Now.UnixMs,
            }));
    }

    private static ImmutableArray<byte> NewToken(Statement statement, WorkerId worker, out string token)
    {
        token = TokenSeal.NewToken(statement.Office.Random);
        return statement.Office.Seal.Seal(worker, token, statement.Office.Random);
    }
}
