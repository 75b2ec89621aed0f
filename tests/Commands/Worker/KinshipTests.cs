using TriggerFs.Commands.Worker;

namespace TriggerFs.Tests.Commands.Worker;

public sealed class KinshipTests
{
    private const int Self = 100, Session = 90;

    private readonly Kinship _kinship = new(Self, Session);
    private readonly Family _family = new(run: 7, startTicks: 1000) { Leader = 200, LaunchedTicks = 1001 };

    private (int[] Members, int[] Strays) Sort(ProcessEntry[] table, params Family[] families)
    {
        var members = new List<(ProcessEntry Process, Family Family)>();
        var strays = new List<ProcessEntry>();
        ProcessEntry init = new(1, 0, 1, 1, 0, false);
        ProcessEntry worker = new(Self, 1, Self, Session, 500, false);
        _kinship.Sort([init, worker, .. table], families, members, strays);
        return ([.. members.Select(one => one.Process.Pid).Order()], [.. strays.Select(one => one.Pid).Order()]);
    }

    [Fact]
    public void The_leader_its_group_and_its_session_belong_to_the_run() => Assert.Equal([200, 201, 202],
        Sort(
        [
            new(200, Self, 200, 200, 1001, false), new(201, 1, 200, 5, 1002, false), new(202, 1, 9, 200, 1002, false),
        ], _family).Members);

    [Fact]
    public void Descendants_belong_to_it_wherever_they_went() => Assert.Equal([200, 201, 202],
        Sort(
        [
            new(202, 201, 202, 202, 1003, false), new(201, 200, 201, 201, 1002, false),
            new(200, Self, 200, 200, 1001, false),
        ], _family).Members);

    [Fact]
    public void An_orphan_with_the_runs_mark_belongs_to_it_and_its_children_do() => Assert.Equal([300, 301],
        Sort([new(300, Self, 300, 300, 1002, false, Mark: 7), new(301, 300, 301, 301, 1003, false)], _family).Members);

    [Fact]
    public void An_orphan_that_was_seen_below_the_run_before_belongs_to_it_still()
    {
        Sort([new(200, Self, 200, 200, 1001, false), new(300, 200, 300, 300, 1002, false)], _family);
        _family.LeaderReaped = true;
        Assert.Equal([300], Sort([new(300, Self, 300, 300, 1002, false)], _family).Members);
    }

    [Fact]
    public void Another_process_that_got_an_orphans_number_does_not()
    {
        Sort([new(200, Self, 200, 200, 1001, false), new(300, 200, 300, 300, 1002, false)], _family);
        Assert.Empty(Sort([new(300, 1, 300, 300, 5000, false)], _family).Members);
    }

    [Fact]
    public void A_process_that_got_the_leaders_number_leads_nobody_of_the_run()
    {
        _family.LeaderReaped = true;
        Assert.Empty(Sort([new(200, 1, 200, 200, 5000, false), new(201, 200, 200, 200, 5001, false)], _family).Members);
    }

    [Fact]
    public void An_unknown_orphan_is_a_stray_only_when_no_run_can_be_its_own()
    {
        ProcessEntry orphan = new(300, Self, 300, 300, 1002, false);
        Assert.Empty(Sort([orphan], _family).Strays);
        Assert.Equal([300], Sort([orphan], new Family(8, startTicks: 1003)).Strays);
        _family.State = FamilyState.Over;
        Assert.Equal([300], Sort([orphan], _family).Strays);
    }

    [Fact]
    public void A_child_in_the_workers_own_session_is_nobodys_business() =>
        Assert.Equal(([], []), Sort([new(300, Self, 300, Session, 1002, false)], _family));

    [Fact]
    public void Numbers_that_make_a_circle_do_not_hang_it() =>
        Assert.Empty(Sort([new(300, 301, 300, 300, 1, false), new(301, 300, 300, 300, 1, false)], _family).Members);

    [Fact]
    public void The_name_of_a_process_may_hold_anything() => Assert.Equal(
        new ProcessEntry(42, 3, 4, 5, 77, true),
        ProcessTable.Parse("42 (a) R 9 (b) Z 3 4 5 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 77 9"u8));

    [Fact]
    public void The_mark_is_found_among_other_variables() =>
        Assert.Equal(18446744073709551615, ProcessTable.MarkIn("A=1\0TRIGGERFS_RUN_ID=18446744073709551615\0B=2\0"u8));
}
