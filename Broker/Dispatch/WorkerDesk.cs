using System.Text;
using TriggerFs.Broker.Jobs;
using TriggerFs.Broker.Sessions;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Dispatch;

/// <summary>
/// What the broker knows of a worker, online or not: its session, how much it takes, and what it runs.
/// </summary>
sealed class WorkerDesk(WorkerId id, string name, UnreadRuns allUnread)
{
    /// <summary>Bytes of a run that others feel who wait behind it.</summary>
    private const int Large = 8 * 1024;

    /// <summary>How long somebody else is reckoned with who sent something, in ms.</summary>
    private const int SharedMs = 1000;

    /// <summary>Jobs of a worker of which one is kept for others.</summary>
    private const int SharedMin = 4;

    private SessionId _sender;
    private long _sharedUntilMs;

    public WorkerId Id => id;

    public string Name { get; private set; } = name;

    /// <summary>The name as it travels with output.</summary>
    public byte[] NameUtf8 { get; private set; } = Encoding.UTF8.GetBytes(name);

    /// <summary>Its connection; null while it is offline.</summary>
    public Peer? Peer { get; set; }

    public SessionId Session { get; set; }

    /// <summary>Which token its session rests on; another one ends it.</summary>
    public string Generation { get; set; } = "";

    public string Software { get; set; } = "";

    public long SinceUnixMs { get; set; }

    /// <summary>When it was heard of last, in ms; null when not since the broker started.</summary>
    public long? LastHeardMs { get; set; }

    /// <summary>It announced itself in this session and has not said Goodbye.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>In this session it has said which runs it held from before.</summary>
    public bool HasTakenUp { get; set; }

    /// <summary>Runs that it takes at once; 0 when it takes none.</summary>
    public int Jobs { get; set; }

    /// <summary>Runs that were given to this session and have not finished.</summary>
    public int Busy { get; set; }

    /// <summary>
    /// Bytes of runs that were given and of which no sign came yet: so much may wait to be read by it.
    /// </summary>
    public long UnreadBytes { get; private set; }

    /// <summary>It gets no more runs until others have read theirs.</summary>
    public bool IsHeld { get; set; }

    /// <summary>It did not take a run because its last free job is kept for others.</summary>
    public bool KeepsJob { get; set; }

    /// <summary>Its places in services, its own identity among them.</summary>
    public List<Seat> Seats { get; } = [];

    /// <summary>The services that it announced, by name.</summary>
    public HashSet<string> Services { get; } = [];

    /// <summary>The services that it was told of last.</summary>
    public IReadOnlyList<string> Assigned { get; set; } = [];

    /// <summary>Those of which it was told a moment ago, and which it takes: it may not have said so yet.</summary>
    public HashSet<string> News { get; } = [];

    /// <summary>Until this moment an Announce without them may have crossed what it was told, in ms.</summary>
    public long NewsUntilMs { get; set; }

    /// <summary>The plugins that it has, as it says; workers that have the same share the list.</summary>
    public IReadOnlyList<OfferedPlugin> Plugins { get; set; } = [];

    /// <summary>Runs that wait for this worker and no other.</summary>
    public RunQueue Waiting { get; } = new();

    /// <summary>Runs that were given to it, those among them that it may come back with.</summary>
    public List<JobRun> Runs { get; } = [];

    public bool IsOpen => IsAnnounced && Jobs > 0;

    /// <summary>
    /// Whether it takes another run; one message always fits, more only as far as it and the others read. While several
    /// send to it, one large one waits to be read, not two: small ones go by, and wait behind that one.
    /// </summary>
    public bool HasRoom(Demand run) =>
        HasJob(run) && (UnreadBytes == 0 || HasRoomBehindOthers(run)) && allUnread.HasRoom(this, run.Bytes);

    /// <summary>While several send to it, its last free job is not for whoever could fill all of them.</summary>
    public bool HasJob(Demand run)
    {
        if (Busy < Jobs - 1 || Jobs < SharedMin || run.UnderWay < Jobs || !IsShared(run.NowMs)) return Busy < Jobs;
        KeepsJob = true;
        return false;
    }

    /// <summary>A run of somebody is given to it.</summary>
    public void Give(int bytes, SessionId sender, long nowMs)
    {
        if (_sender != sender && _sender != SessionId.None) _sharedUntilMs = nowMs + SharedMs;
        _sender = sender;
        UnreadBytes += bytes;
        allUnread.Add(bytes);
    }

    /// <summary>A run was read by it, or never will be.</summary>
    public void WasRead(int bytes)
    {
        UnreadBytes -= bytes;
        allUnread.Remove(bytes);
    }

    public void Rename(string to)
    {
        Name = to;
        NameUtf8 = Encoding.UTF8.GetBytes(to);
    }

    public void Add(JobRun run)
    {
        run.DeskIndex = Runs.Count;
        Runs.Add(run);
    }

    /// <summary>Takes a run out; the last one takes its place in the list.</summary>
    public void Remove(JobRun run)
    {
        JobRun last = Runs[^1];
        Runs[run.DeskIndex] = last;
        last.DeskIndex = run.DeskIndex;
        Runs.RemoveAt(Runs.Count - 1);
        run.DeskIndex = -1;
    }

    private bool IsShared(long nowMs) => nowMs < _sharedUntilMs;

    private bool HasRoomBehindOthers(Demand run) =>
        run.Bytes <= Large ? UnreadBytes + run.Bytes <= Limits.WorkerUnreadMax * 2
        : IsShared(run.NowMs) ? UnreadBytes <= Large
        : UnreadBytes + run.Bytes <= Limits.WorkerUnreadMax;
}
