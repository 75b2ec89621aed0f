using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Jobs;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Streams;

/// <summary>
/// What carries a stream on: one run on one worker, and when that is lost, another one on the next. A run that ends by
/// itself ends the stream, unless the service keeps it.
/// </summary>
sealed partial class StreamDesk
{
    /// <summary>How often a service without a worker is looked at, in ms.</summary>
    private const long LookMs = 500;

    /// <summary>Runs that are lost one after another begin later and later, up to so many ms.</summary>
    private const long LossesDelayMaxMs = 30_000;

    private static readonly byte[] Nobody = [];

    private void Begin(LiveStream stream)
    {
        if (Current(stream) is not { } service) return;
        stream.Service = service;
        Lane lane = lanes.Of(service);
        if (!lane.HasLive)
        {
            Await(stream);
            return;
        }
        Job job = table.Open(stream.Session, ++stream.Runs);
        job.Stream = stream;
        job.Audience = null;
        job.Lane = lane;
        job.DeadlineMs = long.MaxValue;
        byte[] name = System.Text.Encoding.UTF8.GetBytes(service.Name.Value);
        byte[] plugin = System.Text.Encoding.UTF8.GetBytes(stream.Key.Plugin);
        job.Content.Keep(name, default, plugin, stream.Args, default);
        table.Kept(job);
        stream.Job = job;
        flow.Begin(job);
        if (stream.Job == job) TellBegun(stream, job);
    }

    private void TellBegun(LiveStream stream, Job job)
    {
        bool waits = job.Runs is not [{ Stage: not RunStage.Waiting }];
        if (waits) Tell(stream, "no worker has a job free; waiting for one");
        else if (stream.Runs > 1) Tell(stream, $"worker {job.Runs[0].Desk!.Name} goes on");
        stream.IsWaiting = false;
    }

    void IStreamJobs.Output(Job job, byte flags, ReadOnlySpan<byte> bytes)
    {
        LiveStream stream = job.Stream!;
        if (stream.Job != job) return;
        stream.Losses = 0;
        Put(stream, (byte)(flags & Output.IsError), job.Runs[0].Desk!.NameUtf8, bytes);
    }

    void IStreamJobs.Ended(Job job, JobRun run, ReadOnlySpan<byte> detail)
    {
        LiveStream stream = job.Stream!;
        if (stream.Job != job) return;
        stream.Job = null;
        WorkerDesk? desk = run.Desk;
        if (run.Outcome is Outcome.WorkerLost or Outcome.Offline)
        {
            stream.Losses++;
            Again(stream, $"worker {desk?.Name} was lost", DelayMs(stream.Losses));
            return;
        }
        if (stream.IsKept)
        {
            BeginAnew(stream, run, detail);
            return;
        }
        Close(stream);
        stream.End = new(run.Outcome, run.ExitCode, run.DurationMs, desk?.NameUtf8 ?? Nobody, detail.ToArray());
        for (int i = stream.Listeners.Count - 1; i >= 0; i--) Serve(stream.Listeners[i]);
    }

    void IStreamJobs.Refused(Job job, TriggerException problem)
    {
        LiveStream stream = job.Stream!;
        if (stream.Job != job) return;
        stream.Job = null;
        if (problem.Code == ErrorCode.NoWorker) Await(stream);
        else if (stream.IsKept) BeginAnew(stream, problem.Message, lastedMs: 0);
        else Fail(stream, problem);
    }

    /// <summary>Not within this happening, in which workers and services are still changing.</summary>
    private void Again(LiveStream stream, string why, long afterMs)
    {
        Tell(stream, why);
        stream.BeginMs = around.NowMs + afterMs;
    }

    private void Await(LiveStream stream)
    {
        if (!stream.IsWaiting) Tell(stream, "no worker is online; waiting for one");
        stream.IsWaiting = true;
        stream.BeginMs = around.NowMs + LookMs;
    }

    /// <summary>The first loss costs nothing: the next worker is asked at once.</summary>
    private static long DelayMs(int losses) =>
        losses < 2 ? 0 : Math.Min(LossesDelayMaxMs, 500L << Math.Min(losses, 10));

    private void Tell(LiveStream stream, string text) => Put(stream, Output.IsNotice, Nobody, Line(text));
}
