namespace TriggerFs.Commands.Worker;

/// <summary>How far the processes of a run are to live.</summary>
enum FamilyState : byte
{
    /// <summary>They run.</summary>
    Living,

    /// <summary>They are being ended; the run waits for it.</summary>
    Ending,

    /// <summary>The run is over; whoever of it is found from now on is ended, too.</summary>
    Over,
}

/// <summary>The processes of one run: its leader, and all that it started, wherever they went.</summary>
/// <param name="run">The run's number, which all of them have in their environment unless they wiped it.</param>
/// <param name="startTicks">No process of the run started before; hundredths of a second since boot.</param>
sealed class Family(ulong run, long startTicks)
{
    public ulong Run { get; } = run;

    public long StartTicks { get; } = startTicks;

    /// <summary>The first process, which leads the session and the group; 0 before it is there.</summary>
    public int Leader { get; set; }

    /// <summary>
    /// When the leader was known to be there: a process of its number that started later is another one.
    /// </summary>
    public long LaunchedTicks { get; set; }

    /// <summary>
    /// The leader was reaped, so that its number can be given to another process once its group is empty.
    /// </summary>
    public bool LeaderReaped { get; set; }

    /// <summary>The control group that its processes are in, unless they may leave it; null for none.</summary>
    public string? Group { get; set; }

    public FamilyState State { get; set; }

    /// <summary>
    /// When the ending began, in milliseconds of the steady clock: TERM at once, KILL after the grace.
    /// </summary>
    public long EndingSinceMs { get; set; }

    /// <summary>The group had its TERM; another would hit what a handler started to clean up.</summary>
    public bool GroupAsked { get; set; }

    /// <summary>Those who left the group were asked to end.</summary>
    public bool LeaversAsked { get; set; }

    /// <summary>The census that the next count must be from, so that it is not older than the question.</summary>
    public long CensusWanted { get; set; }

    /// <summary>Told how many live after a census that was asked for.</summary>
    public Action<int>? Counted { get; set; }
}
