using System.Globalization;
using System.Text;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Jobs;
using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Sessions;

/// <summary>
/// Those who watch what happens. What happens while nobody watches costs one comparison; what somebody watches is
/// gathered and sent a few times a second, as far as he reads.
/// </summary>
sealed class Monitors(Surroundings around, Peers peers)
{
    /// <summary>Bytes that wait to be read by a watcher at which he gets no more.</summary>
    private const long UnsentMax = 1024 * 1024;

    /// <summary>Bytes of output in one row: some lines, as they come.</summary>
    private const int TextMax = 8 * 1024;

    private readonly List<Monitor> _all = [];

    private bool IsIdle => _all.Count == 0;

    /// <summary>Somebody wants to see what happens from now on; refuses one monitor too many.</summary>
    public void Begin(UserSession session, RequestId id, WatchOrder order)
    {
        if (session.Peer is null) return;
        int count = _all.Count(monitor => monitor.Session == session && !monitor.HasLeft);
        if (count >= Limits.MonitorsPerSessionMax)
            throw new TriggerException(ErrorCode.Busy, $"this session watches {count} things already",
                $"at most {Limits.MonitorsPerSessionMax} are allowed", "end one of them");
        var monitor = new Monitor(session, id, order);
        _all.Add(monitor);
        Send(monitor, isLast: false);
    }

    /// <summary>He has seen enough; an id that is none of a monitor is somebody else's business.</summary>
    public void Cancel(UserSession session, ulong id)
    {
        Monitor? one = _all.Find(monitor => monitor.Id.Value == id && monitor.Session == session);
        if (one is not { HasLeft: false }) return;
        _all.Remove(one);
        Send(one, isLast: true);
    }

    /// <summary>Sends what was gathered to those who read, and lets go of those who have left.</summary>
    public void Tick()
    {
        if (IsIdle) return;
        _all.RemoveAll(static monitor => monitor.HasLeft);
        foreach (Monitor monitor in _all)
            if (monitor.HasNews && around.Effects.Unsent(monitor.Peer.Id) < UnsentMax)
                Send(monitor, isLast: false);
    }

    public void WorkerCame(WorkerDesk desk) => Tell(desk, "online", desk.Software);

    public void WorkerWent(WorkerDesk desk, string why) => Tell(desk, "offline", why);

    public void Begun(Job job) => Tell(job, null, "begun", "");

    public void Started(Job job, JobRun run) => Tell(job, run, "started", "");

    /// <summary>A run's outcome, and the last of its output, of which the sender may have a part.</summary>
    public void Ended(Job job, JobRun run, ReadOnlySpan<byte> detail, ReadOnlySpan<byte> tail)
    {
        if (IsIdle) return;
        ulong fresh = run.EndOffset - Math.Min(run.EndOffset, run.Forwarded);
        Output(job, run, flags: 0, tail[^(int)Math.Min((ulong)tail.Length, fresh)..]);
        string text = Encoding.UTF8.GetString(detail);
        string how = run.Outcome == Outcome.Done ? "ended" : run.Outcome.ToString().ToLowerInvariant();
        Tell(job, run, how, text);
        foreach (Monitor monitor in Watchers(ObjectKind.Service, job))
            AddOutput(monitor, job, run, how, run.Outcome == Outcome.Done ? $"exit {Number(run.ExitCode)}" : text);
    }

    public void Refused(Job job, TriggerException problem) => Tell(job, null, "refused", problem.Message);

    public void Output(Job job, JobRun run, byte flags, ReadOnlySpan<byte> bytes)
    {
        if (IsIdle) return;
        foreach (Monitor monitor in Watchers(ObjectKind.Service, job))
        {
            string stream = (flags & Core.Messages.Output.IsError) != 0 ? "err" : "out";
            for (ReadOnlySpan<byte> rest = bytes; !rest.IsEmpty; rest = rest[Piece(rest)..])
                AddOutput(monitor, job, run, stream, Encoding.UTF8.GetString(rest[..Piece(rest)]));
        }
    }

    /// <summary>Bytes of the next row, in which no character is cut.</summary>
    private static int Piece(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= TextMax) return bytes.Length;
        int length = TextMax;
        while (length > TextMax - 4 && (bytes[length] & 0xc0) == 0x80) length--;
        return length;
    }

    private void Tell(WorkerDesk desk, string what, string detail)
    {
        if (IsIdle || around.Roster.Worker(desk.Id) is not { } worker) return;
        foreach (Monitor monitor in _all)
            if (monitor.Kind == ObjectKind.Worker && monitor.Watches(worker) && monitor.HasRoom())
                monitor.Add(Now, what, desk.Name, desk.Peer?.Address ?? "", NameRule.Shown(detail));
    }

    private void Tell(Job job, JobRun? run, string what, string detail)
    {
        if (IsIdle) return;
        foreach (Monitor monitor in Watchers(ObjectKind.Job, job))
        {
            if (!monitor.HasRoom()) continue;
            bool hasEnded = run is { Outcome: Outcome.Done, Stage: RunStage.Ended };
            monitor.Add(Now, what, Number(job.Id), UserOf(monitor, job), job.Lane.Service.Name.Value,
                job.Content.TriggerText, job.Content.PluginText, run?.Desk?.Name ?? "",
                hasEnded ? Number(run!.ExitCode) : "", hasEnded ? Number(run!.DurationMs) : "", NameRule.Shown(detail));
        }
    }

    private void AddOutput(Monitor monitor, Job job, JobRun run, string what, string text)
    {
        if (monitor.HasRoom())
            monitor.Add(Now, what, Number(job.Id), UserOf(monitor, job), run.Desk?.Name ?? "", text);
    }

    /// <summary>Those who watch such things of this job and may.</summary>
    private IEnumerable<Monitor> Watchers(ObjectKind kind, Job job)
    {
        foreach (Monitor monitor in _all)
        {
            // A job of before the broker restarted may have no service yet.
            if (monitor.Kind != kind || job.Lane?.Service is not { } service || !monitor.Watches(service)) continue;
            if (kind == ObjectKind.Job ? MaySee(monitor.Session, job, service)
                : Permissions.Allow(monitor.Session.Actor, Right.Watch, service)) yield return monitor;
        }
    }

    /// <summary>Admins see what their team asks for, and what is asked of it; others what they ask for.</summary>
    private static bool MaySee(UserSession watcher, Job job, Service service)
    {
        TeamId team = watcher.Team.Id;
        UserSession sender = job.Session;
        return watcher.Actor.Role == TeamRole.Admin ? sender.Team.Id == team || service.Team == team
            : sender.Team.Id == team && sender.User.Id == watcher.User.Id;
    }

    /// <summary>A user of another team is named with it.</summary>
    private static string UserOf(Monitor monitor, Job job) => job.Session.Team.Id == monitor.Session.Team.Id
        ? job.Session.User.Name.Value : $"{job.Session.Team.Name}/{job.Session.User.Name}";

    private void Send(Monitor monitor, bool isLast)
    {
        monitor.Take(isLast, around.Now).Write(around.Wire);
        peers.Send(monitor.Peer);
    }

    private string Now => Table.Number(around.Now.UnixMs);

    private static string Number<T>(T value) where T : IFormattable =>
        value.ToString(null, CultureInfo.InvariantCulture);
}
