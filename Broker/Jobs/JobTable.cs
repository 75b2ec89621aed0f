using System.Diagnostics.CodeAnalysis;
using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Sessions;

namespace TriggerFs.Broker.Jobs;

/// <summary>
/// All jobs and the runs that workers know, and the objects that are free. What is closed goes back to the pool when
/// the happening is over, so that nobody holds an object that has become another one.
/// </summary>
sealed class JobTable(Surroundings around, Inflight inflight)
{
    private const int PoolMax = 64 * 1024;

    private readonly Dictionary<ulong, JobRun> _runs = [];
    private readonly Stack<Job> _freeJobs = [];
    private readonly Stack<JobRun> _freeRuns = [];
    private readonly List<Job> _closedJobs = [];
    private readonly List<JobRun> _closedRuns = [];

    // Random, so that runs that workers held over a restart of the broker are not mistaken for new ones.
    private ulong _lastRun = around.Effects.Random();
    private ulong _lastTurn;

    public DeadlineWheel Deadlines { get; } = new();

    /// <summary>Jobs that are not over.</summary>
    public int Count { get; private set; }

    /// <summary>Runs that a worker knows.</summary>
    public int RunCount => _runs.Count;

    /// <summary>Bytes of requests that are kept.</summary>
    public long KeptBytes { get; private set; }

    public Job Open(UserSession session, ulong id)
    {
        if (!_freeJobs.TryPop(out Job? job)) job = new();
        job.Session = session;
        job.Id = id;
        job.Audience = session;
        job.AudienceId = id;
        job.IsListening = true;
        job.BegunUnixMs = around.Now.UnixMs;
        session.Jobs.Add(id, job);
        Count++;
        return job;
    }

    /// <summary>Counts what the job keeps.</summary>
    public void Kept(Job job)
    {
        job.Session.KeptBytes += job.Content.Length;
        KeptBytes += job.Content.Length;
    }

    /// <summary>Lets the request go, which no worker can need any more.</summary>
    public void LetGo(Job job)
    {
        job.Session.KeptBytes -= job.Content.Length;
        KeptBytes -= job.Content.Length;
        job.Content.LetGo();
    }

    /// <summary>The request has had its answer.</summary>
    public void Close(Job job)
    {
        if (job.IsClosed) return;
        job.IsClosed = true;
        inflight.Leave(job);
        Deadlines.Clear(job);
        LetGo(job);
        job.Session.Jobs.Remove(job.Id);
        foreach (JobRun run in job.Runs) Close(run);
        _closedJobs.Add(job);
        Count--;
    }

    public JobRun AddRun(Job job)
    {
        JobRun run = NewRun();
        run.Job = job;
        run.Turn = ++_lastTurn;
        job.Runs.Add(run);
        job.Open++;
        return run;
    }

    /// <summary>A run without a job.</summary>
    public JobRun NewRun() => _freeRuns.TryPop(out JobRun? run) ? run : new();

    /// <summary>Gives the run a number that no worker has seen.</summary>
    public void Number(JobRun run)
    {
        Forget(run);
        if (++_lastRun == 0) _lastRun = 1;
        run.Id = _lastRun;
        _runs.Add(run.Id, run);
    }

    /// <summary>Takes a run over under the number that its worker gave it.</summary>
    public void Take(JobRun run, ulong id)
    {
        run.Id = id;
        _runs[id] = run;
    }

    public bool TryFind(ulong id, [NotNullWhen(true)] out JobRun? run) => _runs.TryGetValue(id, out run);

    /// <summary>The worker's number of the run means nothing any more.</summary>
    public void Forget(JobRun run)
    {
        if (run.Id != 0) _runs.Remove(run.Id);
        run.Id = 0;
    }

    /// <summary>The run is over and nobody asks for it again.</summary>
    public void Close(JobRun run)
    {
        Deadlines.Clear(run);
        Forget(run);
        _closedRuns.Add(run);
    }

    /// <summary>The happening is over: what was closed may be used again.</summary>
    public void Recycle()
    {
        if (_closedRuns.Count + _closedJobs.Count == 0) return;
        foreach (JobRun run in _closedRuns)
        {
            run.Reset();
            if (_freeRuns.Count < PoolMax) _freeRuns.Push(run);
        }
        foreach (Job job in _closedJobs)
        {
            job.Reset();
            if (_freeJobs.Count < PoolMax) _freeJobs.Push(job);
        }
        _closedRuns.Clear();
        _closedJobs.Clear();
    }
}
