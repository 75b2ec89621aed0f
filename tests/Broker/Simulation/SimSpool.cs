using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Broker.Simulation;

/// <summary>
/// A mount as far as its spool goes: programs write, the spool has it on its disk, and sends in order until the broker
/// has it. A process that dies keeps what the kernel has; a host that dies loses what was not synced.
/// </summary>
sealed class SimSpool(Sim sim, int number, bool syncsEachWrite) : SimPeer(sim)
{
    private const int UnderWayMax = 8;

    private readonly ulong _spool = (ulong)number + 1;
    private readonly ulong _link = sim.Random64();
    private readonly Dictionary<ulong, ulong> _sent = [];
    private readonly Dictionary<SimTrigger, int> _counts = [];
    private List<Kept> _kept = [];
    private ulong _opening;
    private ulong _sequence;
    private ulong _lastId;
    private int _next;
    private bool _goesBack;
    private Accepted? _welcome;
    private bool _isJwtRefused;

    /// <summary>Messages that nobody else answers for.</summary>
    public int Depth => _kept.Count(message => !message.IsDone);

    public override string ToString() => $"spool{number}";

    /// <summary>A program writes to a trigger.</summary>
    public void Write(SimTrigger trigger)
    {
        if (!IsAlive) return;
        int count = _counts[trigger] = _counts.GetValueOrDefault(trigger) + 1;
        var message = new Kept(new(trigger, trigger.Payload(this, count)), ++_sequence, Sim.WallMs);
        _kept.Add(message);
        Later(syncsEachWrite ? Sim.Random.Next(1, 20) : 100, () => Synced(message));
        if (!syncsEachWrite) Accept(message);
    }

    /// <summary>Power is lost: so is what was not on the disk, and what that would have said is not promised.</summary>
    public void LosePower()
    {
        if (!IsAlive) return;
        foreach (Kept lost in _kept.Where(message => !message.IsSynced)) Sim.Messages.Excuse(lost.Message);
        _kept.RemoveAll(static message => !message.IsSynced);
        Die(isClean: false);
    }

    protected override Hello Hello() => _welcome is { } before && !_isJwtRefused
        ? new(PeerRole.Mount, "team1", "hp", ProofKind.Jwt, before.Jwt, "sim", _link)
        : new(PeerRole.Mount, "team1", "hp", ProofKind.Secret, "right", "sim", _link);

    protected override void Born()
    {
        _sequence = ++_opening << 32;
        // What its writer was not told of yet is there all the same, and is as safe as it will be.
        foreach (Kept message in _kept.Where(message => !message.IsAccepted)) Sim.Messages.Excuse(message.Message);
        foreach (Kept message in _kept) message.IsAccepted = message.IsSynced = true;
        // Which of them are done was not written down for all: these are sent again.
        foreach (Kept message in _kept) message.IsDone &= Sim.Random.Next(2) == 0;
        _kept.RemoveAll(static message => message.IsDone);
        SendAgain();
    }

    /// <summary>The clock of the broker has jumped: it signs in with its secret, as at first.</summary>
    protected override void TurnedOut(Refused refused) => _isJwtRefused = true;

    protected override void Died() => _welcome = null;

    protected override void WentDown() => SendAgain();

    protected override void Accepted(Accepted welcome)
    {
        (_welcome, _isJwtRefused) = (welcome, false);
        SendAgain();
        SendNext();
    }

    protected override void Received(MessageKind kind, byte[] message)
    {
        if (kind == MessageKind.Stored)
        {
            foreach (RequestId id in Stored.Read(message).Requests) Done(id.Value);
        }
        else if (kind == MessageKind.Refused && Refused.Read(message) is var refused
            && _sent.Remove(refused.Id.Value, out ulong sequence))
        {
            Ledger.Must(refused.Code is ErrorCode.Busy or ErrorCode.Storage,
                $"{this} was refused {sequence}: {refused.What}");
            _goesBack = true;
        }
        if (_goesBack && _sent.Count == 0) Later(Sim.Random.Next(50, 500), SendAgain);
        SendNext();
    }

    private void Synced(Kept message)
    {
        message.IsSynced = true;
        if (syncsEachWrite) Accept(message);
    }

    private void Accept(Kept message)
    {
        message.IsAccepted = true;
        Sim.Messages.Accept(message.Message, Sim.NowMs);
        SendNext();
    }

    private void Done(ulong id)
    {
        if (!_sent.Remove(id, out ulong sequence)) return;
        if (_kept.Find(message => message.Sequence == sequence) is { } stored) stored.IsDone = true;
        while (_kept.Count > 0 && _kept[0].IsDone && _next > 0)
        {
            _kept.RemoveAt(0);
            _next--;
        }
    }

    private void SendAgain()
    {
        (_next, _goesBack) = (0, false);
        _sent.Clear();
        SendNext();
    }

    private void SendNext()
    {
        while (IsUp && !_goesBack && _sent.Count < UnderWayMax && _next < _kept.Count && _kept[_next].IsAccepted)
        {
            Kept message = _kept[_next++];
            if (message.IsDone) continue;
            byte[] payload = Encoding.UTF8.GetBytes(message.Message.Payload);
            _sent.Add(++_lastId, message.Sequence);
            new Fire
            {
                Id = new(_lastId),
                Flags = Fire.Asynchronous,
                Trigger = message.Message.Trigger.Id,
                WrittenUnixMs = message.WrittenUnixMs,
                Message = new(new UInt128(_spool, message.Sequence)),
                Payload = payload,
            }.WriteHead(Wire);
            Send(payload, isDoubled: Sim.Random.Next(10) == 0);
        }
    }

    private sealed class Kept(SimMessage message, ulong sequence, long writtenUnixMs)
    {
        public SimMessage Message => message;

        public ulong Sequence => sequence;

        public long WrittenUnixMs => writtenUnixMs;

        public bool IsSynced { get; set; }

        public bool IsAccepted { get; set; }

        public bool IsDone { get; set; }
    }
}
