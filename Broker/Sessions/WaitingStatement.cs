using TriggerFs.Broker.Revisions;
using TriggerFs.Broker.Statements;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Sessions;

/// <summary>A statement, or a commit, on its way.</summary>
/// <param name="Session">Whose it is.</param>
/// <param name="Asked">The statement; for a commit, one that has its id and stands for it in logs.</param>
/// <param name="SecretHash">What is to be stored of its secret; null before that is known, or without any.</param>
sealed record WaitingStatement(UserSession Session, Manage Asked, string? SecretHash = null)
{
    /// <summary>The commit that it stands for; null for a statement.</summary>
    public Commit? Commit { get; private init; }

    /// <summary>For people.</summary>
    public string What => Commit is { } commit ? Commits.Describe(commit) : Registrar.Describe(Asked);

    public static WaitingStatement Of(UserSession session, Commit commit)
    {
        Verb verb = commit.Action is CommitAction.Check or CommitAction.CheckBack ? Verb.Show : Verb.Set;
        return new(session, new(commit.Id, verb, ObjectKind.Revision, "", "", [])) { Commit = commit };
    }
}
