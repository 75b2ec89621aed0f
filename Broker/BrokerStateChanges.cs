using TriggerFs.Broker.Access;
using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Sessions;
using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;

namespace TriggerFs.Broker;

/// <summary>Peers that go, and changes of what is stored, which peers feel.</summary>
sealed partial class BrokerState
{
    /// <summary>Tells a peer why, and closes it. What it had under way is treated as on a link that broke.</summary>
    private void TurnOut(Peer peer, TriggerException why, bool mayReturn = true)
    {
        if (peer.Stage == PeerStage.Checking) Forget(peer);
        _peers.Refuse(peer, default, why);
        _peers.Dismiss(peer, why.Message);
        LoseLink(peer, LinkEnd.Broken, why.Message, mayReturn);
    }

    /// <summary>The peer goes while it is checked who it is, or while its account is made.</summary>
    private void Forget(Peer peer)
    {
        _signIn.Forget(peer);
        _signUps.Forget(peer);
    }

    private void TurnOutLate(Peer peer)
    {
        if (peer.Stage == PeerStage.Leaving)
        {
            _peers.Dismiss(peer, "it said goodbye and did not go");
        }
        else if (peer.Stage == PeerStage.Stranger)
        {
            TurnOut(peer, new(ErrorCode.Protocol, "no Hello came",
                $"it is due within {Limits.HandshakeMax.TotalSeconds:0} s of connecting"));
        }
        else
        {
            Log.Silent(_around.Log, NameOf(peer), _around.NowMs - peer.HeardMs);
            TurnOut(peer, new(ErrorCode.TimedOut, "nothing was heard for too long",
                $"{_around.Options.SilenceMs} ms without a heartbeat", "connect again"));
        }
    }

    private void LoseLink(Peer peer, LinkEnd end, string why, bool mayReturn)
    {
        if (peer.User is { } session)
        {
            Log.UserLeft(_around.Log, session.Team.Name.Value, session.User.Name.Value, why);
            _users.Detach(session);
        }
        if (peer.Worker is { } desk)
        {
            _monitors.WorkerWent(desk, why);
            peer.Worker = null;
            desk.Peer = null;
            desk.LastHeardMs = peer.HeardMs;
            Log.WorkerOffline(_around.Log, desk.Name, end, why, desk.Runs.Count);
            if (mayReturn) _mail.Lost(desk.Id, why);
            _flow.Left(desk, end, mayReturn);
        }
    }

    /// <summary>A statement's changes are stored and in the roster: those whom they concern hear of it.</summary>
    private void Apply(IReadOnlyList<Change> changes, RosterDelta delta)
    {
        foreach (Change change in changes)
        {
            if (change is Change.PutWorker(var worker)) Look(worker);
            else if (change is Change.PutRevision(var revision)) _confirmations.Look(revision);
        }
        foreach (ServiceId id in delta.DroppedServices)
            if (_lanes.Drop(id) is { } lane) _flow.LaneGone(lane);
        foreach (WorkerId id in delta.DroppedWorkers) Dismiss(id);
        foreach (Service service in delta.Services) Look(service);
        foreach (long id in delta.Reassigned)
            if (_lanes.Find(new(id)) is { } desk) _signIn.Assign(desk);
        foreach (UserId id in delta.Users) Judge(id);
        _users.Changed(delta);
        _tree.Changed(delta);
        foreach (Change change in changes)
        {
            if (change is Change.PutMessage or Change.DropDeadLetter) _queue.Intake.Repeat(change);
            if (change is Change.PutMessage put) _queue.Restore(put.Message);
            else if (change is Change.DropMessage drop) _queue.Dismiss(drop);
        }
        _queue.Changed();
        _mail.Changed(changes);
        foreach (Lane lane in _lanes.All)
            if (lane.Held.Count > 0) _inflight.Changed(lane);
        _streams.Changed(delta.Services);
    }

