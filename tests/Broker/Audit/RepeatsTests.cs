using TriggerFs.Broker.Audit;

namespace TriggerFs.Tests.Broker.Audit;

public sealed class RepeatsTests
{
    private readonly Repeats _repeats = new(kindsMax: 256);
    private readonly List<AuditEntry> _told = [];

    [Fact]
    public void The_first_is_told_at_once_and_those_after_it_in_one_line_ten_minutes_later()
    {
        Happen("10.0.0.1", "hp", times: 1000);
        Assert.Equal("hp", Assert.Single(_told).What);
        _repeats.Sweep(Repeats.WindowMs - 1, _told.Add);
        Assert.Single(_told);
        _repeats.Sweep(Repeats.WindowMs, _told.Add);
        Assert.Equal(("hp", 999L), (_told[1].What, _told[1].Times));
        Happen("10.0.0.1", "hp", times: 1);
        Assert.Equal(3, _told.Count);
    }

    [Fact]
    public void One_who_makes_up_names_does_not_hide_what_others_do()
    {
        for (int n = 0; n < 10_000; n++) Happen("10.0.0.1", $"made up {n}", times: 1);
        Assert.Equal(Repeats.KindsOfOneMax + 1, _told.Count);
        Happen("10.0.0.2", "hp", times: 1);
        Assert.Equal("hp", _told[^1].What);
        _told.Clear();
        _repeats.Sweep(Repeats.WindowMs, _told.Add);
        AuditEntry rest = Assert.Single(_told);
        Assert.Equal(("others", 10_000L - Repeats.KindsOfOneMax - 1), (rest.What, rest.Times));
    }

    [Fact]
    public void A_flood_from_everywhere_is_bounded_and_counted()
    {
        for (int n = 0; n < 100_000; n++) Happen($"10.0.{n / 256}.{n % 256}", "hp", times: 1);
        Assert.Equal(256, _told.Count);
        _told.Clear();
        _repeats.Sweep(Repeats.WindowMs, _told.Add);
        Assert.Equal(100_000 - 256, Assert.Single(_told).Times);
        _told.Clear();
        _repeats.Sweep(long.MaxValue, _told.Add);
        Assert.Empty(_told);
    }

    private void Happen(string owner, string what, int times)
    {
        var key = new RepeatKey(owner, what);
        for (int n = 0; n < times; n++)
        {
            if (_repeats.Count(key, nowMs: 0)) continue;
            var entry = new AuditEntry { What = what };
            _repeats.Begin(key, entry, nowMs: 0);
            _told.Add(entry);
        }
    }
}
