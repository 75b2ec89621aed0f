using TriggerFs.Broker.Audit;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Revisions;

/// <summary>
/// Finds out whether others changed the same since somebody looked: the same property, or the whole of a thing.
/// </summary>
static class Conflicts
{
    /// <summary>Conflicts that are named; more are counted.</summary>
    private const int NamedMax = 10;

    /// <summary>Refuses changes that meet those of revisions that their author has not seen.</summary>
    public static void Check(IEnumerable<Revision> unseen, AuditedChanges own)
    {
        string[] keys = [.. own.Keys];
        string[] met =
        [
            .. unseen.SelectMany(revision => revision.Touched.Where(theirs => keys.Any(mine => Meet(mine, theirs)))
                .Select(theirs => $"{own.Name(theirs)}: {Tell(revision)}")).Distinct(),
        ];
        if (met.Length == 0) return;
        string more = met.Length > NamedMax ? $"\n       and {met.Length - NamedMax} more" : "";
        throw new TriggerException(ErrorCode.Conflict,
            met.Length == 1 ? "somebody else changed the same meanwhile"
                : $"others changed the same in {met.Length} places",
            string.Join("\n       ", met.Take(NamedMax)) + more,
            "look with 'show | compare'; 'update' says that you have seen it, then yours can be committed on top");
    }

    /// <summary>Who made a revision, when, and how.</summary>
    public static string Tell(Revision revision)
    {
        string more = revision.Lines.Length > 1 ? $" and {revision.Lines.Length - 1} more" : "";
        return $"revision {revision.Number} of {revision.Author}, {RevisionBook.Time(revision.UnixMs)}: "
            + (revision.Lines.Length > 0 ? revision.Lines[0] : "") + more;
    }

    /// <summary>Keys are words of growing detail: <c>service 21</c> is all of <c>service 21 timeout</c>.</summary>
    private static bool Meet(string one, string other) => one.Length <= other.Length
        ? other.StartsWith(one, StringComparison.Ordinal) && (one.Length == other.Length || other[one.Length] == ' ')
        : Meet(other, one);
}
