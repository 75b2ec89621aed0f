using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Worker.BuiltIn;

/// <summary><c>ssh/run</c> with a real sshd.</summary>
public sealed class SshPluginTests(SshDaemon daemon) : IClassFixture<SshDaemon>, IDisposable
{
    private readonly Yard _yard = new(
    [
        Yard.Section("ssh/run", null, ["root@127.0.0.1"], ("port", daemon.Port), ("identity", daemon.Key),
            ("knownhosts", daemon.KnownHosts)),
        Yard.Section("count/lines", "ssh/run", ["root@127.0.0.1"], ("port", daemon.Port), ("identity", daemon.Key),
            ("knownhosts", daemon.KnownHosts), ("host", "127.0.0.1"), ("user", "root"), ("command", "wc -l")),
    ]);

    public void Dispose() => _yard.Dispose();

    [SkippableFact]
    public void The_message_is_a_command_of_the_other_host_and_its_exit_code_is_the_answer()
    {
        Skip.If(daemon.Missing is not null, daemon.Missing);
        (End end, string output, string error) = _yard.Run("ssh/run", "echo \"$((40+2)) '*'\"; echo odd >&2; exit 3\n",
            30_000, ("host", "127.0.0.1"), ("user", "root"));
        Assert.Equal((Outcome.Done, 3, "42 '*'\n", "odd\n"), (end.Outcome, end.ExitCode, output, error));
    }

    [SkippableFact]
    public void Where_the_settings_give_the_command_the_message_is_what_it_reads()
    {
        Skip.If(daemon.Missing is not null, daemon.Missing);
        Assert.Equal("2\n", _yard.Do("count/lines", "a\n$(touch /nothing)\n"));
        Assert.Contains("cannot be chosen", _yard.Refusal("count/lines", "x", ("command", "id")));
    }

    [SkippableFact]
    public void A_host_whose_key_is_not_known_is_not_trusted()
    {
        Skip.If(daemon.Missing is not null, daemon.Missing);
        using var yard = new Yard(
        [
            Yard.Section("ssh/run", null, ["*"], ("port", daemon.Port), ("identity", daemon.Key),
                ("knownhosts", "/dev/null")),
        ]);
        (End end, _, string error) = yard.Run("ssh/run", "id", 30_000, ("host", "127.0.0.1"), ("user", "root"));
        Assert.Equal(255, end.ExitCode);
        Assert.Contains("Host key verification failed", error);
    }
}
