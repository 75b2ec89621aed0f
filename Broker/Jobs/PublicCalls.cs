using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Sessions;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Jobs;

/// <summary>
/// Calls of public services by users of other teams: not more often than the service's rate, and its team sees who
/// called. Requests within a team do not come here.
/// </summary>
sealed class PublicCalls(Surroundings around, AuditTrail audit)
{
    private const long SweepMs = 10_000;

    private readonly CallRates<(ServiceId, UserId)> _rates = new();
    private long _sweptMs;

    /// <summary>Why the call is not taken; null when it is. Does not allocate for a caller who is known.</summary>
    public TriggerException? Judge(UserSession session, Service service, RunId parent)
    {
        Rate rate = service.CallRate;
        if (rate.IsLimit && _rates.Take((service.Id, session.User.Id), rate, around.NowMs) is var waitMs and > 0)
        {
            var refusal = new TriggerException(ErrorCode.Busy, $"service '{service.Name}' was called too often",
                $"its team allows each user of other teams {rate}", $"try again in {(waitMs + 999) / 1000} s");
            audit.Refuse(session, $"call service {service.Name}", refusal, service.Team, parent);
            return refusal;
        }
        audit.Call(session, service, parent);
        return null;
    }

    /// <summary>Time passed: callers who may call as often as at first are forgotten.</summary>
    public void Tick()
    {
        if (around.NowMs - _sweptMs < SweepMs) return;
        _sweptMs = around.NowMs;
        _rates.Sweep(around.NowMs);
    }
}
