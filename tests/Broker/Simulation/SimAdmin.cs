using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Broker.Simulation;

/// <summary>An admin who changes triggers while their messages wait and run.</summary>
sealed class SimAdmin(Sim sim) : SimPeer(sim)
{
    private readonly ulong _link = sim.Random64();
    private ulong _lastId;

    public override string ToString() => "admin";

    /// <summary>
    /// Changes how many run at once or which go first, or takes the trigger from its service and gives it back.
    /// </summary>
    public void Alter(SimTrigger trigger)
    {
        switch (Sim.Random.Next(3))
        {
            case 0:
                Manage(Verb.Set, trigger, Properties.MaxInflight, $"{Sim.Random.Next(3)}");
                break;
            case 1:
                Manage(Verb.Set, trigger, Properties.Priority, $"{Sim.Random.Next(10)}");
                break;
            default:
                Manage(Verb.Remove, trigger, Properties.Service, trigger.Service.Name.Value);
                GiveBack(trigger);
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

    /// <summary>Until it is so, whatever becomes of the connection.</summary>
    private void GiveBack(SimTrigger trigger) => Sim.At(Sim.NowMs + Sim.Random.Next(100, 3000), () =>
    {
        if (IsUp) Manage(Verb.Add, trigger, Properties.Service, trigger.Service.Name.Value);
        if (!IsUp || Sim.Random.Next(4) > 0) GiveBack(trigger);
    });

    protected override Hello Hello() =>
        new(PeerRole.Client, "team1", "hp", ProofKind.Secret, "right", "sim", _link);

    protected override void Accepted(Accepted welcome)
    {
    }

    protected override void Received(MessageKind kind, byte[] message)
    {
        if (kind == MessageKind.Refused) Sim.Ledger.Count("statement refused: " + Refused.Read(message).Code);
    }

    private void Manage(Verb verb, SimTrigger trigger, string property, params string[] values)
    {
        if (!IsUp) return;
        new Manage(new(++_lastId), verb, ObjectKind.Trigger, $"/d/{trigger.Name}", property, values).Write(Wire);
        Send();
    }
}
