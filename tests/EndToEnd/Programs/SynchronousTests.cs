namespace TriggerFs.Tests.EndToEnd.Programs;

/// <summary>Programs that write to a trigger of <c>mode sync</c>: they are told how the run ended.</summary>
[Collection(nameof(ProgramSite))]
public sealed class SynchronousTests(ProgramSite site)
{
    private const string Failing = "exit 3\n";

    [SkippableTheory]
    [InlineData("bash", "echo exit 3 > $T", "Input/output error")]
    [InlineData("dash", "dash -c 'echo exit 3 > $T'", "I/O error")]
    [InlineData("echo", "/bin/echo exit 3 > $T", "Input/output error")]
    [InlineData("tee", "echo exit 3 | tee $T > out", "Input/output error")]
    [InlineData("dd", "echo exit 3 | dd of=$T status=none", "Input/output error")]
    [InlineData("cp", "echo exit 3 > x; cp x $T", "Input/output error")]
    [InlineData("cat", "echo exit 3 > x; cat x > $T", "Input/output error")]
    [InlineData("curl", "echo exit 3 > x; curl -sS -o $T file://$B/x", "curl: (23)")]
    [InlineData("perl", "perl -e 'open F, \">$ENV{T}\"; print F \"exit 3\\n\"; close F or die $!'", "output error")]
    [InlineData("python3", "echo \"open('$T', 'wb', 0).write(b'exit 3\\n')\" | /usr/bin/python3", "output error")]
    public async Task A_run_that_failed_is_an_error_of_the_program_that_wrote(
        string needs, string script, string says)
    {
        ProgramTrigger trigger = await site.TriggerAsync(mode: "sync", needs: needs);
        Ended ended = await trigger.RunAsync(script);
        Assert.NotEqual(0, ended.ExitCode);
        Assert.Contains(says, ended.Err);
        Assert.Equal([Failing], await trigger.SentAsync(1));
    }

    /// <summary>They keep what they could not write, and write it again before they give up.</summary>
    [SkippableTheory]
    [InlineData("rsync", "echo exit 3 > x; rsync --inplace x $T")]
    [InlineData("python3", "echo \"with open('$T', 'w') as f: f.write('exit 3\\n')\" | /usr/bin/python3")]
    public async Task Some_programs_try_a_run_that_failed_once_more(string needs, string script)
    {
        ProgramTrigger trigger = await site.TriggerAsync(mode: "sync", needs: needs);
        Assert.NotEqual(0, (await trigger.RunAsync(script)).ExitCode);
        Assert.Equal([Failing, Failing], await trigger.SentAsync(2));
    }

    [SkippableFact]
    public async Task A_run_that_went_well_is_over_when_the_write_returns()
    {
        ProgramTrigger trigger = await site.TriggerAsync(mode: "sync");
        string read = await trigger.MustRunAsync("for i in {1..20}; do echo $i > $T; cat $T; done");
        Assert.Equal(string.Concat(Enumerable.Range(1, 20).Select(i => $"{i}\n")), read);
        Assert.Equal(20, (await trigger.SentAsync(20)).Length);
    }
}
