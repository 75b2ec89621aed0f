using TriggerFs.Commands;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Worker.Plugins;

/// <summary>What a name finds, and what is refused; each with its own words.</summary>
public sealed class FindingTests : IDisposable
{
    private const string Hello = "#!/bin/sh\necho hello\n";

    private readonly Workshop _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public void What_is_not_there_is_127_with_the_names_that_are_close()
    {
        _shop.Program("metrics/graphite", Hello);
        string why = _shop.Refusal(127, "metrics/graphit");
        Assert.Equal("this worker has no plugin 'metrics/graphit'; did you mean 'metrics/graphite'?", why);
    }

    [Fact]
    public void What_is_not_executable_is_126_with_what_mends_it()
    {
        string path = _shop.Program("plain", Hello, mode: 0x1A4);
        string why = _shop.Refusal(126, "plain");
        Assert.Equal($"{path} is not executable; chmod +x {path}", why);
    }

    [Fact]
    public void A_name_with_dots_does_not_lead_out()
    {
        File.WriteAllText($"{_shop.Beside}/outside", Hello);
        Assert.Contains("'..' leads out", _shop.Refusal(126, "../outside"));
        Assert.Contains("'..' leads out", _shop.Refusal(126, "a/../../outside"));
    }

    [Fact]
    public void An_absolute_name_is_refused() =>
        Assert.Contains("it is an absolute path", _shop.Refusal(126, "/bin/true"));

    [Theory]
    [InlineData("a//b")]
    [InlineData(".hidden")]
    [InlineData("a b")]
    [InlineData("")]
    public void What_cannot_be_a_name_is_refused(string name) =>
        Assert.Contains("cannot be the name of a plugin", _shop.Refusal(126, name));

    [Fact]
    public void A_link_that_leads_out_is_refused()
    {
        File.CreateSymbolicLink($"{_shop.Path}/out", "/bin/true");
        Assert.Contains("is a link that leads out of the folder: it leads to /", _shop.Refusal(126, "out"));
    }

    [Fact]
    public void A_folder_that_is_a_link_and_leads_out_is_refused()
    {
        Directory.CreateSymbolicLink($"{_shop.Path}/bin", "/bin");
        Assert.Contains("leads out", _shop.Refusal(126, "bin/true"));
    }

    [Fact]
    public void A_link_within_the_folder_is_followed()
    {
        _shop.Program("v2/tool", Hello);
        File.CreateSymbolicLink($"{_shop.Path}/tool", "v2/tool");
        Assert.Equal("hello\n", _shop.Run("tool").Out);
    }

    [Fact]
    public void Links_in_a_circle_are_refused()
    {
        File.CreateSymbolicLink($"{_shop.Path}/a", "b");
        File.CreateSymbolicLink($"{_shop.Path}/b", "a");
        Assert.Contains("its links lead in a circle", _shop.Refusal(126, "a"));
    }

    [Fact]
    public void The_settings_folder_may_itself_be_a_link()
    {
        _shop.Program("tool", Hello);
        Directory.CreateSymbolicLink($"{_shop.Beside}/link", _shop.Path);
        using var shop = new Workshop(policy => policy with { PluginsPath = [$"{_shop.Beside}/link"] });
        Assert.Equal("hello\n", shop.Run("tool").Out);
    }

