namespace TriggerFs.Broker.Dispatch;

/// <summary>One worker, the next in turn that has a job free; the others are spares.</summary>
sealed class RoundRobin : IAlgorithm
{
    private int _turn;

    public Plan Next(ReadOnlySpan<Seat> seats, Demand demand)
    {
        for (int i = 0; i < seats.Length; i++)
        {
            int seat = (int)(((uint)_turn + (uint)i) % (uint)seats.Length);
            if (!seats[seat].IsReady(demand)) continue;
            _turn = seat + 1;
            return new(seat, Workers: 1, WaveSize: 1, Spares: true);
        }
        return new(First: -1, Workers: 1, WaveSize: 1, Spares: true);
    }
}
