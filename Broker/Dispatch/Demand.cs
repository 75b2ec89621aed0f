namespace TriggerFs.Broker.Dispatch;

/// <summary>What a run asks of the worker that shall have it.</summary>
/// <param name="Bytes">Of its message.</param>
/// <param name="UnderWay">Requests of its sender that are under way, itself among them.</param>
/// <param name="NowMs">The moment.</param>
readonly record struct Demand(int Bytes, int UnderWay, long NowMs);
