using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>
/// The names that slots are completed with. The broker is asked for them when they are needed, and nobody waits longer
/// for that than he notices: what comes later is there at the next key.
/// </summary>
/// <param name="show">Asks the broker for all of a kind.</param>
sealed class NameCache(Func<ObjectKind, Task<StatementAnswer>> show)
{
    /// <summary>How long somebody who pressed TAB waits at the most.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromMilliseconds(300);

    /// <summary>How long names are as good as new.</summary>
    private static readonly TimeSpan AgeMax = TimeSpan.FromSeconds(5);

    private readonly Dictionary<ObjectKind, (Task<StatementAnswer> Answer, long AskedMs)> _asked = [];

    /// <summary>Names that begin with a text, in their order, each once.</summary>
    public IReadOnlyList<string> Find(Slot slot, string beginning)
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        long deadlineMs = Environment.TickCount64 + (long)WaitMax.TotalMilliseconds;
        foreach (NameSource source in slot.Names)
        {
            IEnumerable<string> found = source switch
            {
                NameSource.Known known => known.Names,
                NameSource.Files => LocalFile.Names(beginning),
                NameSource.Shown shown => Shown(shown, deadlineMs),
                _ => [],
            };
            names.UnionWith(found.Where(name =>
                name.Length > 0 && name.StartsWith(beginning, StringComparison.Ordinal)));
        }
        return [.. names];
    }

    /// <summary>Something was changed: names are asked for again.</summary>
    public void Forget() => _asked.Clear();

    private IEnumerable<string> Shown(NameSource.Shown source, long deadlineMs)
    {
        long nowMs = Environment.TickCount64;
        bool isFresh = _asked.TryGetValue(source.Kind, out (Task<StatementAnswer> Answer, long AskedMs) asked)
            && !asked.Answer.IsFaulted && !asked.Answer.IsCanceled
            && (!asked.Answer.IsCompleted || nowMs - asked.AskedMs < AgeMax.TotalMilliseconds);
        if (!isFresh) _asked[source.Kind] = asked = (show(source.Kind), nowMs);
        if (!IsThere(asked.Answer, Math.Max(0, deadlineMs - nowMs))) return [];
        StatementAnswer answer = asked.Answer.Result;
        int column = answer.Columns.ToList().FindIndex(column => column.Name == source.Column);
        return column < 0 ? [] : answer.Rows.Select(row => row[column]);
    }

    private static bool IsThere(Task answer, long waitMs)
    {
        try
        {
            return answer.Wait(TimeSpan.FromMilliseconds(waitMs));
        }
        catch (AggregateException)
        {
            return false; // No names: the statement itself will say what is wrong with the broker.
        }
    }
}
