namespace TriggerFs.Commands.Worker;

/// <summary>
/// Finds which run each process belongs to, from one look at /proc: by its session or group, by its parents, by what
/// earlier looks knew of it, and last by the run in its environment. Decides only; nothing is touched.
/// </summary>
/// <param name="self">The worker's own process, to which the kernel gives orphans (it is their subreaper).</param>
/// <param name="session">The worker's own session, which no process of a run is ever in.</param>
sealed class Kinship(int self, int session)
{
    private readonly Dictionary<int, ProcessEntry> _table = [];
    private readonly Dictionary<int, Family?> _owners = [];
    private Dictionary<(int Pid, long Start), Family> _known = [];
    private Dictionary<(int Pid, long Start), Family> _knownBefore = [];

    /// <summary>The members of each family, zombies included, and the strays that no family can claim.</summary>
    public void Sort(
        List<ProcessEntry> table,
        IReadOnlyCollection<Family> families,
        List<(ProcessEntry Process, Family Family)> members,
        List<ProcessEntry> strays)
    {
        (_known, _knownBefore) = (_knownBefore, _known);
        _known.Clear();
        _owners.Clear();
        _table.Clear();
        foreach (ProcessEntry process in table) _table[process.Pid] = process;
        foreach (ProcessEntry process in table)
        {
            if (OwnerOf(process, families) is { } family)
            {
                members.Add((process, family));
                _known[(process.Pid, process.StartTicks)] = family;
            }
            else if (IsStray(process, families))
            {
                strays.Add(process);
            }
        }
    }

    private Family? OwnerOf(ProcessEntry process, IReadOnlyCollection<Family> families)
    {
        if (process.Pid == self || process.Pid <= 1) return null;
        if (_owners.TryGetValue(process.Pid, out Family? owner)) return owner;
        _owners[process.Pid] = null; // Numbers used again while /proc was read could make a circle.
        owner = InGroupOf(process, families);
        if (owner is null && _knownBefore.TryGetValue((process.Pid, process.StartTicks), out Family? before) &&
            families.Contains(before)) owner = before;
        if (owner is null && process.Mark != 0) owner = Marked(process, families);
        if (owner is null && _table.TryGetValue(process.Parent, out ProcessEntry parent))
            owner = OwnerOf(parent, families);
        return _owners[process.Pid] = owner;
    }

    private Family? InGroupOf(ProcessEntry process, IReadOnlyCollection<Family> families)
    {
        foreach (Family family in families)
            if (family.Leader > 0 && (process.Session == family.Leader || process.Group == family.Leader) &&
                !IsReused(family)) return family;
        return null;
    }

    private static Family? Marked(ProcessEntry process, IReadOnlyCollection<Family> families)
    {
        foreach (Family family in families)
            if (family.Run == process.Mark && family.StartTicks <= process.StartTicks) return family;
        return null;
    }

    /// <summary>
    /// The leader's number stays taken while its group has anybody in it; a younger process means it had none.
    /// </summary>
    private bool IsReused(Family family) =>
        family.LeaderReaped && _table.TryGetValue(family.Leader, out ProcessEntry now) &&
        now.StartTicks > family.LaunchedTicks;

    /// <summary>
    /// An orphan in a foreign session came from a run; it is a stray when no run that lives can be its own.
    /// </summary>
    private bool IsStray(ProcessEntry process, IReadOnlyCollection<Family> families)
    {
        if (process.Parent != self || process.Session == session) return false;
        foreach (Family family in families)
            if (family.State != FamilyState.Over && family.StartTicks <= process.StartTicks) return false;
        return true;
    }
}
