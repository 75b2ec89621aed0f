using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Broker.Simulation;

/// <summary>An admin who changes triggers while their messages wait and run.</summary>
sealed class SimAdmin(Sim sim) : SimPeer(sim)
{
    private readonly ulong _link = sim.Random64();
    private readonly HashSet<ulong> _answered = [];
    private ulong _lastId;

    public override string ToString() => "admin";

    /// <summary>
    /// Changes how many run at once or which go first, takes the trigger from its service and gives it back, drops what
    /// waits, or sends again all that was given up.
    /// </summary>
    public void Alter(SimTrigger trigger)
    {
        switch (Sim.Random.Next(8))
        {
            case 0 or 1:
                Manage(Verb.Set, trigger, Properties.MaxInflight, $"{Sim.Random.Next(3)}");
                break;
            case 2 or 3:
                Manage(Verb.Set, trigger, Properties.Priority, $"{Sim.Random.Next(10)}");
                break;
            case 4:
                Manage(ObjectKind.Queue, Verb.Request, trigger, Properties.Drop);
                break;
            case 5:
                Manage(Verb.Request, trigger, Properties.RetryDead);
                break;
            default:
                Manage(Verb.Remove, trigger, Properties.Service, trigger.Service.Name.Value);
                GiveBack(trigger, asked: 0);
                break;
        }
    }

    /// <summary>It may have been sent again by now: that is refused.</summary>
    public void SendAgain(long letter)
    {
        if (!IsUp) return;
        new Manage(new(++_lastId), Verb.Request, ObjectKind.DeadLetter, $"{letter}", Properties.Retry, []).Write(Wire);
        Send();
    }

    /// <summary>Until the broker says that it is so: a statement may be lost with its connection.</summary>
    private void GiveBack(SimTrigger trigger, ulong asked) => Sim.At(Sim.NowMs + Sim.Random.Next(100, 3000), () =>
    {
        if (_answered.Remove(asked)) return;
        GiveBack(trigger, Manage(Verb.Add, trigger, Properties.Service, trigger.Service.Name.Value));
    });

    protected override Hello Hello() =>
        new(PeerRole.Client, "team1", "hp", ProofKind.Secret, "right", "sim", _link);

    protected override void Accepted(Accepted welcome)
    {
    }

    protected override void Received(MessageKind kind, byte[] message)
    {
        if (kind == MessageKind.Done) _answered.Add(Done.Read(message).Id.Value);
        if (kind != MessageKind.Refused) return;
        Refused refused = Refused.Read(message);
        _answered.Add(refused.Id.Value);
        Sim.Ledger.Count("statement refused: " + refused.Code);
    }

    /// <summary>The number of what was asked; 0 when nobody could be asked.</summary>
    private ulong Manage(Verb verb, SimTrigger trigger, string property, params string[] values) =>
        Manage(ObjectKind.Trigger, verb, trigger, property, values);

    private ulong Manage(ObjectKind kind, Verb verb, SimTrigger trigger, string property, params string[] values)
    {
        if (!IsUp) return 0;
        new Manage(new(++_lastId), verb, kind, $"/d/{trigger.Name}", property, values).Write(Wire);
        Send();
        return _lastId;
    }
}