    /// <summary>A worker changed: its name, or the tokens that it proves itself with.</summary>
    private void Look(Worker worker)
    {
        if (_lanes.Find(worker.Id) is not { } desk) return;
        desk.Rename(worker.Name.Value);
        if (desk.Peer is not { } peer) return;
        if (desk.Generation == Claims.GenerationOf(worker)) _signIn.TellToken(desk);
        else TurnOut(peer, new(ErrorCode.Unauthenticated, "the token of this worker was changed", null,
            $"put the new one into its settings: triggerfs cli -c 'show workers {worker.Name} token'"));
    }

    /// <summary>A worker has its next token where it survives: the one before is worth nothing from now on.</summary>
    private void TokenKept(WorkerId id)
    {
        if (_around.Roster.Worker(id) is not { IsRotating: true } told) return;
        if (_lanes.Find(id) is { } desk)
            desk.Generation = Claims.GenerationOf(told with { SealedToken = told.SealedNext });
        _statements.Do($"worker {told.Name} keeps its new token", () =>
            _around.Roster.Worker(id) is { } now && now.SealedNext == told.SealedNext
                ? [new Change.PutWorker(now with { SealedToken = now.SealedNext, SealedNext = [] })] : []);
    }

    /// <summary>A service changed: those who wait for it look again.</summary>
    private void Look(Service service)
    {
        if (_around.Roster.Service(service.Id) is not { } current || !_lanes.Has(current)) return;
        Lane lane = _lanes.Of(current);
        _flow.LaneShrunk(lane);
        foreach (Seat seat in lane.Seats) _flow.Pump(seat.Desk);
    }

    private void Dismiss(WorkerId id)
    {
        _mail.Forget(id);
        if (_lanes.Find(id)?.Peer is { } peer)
            TurnOut(peer, new(ErrorCode.Unauthenticated, "this worker was deleted"), mayReturn: false);
        else if (_lanes.Find(id) is { } desk) _flow.Left(desk, LinkEnd.Dismissed, mayReturn: false);
        if (_lanes.Drop(id) is { } lane) _flow.LaneGone(lane);
    }

    /// <summary>
    /// A worker's session ends. One that is to begin again has its runs with it; one that ends for good leaves them.
    /// </summary>
    private void CarryOut(WorkerOrder order)
    {
        if (_lanes.Find(order.Worker)?.Peer is not { } peer) return;
        if (order.IsForGood)
            TurnOut(peer, new(ErrorCode.Cancelled, $"this worker was shut down by {order.By}"), mayReturn: false);
        else TurnOut(peer, new(ErrorCode.Busy, $"{order.By} wants this worker to connect again"));
    }

    /// <summary>A user's rights may have changed: the sessions that this touches end.</summary>
    private void Judge(UserId id)
    {
        foreach (UserSession session in _users.All.Where(session => session.User.Id == id).ToArray())
        {
            SessionFate fate = _users.Judge(session);
            if (fate == SessionFate.GoesOn) continue;
            if (session.Peer is { } peer)
            {
                if (fate == SessionFate.MayReturn) SendAway(peer, "the secret or the role was changed: sign in again");
                else TurnOut(peer, new(ErrorCode.Unauthenticated, "this identity may not sign in any more"));
            }
            _users.End(session);
        }
    }

    /// <summary>Ends a session whose peer may come back by itself and prove who it is.</summary>
    private void SendAway(Peer peer, string why)
    {
        new Goodbye(why).Write(_around.Wire);
        _peers.Send(peer);
        _peers.Dismiss(peer, why);
        LoseLink(peer, LinkEnd.Dismissed, why, mayReturn: true);
    }

    private Lane? LaneOf(WorkerDesk desk, string service)
    {
        if (_around.Roster.Worker(desk.Id) is not { } worker) return null;
        Service? found = _around.Roster.FindService(worker.Team, service)
            ?? _around.Roster.FindService(worker.Team, desk.Name);
        return found is null ? null : _lanes.Of(found);
    }

    private static string NameOf(Peer peer) =>
        peer.Worker is { } desk ? $"worker {desk.Name}"
        : peer.User is { } session ? $"{session.Team.Name}/{session.User.Name}" : peer.Address;
}
