using TriggerFs.Broker.Dispatch;

namespace TriggerFs.Tests.Broker.Dispatch;

public sealed class FairRoundsTests
{
    private readonly FairRounds<string> _rounds = new();

    [Fact]
    public void Whoever_comes_anew_has_its_turn_in_the_round_that_is_under_way_before_those_who_stood_there_longer()
    {
        long[] flood = [.. Enumerable.Range(0, 10).Select(_ => _rounds.Join("flood"))];
        _rounds.Take("flood", flood[0]);
        _rounds.Take("flood", flood[1]);
        Assert.Equal(flood[1] - 1, _rounds.Join("other"));
    }

    [Fact]
    public void Whoever_had_its_turn_has_the_next_one_in_the_next_round_even_if_it_stood_in_no_line_meanwhile()
    {
        long flood = _rounds.Join("flood");
        long other = _rounds.Join("other");
        long next = _rounds.Join("flood");
        _rounds.Take("flood", flood);
        _rounds.Take("other", other);
        Assert.Equal(next, _rounds.Join("other"));
        _rounds.Leave("other");
        Assert.Equal(next + 2, _rounds.Join("other"));
    }

    [Fact]
    public void Whoever_went_away_without_its_turn_has_lost_nothing()
    {
        long first = _rounds.Join("other");
        for (int time = 0; time < 100; time++)
        {
            _rounds.Leave("other");
            Assert.Equal(first, _rounds.Join("other"));
        }
    }

    [Fact]
    public void Ever_new_ones_who_come_once_do_not_keep_one_waiting_who_had_its_turn()
    {
        _rounds.Take("flood", _rounds.Join("flood"));
        long flood = _rounds.Join("flood");
        int before = 0;
        while (_rounds.Join($"new{before}") is { } round && round < flood) _rounds.Take($"new{before++}", round);
        Assert.InRange(before, 1, 1000);
    }

    [Fact]
    public void One_that_came_back_is_before_all_others()
    {
        Assert.True(_rounds.Join("other") > FairRounds<string>.BeforeAll);
        _rounds.JoinAgain("flood", FairRounds<string>.BeforeAll);
        _rounds.Take("flood", FairRounds<string>.BeforeAll);
        Assert.True(_rounds.Join("flood") > FairRounds<string>.BeforeAll);
    }
}
