using TriggerFs.Broker.Sessions;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Jobs;

/// <summary>How often each session and each team may send requests and messages, as the settings say.</summary>
sealed class SenderRates(Surroundings around)
{
    private const long SweepMs = 10_000;

    private readonly CallRates<SessionId> _sessions = new();
    private readonly CallRates<TeamId> _teams = new();
    private long _sweptMs;

    /// <summary>Why one more is not taken now; null when it is. Does not allocate for who is known.</summary>
    public TriggerException? Judge(UserSession session)
    {
        Rate ofSession = around.Options.SessionRate, ofTeam = around.Options.TeamRate;
        if (ofSession.IsLimit && _sessions.Take(session.Id, ofSession, around.NowMs) is var ownMs and > 0)
            return TooOften("this session", ofSession, ownMs);
        if (ofTeam.IsLimit && _teams.Take(session.Team.Id, ofTeam, around.NowMs) is var teamMs and > 0)
            return TooOften("this team", ofTeam, teamMs);
        return null;
    }

    /// <summary>Time passed: who may send as often as at first is forgotten.</summary>
    public void Tick()
    {
        if (around.NowMs - _sweptMs < SweepMs) return;
        _sweptMs = around.NowMs;
        _sessions.Sweep(around.NowMs);
        _teams.Sweep(around.NowMs);
    }

    private static TriggerException TooOften(string who, Rate rate, long waitMs) => new(
        ErrorCode.Busy, $"{who} sent too often", $"the broker allows {rate}",
        $"try again in {(waitMs + 999) / 1000} s");
}
