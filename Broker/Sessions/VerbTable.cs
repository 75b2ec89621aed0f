using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Sessions;

/// <summary>Which role may send which kind of message. One table; what no row allows is refused.</summary>
static class VerbTable
{
    private const byte User = 0b01;
    private const byte Worker = 0b10;

    private static readonly byte[] Rows = MakeRows();

    /// <summary>Whether somebody who was accepted in this role may send it.</summary>
    public static bool Allows(PeerRole role, MessageKind kind) =>
        (Rows[(int)kind] & (role == PeerRole.Worker ? Worker : User)) != 0;

    private static byte[] MakeRows()
    {
        byte[] rows = new byte[(int)MessageKind.Last + 1];
        rows[(int)MessageKind.Heartbeat] = User | Worker;
        rows[(int)MessageKind.Goodbye] = User | Worker;
        rows[(int)MessageKind.Request] = User;
        rows[(int)MessageKind.Rollout] = User;
        rows[(int)MessageKind.Fire] = User;
        rows[(int)MessageKind.Cancel] = User;
        rows[(int)MessageKind.Credit] = User;
        rows[(int)MessageKind.Reclaim] = User;
        rows[(int)MessageKind.Manage] = User;
        rows[(int)MessageKind.Commit] = User;
        rows[(int)MessageKind.Watch] = User;
        rows[(int)MessageKind.Listen] = User;
        rows[(int)MessageKind.Announce] = Worker;
        rows[(int)MessageKind.Started] = Worker;
        rows[(int)MessageKind.Output] = Worker;
        rows[(int)MessageKind.Finished] = Worker;
        rows[(int)MessageKind.NewToken] = Worker;
        return rows;
    }
}
