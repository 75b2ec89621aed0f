using TriggerFs.Broker.Dispatch;
using TriggerFs.Broker.Sessions;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;

namespace TriggerFs.Broker;

/// <summary>What becomes of each kind of message.</summary>
sealed partial class BrokerState
{
    private void Hear(Peer peer, ReadOnlySpan<byte> message)
    {
        MessageKind kind = MessageCodec.KindOf(message);
        if (peer.Stage != PeerStage.Accepted) HearStranger(peer, kind, message);
        else if (!VerbTable.Allows(peer.Role, kind)) throw Unexpected(kind, $"a {peer.Role} may not send it");
        else if (peer.Worker is { } desk) HearWorker(peer, desk, kind, message);
        else HearUser(peer, peer.User!, kind, message);
    }

    private void HearStranger(Peer peer, MessageKind kind, ReadOnlySpan<byte> message)
    {
        switch (kind)
        {
            case MessageKind.Hello when peer.Stage == PeerStage.Stranger:
                _signIn.Hear(peer, Hello.Read(message));
                break;
            case MessageKind.SignUp when peer.Stage == PeerStage.Stranger:
                _signUps.Hear(peer, SignUp.Read(message));
                break;
            case MessageKind.Activate when peer.Stage == PeerStage.Stranger:
                _signUps.Hear(peer, Activate.Read(message));
                break;
            case MessageKind.Heartbeat:
                break;
            case MessageKind.Goodbye:
                if (peer.Stage == PeerStage.Checking) Forget(peer);
                _peers.Dismiss(peer, "it said goodbye");
                break;
            default:
                throw Unexpected(kind, "only Hello, or a signup, is heard before there is a session");
        }
    }

    private void HearWorker(Peer peer, WorkerDesk desk, MessageKind kind, ReadOnlySpan<byte> message)
    {
        switch (kind)
        {
            case MessageKind.Finished:
                _flow.Finished(desk, Finished.Read(message));
                break;
            case MessageKind.Output:
                _flow.Output(desk, Output.Read(message));
                break;
            case MessageKind.Started:
                _flow.Started(desk, Started.Read(message).Run);
                break;
            case MessageKind.Announce:
                Announced(desk, Announce.Read(message));
                break;
            case MessageKind.NewToken:
                if (_seal.MatchesNext(_around.Roster.Worker(desk.Id), NewToken.Read(message).Token)) TokenKept(desk.Id);
                break;
            case MessageKind.Goodbye:
                SaidGoodbye(peer, Goodbye.Read(message));
                _flow.SaidGoodbye(desk);
                break;
        }
    }

    private void HearUser(Peer peer, UserSession session, MessageKind kind, ReadOnlySpan<byte> message)
    {
        switch (kind)
        {
            case MessageKind.Request:
                _requests.Hear(session, Request.Read(message));
                break;
            case MessageKind.Rollout:
                Rollout rollout = Rollout.Read(message);
                _requests.Hear(session, rollout.Request, rollout.Rules);
                break;
            case MessageKind.Credit:
                Credit credit = Credit.Read(message);
                if (!_streams.Credit(session, credit)) _flow.Credit(session, credit);
                break;
            case MessageKind.Fire:
                Fire fire = Fire.Read(message);
                if ((fire.Flags & Fire.Asynchronous) != 0) _queue.Intake.Hear(session, fire);
                else _requests.Hear(session, fire);
                break;
            case MessageKind.Cancel:
                Cancel cancel = Cancel.Read(message);
                _flow.Cancel(session, cancel);
                _monitors.Cancel(session, cancel.Id);
                _streams.Cancel(session, cancel.Id);
                break;
            case MessageKind.Reclaim:
                _requests.Hear(session, Reclaim.Read(message));
                break;
            case MessageKind.Manage:
                _statements.Hear(session, Manage.Read(message));
                break;
            case MessageKind.Commit:
                _statements.Hear(session, Commit.Read(message));
                break;
            case MessageKind.Listen:
                _streams.Hear(session, Listen.Read(message));
                break;
            case MessageKind.Watch:
                _tree.Watch(session);
                break;
            case MessageKind.Goodbye:
                SaidGoodbye(peer, Goodbye.Read(message));
                _users.End(session);
                break;
        }
    }

    /// <summary>
    /// A worker is ready: for the first time in its session, or with another number of jobs or services.
    /// </summary>
    private void Announced(WorkerDesk desk, Announce announce)
    {
        if (announce.Jobs > Limits.JobsMax)
            throw new WireException("an Announce cannot be taken",
                $"{announce.Jobs} jobs are more than {Limits.JobsMax}");
        desk.Jobs = announce.Jobs;
        desk.Services.Clear();
        desk.Services.UnionWith(announce.Services);
        if (_around.NowMs < desk.NewsUntilMs) desk.Services.UnionWith(desk.News);
        if (announce.Plugins is { } plugins) desk.Plugins = _lanes.Shared(plugins);
        foreach (Seat seat in desk.Seats) seat.Lane.Announced(seat);
        bool isFirst = !desk.HasTakenUp;
        desk.HasTakenUp = true;
        if (isFirst) _flow.TakeUp(desk, announce.Held);
        if (isFirst) _mail.Back(desk.Id);
        if (isFirst) _monitors.WorkerCame(desk);
        Log.WorkerOnline(_around.Log, desk.Name, desk.Jobs, desk.Services.Count, announce.Held.Count);
        _flow.Shrunk(desk);
        _flow.Pump(desk);
        _queue.Pump();
    }

    /// <summary>It closes its connection soon; if it does not, we do.</summary>
    private void SaidGoodbye(Peer peer, Goodbye goodbye)
    {
        peer.Stage = PeerStage.Leaving;
        peer.PatienceEndMs = _around.NowMs + (long)Limits.HandshakeMax.TotalMilliseconds;
        if (peer.User is { } session)
            Log.UserLeft(_around.Log, session.Team.Name.Value, session.User.Name.Value, NameRule.Shown(goodbye.Reason));
    }

    private static WireException Unexpected(MessageKind kind, string why) =>
        new($"a message of kind {kind} was not expected", why);
}
