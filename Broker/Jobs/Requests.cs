using System.Text;
using Microsoft.Extensions.Logging;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Queue;
using TriggerFs.Broker.Sessions;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Jobs;

/// <summary>
/// Judges what users ask for (the service, the right to it, the limits) and makes a job of it, or a refusal.
/// </summary>
sealed class Requests(
    Surroundings around, Peers peers, Lanes lanes, JobTable table, JobFlow flow, Admission admission,
    PublicCalls publicCalls, SenderRates rates, AuditTrail audit)
{
    /// <summary>A request for a service, or for a worker, whose identity is a service of one.</summary>
    /// <param name="rules">How carefully it goes to the service's workers; null for all at once.</param>
    public void Hear(UserSession session, in Request request, RolloutRules? rules = null)
    {
        if (Overload(session, request.Id, request.Payload.Length + request.ArgsBytes.Length) is { } overload)
        {
            peers.Refuse(session.Peer!, request.Id, overload);
            return;
        }
        TriggerException? flaw = Find(session, request.Service, out Service service, request.Parent)
            ?? Flaw(session, request, service);
        if (rules is not null) flaw ??= Flaw(rules, request.Flags, service);
        flaw ??= Count(session, service, request.Parent);
        if (flaw is not null)
        {
            peers.Refuse(session.Peer!, request.Id, flaw);
            return;
        }
        Lane lane = lanes.Of(service);
        if (admission.Judge(lane, null, DemandOf(session)) is { } busy)
        {
            peers.Refuse(session.Peer!, request.Id, busy);
            return;
        }
        Job job = table.Open(session, request.Id.Value);
        job.Lane = lane;
        job.IsBroadcast = (request.Flags & Request.Broadcast) != 0;
        job.Retry = job.IsBroadcast ? 0 : service.Retry;
        job.Priority = service.Delivery.PriorityOrDefault;
        job.TellsDispatch = (request.Flags & Request.TellDispatch) != 0;
        job.DeadlineMs = Deadline(request.TimeoutMs, service);
        job.Hops = request.Hops;
        job.Parent = request.Parent;
        job.Rollout = rules;
        ReadOnlySpan<byte> name = request.Service[(request.Service.IndexOf((byte)'/') + 1)..];
        job.Content.Keep(name, default, request.Plugin, request.ArgsBytes, request.Payload);
        table.Kept(job);
        if (around.Log.IsEnabled(LogLevel.Debug))
            Log.Requested(around.Log, job.Id, session.Team.Name.Value, session.User.Name.Value);
        admission.Enter(job);
    }

    /// <summary>Finds the service that somebody asks for; says why not, when it is not his to use.</summary>
    public TriggerException? Find(
        UserSession session, ReadOnlySpan<byte> name, out Service service, RunId parent = default)
    {
        bool isThere = around.Roster.TryFindService(session.Team.Id, name, out Service? found);
        service = found!;
        if (isThere && Permissions.Allow(session.Actor, Right.Use, found!)) return null;
        if (isThere) audit.Refuse(session, $"call service {found!.Name}", NotAllowed(found), found.Team, parent);
        return NoService(name);
    }

    /// <summary>Counts a call from another team; says why it is not taken, when they are too many.</summary>
    public TriggerException? Count(UserSession session, Service service, RunId parent = default) =>
        service.Team == session.Team.Id ? null : publicCalls.Judge(session, service, parent);

    /// <summary>What was written to a trigger: a request whose service, plugin and timeout its rules say.</summary>
    public void Hear(UserSession session, in Fire fire)
    {
        if ((Overload(session, fire.Id, fire.Payload.Length) ?? Judge(session, fire)) is { } refusal)
        {
            peers.Refuse(session.Peer!, fire.Id, refusal);
            return;
        }
        around.Roster.TryFindRoute(fire.Trigger, out TriggerRoute? route);
        Service service = route!.Service!;
        around.Roster.Hits.Add(fire.Trigger, around.Now.UnixMs);
        Lane lane = lanes.Of(service);
        if (admission.Judge(lane, route, DemandOf(session)) is { } busy)
        {
            peers.Refuse(session.Peer!, fire.Id, busy);
            return;
        }
        Job job = table.Open(session, fire.Id.Value);
        job.Lane = lane;
        Admission.Mark(job, route);
        job.Retry = route.Retry;
        job.DeadlineMs = Deadline(route.Rules.TimeoutMs, service);
        job.Message = fire.Message;
        job.WrittenUnixMs = fire.WrittenUnixMs;
        job.Hops = fire.Hops;
        job.Parent = fire.Parent;
        job.Content.Keep(route.ServiceName, route.Path, route.Plugin, default, fire.Payload);
        table.Kept(job);
        if (around.Log.IsEnabled(LogLevel.Debug))
            Log.Fired(around.Log, fire.Trigger.Value, job.Id, session.Team.Name.Value, session.User.Name.Value);
        admission.Enter(job);
    }

    /// <summary>A request that was under way when the sender's link broke, or the broker stopped.</summary>
    public void Hear(UserSession session, Reclaim reclaim)
    {
        if (session.Jobs.Count < Limits.RequestsPerSessionMax || session.Jobs.ContainsKey(reclaim.Id.Value))
            flow.Reclaim(session, reclaim);
        else peers.Refuse(session.Peer!, reclaim.Id,
            Busy("too many requests are taken up again", "send fewer at once"));
    }

    /// <summary>The same; a chain that is too long is in the audit, with the run that it came from last.</summary>
    private TriggerException? Flaw(UserSession session, in Request request, Service service)
    {
        TriggerException? flaw = Flaw(request);
        if (flaw?.Code == ErrorCode.TooManyHops)
            audit.Refuse(session, $"call service {service.Name}", flaw, service.Team, request.Parent);
        return flaw;
    }

    /// <summary>What is wrong with a request by itself; null when nothing is.</summary>
    private static TriggerException? Flaw(in Request request) =>
        request.Plugin.IsEmpty ? NoPlugin()
        : request.TimeoutMs > Limits.TimeoutMax.TotalMilliseconds ? TooLong(request.TimeoutMs)
        : request.Hops > Limits.HopsMax ? TooManyHops(request.Hops)
        : null;

    /// <summary>What is wrong with the care that is asked for; null when nothing is.</summary>
    private static TriggerException? Flaw(RolloutRules rules, byte flags, Service service) =>
        (flags & Request.Broadcast) != 0
            ? new(ErrorCode.Invalid, "nobody hears how a broadcast ends", "so nobody can wait for its canary")
        : service.Algorithm == Algorithm.RoundRobin
            ? new(ErrorCode.Invalid, $"service '{service.Name}' gives a request to one worker",
                "only a mirrored or serial service has some workers before others",
                $"triggerfs cli -c 'set services {service.Name} algorithm mirror'")
        : rules is { IsPercent: true, FailuresMax: > 100 and not RolloutRules.AnyFailures }
            ? new(ErrorCode.Invalid, $"{rules.FailuresMax} percent of the workers cannot fail")
        : null;

    /// <summary>What is wrong with a message to a trigger that its sender may fire; null when nothing is.</summary>
    private TriggerException? Flaw(in Fire fire)
    {
        if (fire.Hops > Limits.HopsMax) return TooManyHops(fire.Hops);
        around.Roster.TryFindRoute(fire.Trigger, out TriggerRoute? route);
        int limit = route!.Rules.Limit;
        if (fire.Payload.Length <= limit) return null;
        string path = Encoding.UTF8.GetString(route.Path);
        return new(ErrorCode.TooLarge, $"a message of {fire.Payload.Length} bytes is too large for trigger '{path}'",
            $"its limit is {limit} bytes", $"triggerfs cli -c 'set trigger {path} limit SIZE', up to "
                + $"{Limits.TriggerLimitMax >> 20}MiB");
    }

    /// <summary>
    /// Finds what stands for the service of a request that is carried out later, and the runs that led to it; or why it
    /// never will be.
    /// </summary>
    public TriggerException? Address(UserSession session, ref Fire fire)
    {
        if (!Posted.TryRead(fire.Payload, out Request request))
            return new(ErrorCode.Unsupported, "the message is not a request", "a Fire of trigger 0 carries one");
        if (!around.Roster.TryFindService(session.Team.Id, request.Service, out Service? service)
            || !Permissions.Allow(session.Actor, Right.Use, service))
        {
            if (service is not null)
                audit.Refuse(session, $"call service {service.Name}", NotAllowed(service), service.Team,
                    request.Parent);
            return NoService(request.Service);
        }
        if (service.Team != session.Team.Id || service.Id.Value == 0)
            return new(ErrorCode.Unsupported, $"'{service.Name}' takes no requests that are carried out later",
                "only services of your own team do", "make a service of it: triggerfs cli -c 'set services name NAME'");
        if (Flaw(session, request, service) is { } flaw)
            return new(ErrorCode.Unsupported, flaw.Message, flaw.Why, flaw.Fix);
        (fire.Trigger, fire.Hops, fire.Parent) = (Posted.TriggerOf(service.Id), request.Hops, request.Parent);
        return null;
    }

    /// <summary>Why what was written may not be taken; null when it may.</summary>
    public TriggerException? Judge(UserSession session, in Fire fire)
    {
        TriggerException? refusal = Posted.ServiceOf(fire.Trigger) is null ? Judge(session, fire.Trigger) ?? Flaw(fire)
            : new(ErrorCode.NotFound, "there is no such trigger", "the number stands for something else");
        if (refusal?.Code is ErrorCode.NotAllowed or ErrorCode.TooManyHops)
            audit.Refuse(session, $"fire trigger {around.Roster.PathOf(fire.Trigger)}", refusal, null, fire.Parent);
        return refusal;
    }

    /// <summary>When a request's time is up, on the steady clock, in ms; 0 for the service's own timeout.</summary>
    public long Deadline(uint timeoutMs, Service service)
    {
        if (timeoutMs == 0) timeoutMs = service.TimeoutMs;
        if (timeoutMs == 0) timeoutMs = (uint)Limits.TimeoutDefault.TotalMilliseconds;
        return around.NowMs + Math.Min(timeoutMs, (long)Limits.TimeoutMax.TotalMilliseconds);
    }

    /// <summary>What one more request of a session asks of a worker, whatever its message.</summary>
    private Demand DemandOf(UserSession session) => new(Bytes: 0, session.Jobs.Count + 1, around.NowMs);

    /// <summary>Why one more request is not taken; null when it is.</summary>
    private TriggerException? Overload(UserSession session, RequestId id, int bytes)
    {
        if (session.Jobs.ContainsKey(id.Value) || session.Listeners.ContainsKey(id.Value))
            return new(ErrorCode.Exists, $"request {id.Value} is under way already",
                "each request of a session has its own number");
        if (session.Jobs.Count >= Limits.RequestsPerSessionMax)
            return Busy($"{session.Jobs.Count} requests of this session are under way",
                "wait for answers before sending more");
        if (session.KeptBytes + bytes > Limits.RequestBytesPerSessionMax)
            return Busy($"{session.KeptBytes >> 20} MiB of requests of this session wait",
                "wait for answers before sending more");
        if (table.KeptBytes + bytes > Limits.RequestBytesMax)
            return Busy($"{table.KeptBytes >> 20} MiB of requests wait in the broker", "try again later");
        return around.IsDraining ? Drain.Refusal() : rates.Judge(session);
    }

    /// <summary>Why the trigger cannot be fired by this session; null when it can.</summary>
    public TriggerException? Judge(UserSession session, NodeId trigger)
    {
        if (!around.Roster.TryFindRoute(trigger, out TriggerRoute? route) || route.Node.Team != session.Team.Id)
            return new(ErrorCode.NotFound, "there is no such trigger", "it was deleted, or it never was");
        if (Permissions.MayFire(around.Roster, session.Actor, route.Node, route.Service) && route.Service is not null
            && route.Plugin.Length > 0)
            return null;
        string path = Encoding.UTF8.GetString(route.Path);
        if (!Permissions.Allow(session.Actor, Right.Use, route.Node))
            return new(ErrorCode.NotAllowed, $"trigger '{path}' is not yours to use",
                fix: $"ask its owner, {around.Roster.NameOf(route.Node.Owner)}, or an admin of the team");
        if (route.Service is null)
            return new(ErrorCode.Invalid, $"trigger '{path}' is not attached to a service", null,
                $"triggerfs cli -c 'set trigger {path} service attach SERVICE'");
        if (route.Plugin.Length == 0)
            return new(ErrorCode.Invalid, $"trigger '{path}' has no plugin", null,
                $"triggerfs cli -c 'set trigger {path} plugin command/command'");
        return new(ErrorCode.NotAllowed, $"the owner of trigger '{path}' may not use its service",
            fix: "ask an admin of the team");
    }

    private static TriggerException Busy(string why, string fix) =>
        new(ErrorCode.Busy, "the broker takes no more requests now", why, fix);

    // The same for a service that is not there and for one that the session may not use: names are not given away.
    private static TriggerException NoService(ReadOnlySpan<byte> name) =>
        new(ErrorCode.NotFound, $"there is no service '{NameRule.Shown(Encoding.UTF8.GetString(name))}'",
            "or you may not use it", "triggerfs cli -c 'show services'");

    private TriggerException NotAllowed(Service service) =>
        new(ErrorCode.NotAllowed, $"it is {service.Visibility.ToString().ToLowerInvariant()}",
            $"its owner is {around.Roster.NameOf(service.Owner)}");

    private static TriggerException NoPlugin() =>
        new(ErrorCode.Invalid, "the request names no plugin", fix: "say which: -plugin command/command");

    private static TriggerException TooManyHops(byte hops) =>
        new(ErrorCode.TooManyHops, $"{hops} runs led to this one",
            $"a chain may have {Limits.HopsMax}; most likely one of its triggers leads back to another",
            "look what the plugin of each trigger of the chain writes to");

    private static TriggerException TooLong(uint timeoutMs) =>
        new(ErrorCode.Invalid, $"a timeout of {timeoutMs} ms is too long",
            $"at most {Limits.TimeoutMax.TotalHours:0}h is allowed");
}
