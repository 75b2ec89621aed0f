using System.Diagnostics;
using TriggerFs.Bench.Roles;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Bench;

/// <summary>Asks the site's worker to run a plugin, again and again, so many at once.</summary>
sealed class Asker : IAnswers
{
    private readonly UserSession _session;
    private readonly Meter _meter;
    private readonly CountdownEvent _done;
    private readonly byte[] _plugin;
    private readonly byte[] _message;
    private long _askedTicks;

    private Asker(UserSession session, Meter meter, CountdownEvent done, string plugin, string message)
    {
        (_session, _meter, _done) = (session, meter, done);
        _plugin = System.Text.Encoding.UTF8.GetBytes(plugin);
        _message = System.Text.Encoding.UTF8.GetBytes(message);
    }

    public bool ConsumesAtOnce => true;

    public static async Task<UserSession> ConnectAsync(Site site)
    {
        UserSession session = BenchSession.New(PeerRole.Client, site.Address, site.Key);
        await session.OpenAsync(TimeSpan.FromSeconds(10), default);
        return session;
    }

    public static Result Measure(Plan plan, UserSession session, string plugin, string message, int atOnce)
    {
        var meter = new Meter(new(0, atOnce), plan.WarmUp, plan.Measure);
        using var done = new CountdownEvent(atOnce);
        session.Post(() =>
        {
            for (int i = 0; i < atOnce; i++) new Asker(session, meter, done, plugin, message).Ask();
        });
        done.Wait();
        return meter.Result();
    }

    public void Dispatched(Dispatched dispatched)
    {
    }

    public void Output(in Output output)
    {
    }

    public void Finished(in Finished finished)
    {
        if (finished.Outcome != Outcome.Done || finished.ExitCode != 0)
            Environment.FailFast($"{finished.Outcome} {System.Text.Encoding.UTF8.GetString(finished.Detail)}");
        if (_meter.Answered(_askedTicks, Stopwatch.GetTimestamp())) Ask();
        else _done.Signal();
    }

    public void Failed(TriggerException problem) => Environment.FailFast(problem.Report());

    private void Ask()
    {
        _askedTicks = Stopwatch.GetTimestamp();
        _session.Ask("worker1"u8, _plugin, default, _message, TimeSpan.Zero, flags: 0, this);
    }
}