    [SkippableFact]
    public void A_worker_that_is_root_runs_nothing_that_others_can_change()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "only a worker that is root is so careful");
        string file = _shop.Program("tool", Hello, mode: 0x1FF);
        Assert.Contains($"{file} can be changed by everybody", _shop.Refusal(126, "tool"));
        _shop.Program("tool", Hello);
        File.SetUnixFileMode(_shop.Path, (UnixFileMode)0x1FF);
        Assert.Contains($"{_shop.Path} can be changed by everybody", _shop.Refusal(126, "tool"));
        File.SetUnixFileMode(_shop.Path, (UnixFileMode)0x1ED);
        Assert.Equal("hello\n", _shop.Run("tool").Out);
    }

    [SkippableFact]
    public void A_worker_that_is_root_runs_nothing_that_belongs_to_somebody_else()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "only a worker that is root is so careful");
        string file = _shop.Program("tool", Hello);
        Assert.Equal(0, Chown(file, 65534, 0));
        Assert.Contains($"{file} belongs to user 65534", _shop.Refusal(126, "tool"));
    }

    [Fact]
    public void Of_several_folders_the_first_that_has_it_wins()
    {
        _shop.Program("tool", "#!/bin/sh\necho second\n");
        string first = Directory.CreateDirectory($"{_shop.Beside}/first").FullName;
        using var shop = new Workshop(policy => policy with { PluginsPath = [first, _shop.Path] });
        Assert.Equal("second\n", shop.Run("tool").Out);
        File.Copy("/bin/true", $"{first}/tool");
        WorkerStage.Wait(() => shop.Run("tool").Out == "", "the first folder's runs");
    }

    [Fact]
    public void Only_what_the_settings_allow_runs()
    {
        _shop.Program("metrics/cpu", Hello);
        _shop.Program("tool", Hello);
        using var shop = new Workshop(
            policy => policy with { PluginsPath = [_shop.Path], Plugins = ["metrics/*", "echo"] });
        Assert.Equal("hello\n", shop.Run("metrics/cpu").Out);
        Assert.Contains("must not run on this worker: its settings allow metrics/*, echo", shop.Refusal(126, "tool"));
        Assert.Contains("must not run on this worker", shop.Refusal(126, "command"));
    }

    [Fact]
    public void What_the_settings_allow_holds_without_folders_too()
    {
        using var stage = new WorkerStage(policy: new() { Plugins = ["echo"] });
        Assert.Equal(0, stage.EndOf(stage.Call("echo")).ExitCode);
        Assert.Contains("must not run", stage.EndOf(stage.Call("command/command", "true")).Detail);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_said_at_the_start_and_to_whoever_asks()
    {
        using var shop = new Workshop(policy => policy with { PluginsPath = ["/nowhere/plugins"] });
        Assert.Contains("pluginspath /nowhere/plugins cannot be looked into", shop.Refusal(127, "tool"));
        Assert.Contains(shop.Stage.Log.Lines, line => line.Contains("/nowhere/plugins is no folder"));
    }

    [Fact]
    public void The_broker_is_told_what_there_is_and_told_again_when_that_has_changed()
    {
        _shop.Program("metrics/cpu", Hello);
        _shop.Manifest("metrics/cpu.json", """{ "version": "1.0", "description": "first\nsecond" }""");
        _shop.Program("broken", Hello);
        _shop.Manifest("broken.json", "{ nonsense");
        WorkerStage.Wait(() => Told() is not null, "the plugins are told");
        Assert.Equal(new("metrics/cpu", "1.0", "exec", "first", ""), Told()!.Single(one => one.Name == "metrics/cpu"));
        Assert.Equal("built-in", Told()!.Single(one => one.Name == "echo").Contract);
        Assert.Contains("this is no manifest", Told()!.Single(one => one.Name == "broken").Problem);
        _shop.Program("new", Hello);
        _shop.Stage.Link.OnLoop(() => _shop.Stage.List.Look(Environment.TickCount64));
        WorkerStage.Wait(() => Told()!.Any(one => one.Name == "new"), "the new one is told");

        IReadOnlyList<OfferedPlugin>? Told() =>
            _shop.Stage.Link.Announces.LastOrDefault(announce => announce.Plugins is not null)?.Plugins;
    }

    [Fact]
    public void A_program_whose_interpreter_is_missing_says_so()
    {
        _shop.Program("odd", "#!/no/such/interpreter\n");
        Assert.Contains("the interpreter that its first line names is not there", _shop.Refusal(126, "odd"));
        _shop.Program("plain", "echo hello\n");
        Assert.Contains("its first line names no interpreter (#!)", _shop.Refusal(126, "plain"));
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "chown")]
    private static extern int Chown(string path, uint user, uint group);
}
