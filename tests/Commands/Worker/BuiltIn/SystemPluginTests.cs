using System.Diagnostics;
using TriggerFs.Commands.Worker.BuiltIn;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Worker.BuiltIn;

/// <summary>The plugins that could do harm: they do what the settings allow, and nothing without.</summary>
public sealed class SystemPluginTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A process of a name that nothing else has.</summary>
    private Process Sleeper(out string name)
    {
        name = $"sl{Random.Shared.Next(100_000, 999_999)}";
        string path = Path.Combine(_folder.Path, name);
        File.Copy("/bin/sleep", path);
        return Process.Start(path, "600");
    }

    [Theory]
    [InlineData("system/service", "service", "nginx")]
    [InlineData("system/kill", "name", "nginx")]
    [InlineData("ssh/run", "host", "web1")]
    [InlineData("ansible/playbook", "playbook", "/etc/ansible/site.yml")]
    public void Without_a_word_in_the_settings_nothing_is_allowed(string plugin, string key, string value)
    {
        using var yard = new Yard();
        string told = yard.Refusal(plugin, "status", (key, value));
        Assert.Contains($"{plugin} must not touch '{value}' here: the worker's settings allow nothing", told);
        Assert.Contains($"[plugins.\"{plugin}\"]", told);
    }

    [Fact]
    public void What_no_pattern_allows_is_refused_with_the_patterns()
    {
        using var yard = new Yard(
        [
            Yard.Section("system/service", null, ["nginx", "php*-fpm"]),
            Yard.Section("web/ssh", "ssh/run", ["deploy@web*"]),
            Yard.Section("ansible/playbook", null, ["/etc/ansible/*"]),
        ]);
        Assert.Contains("they allow nginx, php*-fpm",
            yard.Refusal("system/service", "stop", ("service", "sshd")));
        Assert.Contains("'root@web1'", yard.Refusal("web/ssh", "id", ("host", "web1"), ("user", "root")));
        Assert.Contains("'web1'", yard.Refusal("web/ssh", "id", ("host", "web1")));
        Assert.Contains("'/etc/shadow'",
            yard.Refusal("ansible/playbook", "", ("playbook", "/etc/ansible/../shadow")));
    }

    [Theory]
    [InlineData("system/service", "service", "-H")]
    [InlineData("system/service", "service", "a b")]
    [InlineData("ssh/run", "host", "-oProxyCommand=id")]
    [InlineData("ssh/run", "user", "-x")]
    [InlineData("ansible/playbook", "limit", "$(id)")]
    public void Nothing_of_a_request_is_taken_for_an_option(string plugin, string key, string value)
    {
        using var yard = new Yard([Yard.Section(plugin, null, ["*"])]);
        (string, string)[] args = plugin == "ssh/run" && key != "host" ? [("host", "h"), (key, value)]
            : plugin == "ansible/playbook" ? [("playbook", "/x"), (key, value)] : [(key, value)];
        Assert.Contains($"'{key}' is wrong", yard.Refusal(plugin, "status", args));
    }

    [Fact]
    public void A_process_that_is_allowed_gets_the_signal_and_another_one_does_not()
    {
        using Process one = Sleeper(out string name), other = Sleeper(out string otherName);
        using var yard = new Yard([Yard.Section("system/kill", null, [name])]);
        Assert.Equal($"{one.Id}\n", yard.Do("system/kill", "", ("name", name)));
        Assert.True(one.WaitForExit(10_000));
        Assert.Equal(128 + 15, one.ExitCode);
        Assert.Contains("must not touch", yard.Refusal("system/kill", "", ("name", otherName)));
        Assert.False(other.HasExited);
        other.Kill();
        other.WaitForExit();
        Assert.Contains("none has that name", yard.Failure(69, "system/kill", "", ("name", name)));
    }

    [Fact]
    public void A_worker_does_not_signal_itself_or_what_it_runs_in()
    {
        HashSet<int> spared = KillWork.Ancestors();
        Assert.Contains(Environment.ProcessId, spared);
        Assert.Contains(1, spared);
    }

    [SkippableFact]
    public void Systemctl_gets_its_words_as_they_are()
    {
        Skip.IfNot(File.Exists("/usr/bin/systemctl") || File.Exists("/bin/systemctl"), "systemd is needed");
        using var yard = new Yard([Yard.Section("system/service", null, ["no-such-*"])]);
        (End end, string output, string error) =
            yard.Run("system/service", "status\n", 30_000, ("service", "no-such-unit"));
        Assert.Equal(Outcome.Done, end.Outcome);
        // Which of the two it says depends on whether systemd runs here at all.
        Assert.Matches("no-such-unit.service could not be found|not been booted with systemd", output + error);
        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains("nothing to do with a service",
            yard.Refusal("system/service", "mask", ("service", "no-such-unit")));
    }

    [SkippableFact]
    public void A_playbook_gets_the_message_as_its_variables()
    {
        Skip.IfNot(File.Exists("/usr/bin/ansible-playbook"), "ansible-core is needed");
        string made = Path.Combine(_folder.Path, "made");
        string playbook = _folder.Write("site.yml", $$$"""
            - hosts: localhost
              connection: local
              gather_facts: false
              tasks:
                - copy: { content: "version {{ version }}, {{ note }}\n", dest: "{{{made}}}" }
            """);
        using var yard = new Yard([Yard.Section("ansible/playbook", null, [_folder.Path + "/*"])]);
        string output = yard.Do(
            "ansible/playbook", """{"version": 7, "note": "it's \"new\" $(id)"}""", ("playbook", playbook));
        Assert.Contains("changed=1", output);
        Assert.Equal("version 7, it's \"new\" $(id)\n", File.ReadAllText(made));
        End missing = yard.Run("ansible/playbook", "", 30_000, ("playbook", $"{_folder.Path}/none.yml")).End;
        Assert.NotEqual(0, missing.ExitCode);
    }

    [Fact]
    public void A_template_in_the_variables_of_a_playbook_is_refused_however_it_is_written()
    {
        using var yard = new Yard([Yard.Section("ansible/playbook", null, ["*"])]);
        foreach (string message in (string[])["""{"a":"{{ 1 }}"}""", """{"a":["\u007b\u007b x }}"]}""", """{"{%":1}"""])
            Assert.Contains("has a template", yard.Refusal("ansible/playbook", message, ("playbook", "/x.yml")));
        Assert.Contains("no JSON object", yard.Refusal("ansible/playbook", "[1]", ("playbook", "/x.yml")));
    }
}
