using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Tests.Commands.Author;

/// <summary>What <c>triggerfs plugin new</c> lays down works as it is.</summary>
public sealed class NewPluginTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("weather", "weather/weather", "bash")]
    [InlineData("weather", "weather/weather", "python")]
    [InlineData("metrics/cpu", "metrics/cpu", "python", "--contract", "lines")]
    public async Task A_script_runs_and_passes_its_test(
        string name, string program, string language, params string[] more)
    {
        Ended made = await _bench.RunAsync(["new", name, "--language", language, .. more]);
        Assert.True(made.ExitCode == 0, made.Err);
        Assert.Contains($"triggerfs plugin test {program}", made.Out);
        Ended tested = await _bench.ShellAsync($"{program}.test");
        Assert.True(tested.ExitCode == 0, tested.Out + tested.Err);
        Assert.EndsWith($"{program}: all is well\n", tested.Out);
    }

    [SkippableFact]
    public async Task A_program_in_Go_builds_by_its_build_line_and_passes_its_test()
    {
        Skip.IfNot(File.Exists("/usr/bin/go"), "go is needed (golang-go)");
        await BuildsAsync("go");
    }

    [SkippableFact]
    public async Task A_program_in_CSharp_builds_by_its_build_line_and_passes_its_test()
    {
        Skip.IfNot(Environment.GetEnvironmentVariable("TRIGGERFS_TEST_BUILDS") is { Length: > 0 },
            "it takes some ten seconds; set TRIGGERFS_TEST_BUILDS=1");
        await BuildsAsync("csharp");
    }

    private async Task BuildsAsync(string language)
    {
        Ended made = await _bench.RunAsync("new", "weather", "--language", language);
        Assert.True(made.ExitCode == 0, made.Err);
        Ended tested = await _bench.ShellAsync("weather/weather.test");
        Assert.True(tested.ExitCode == 0, tested.Out + tested.Err);
        Assert.EndsWith("weather/weather: all is well\n", tested.Out);
    }

    [Fact]
    public async Task Nothing_that_is_there_is_written_over()
    {
        string path = _bench.Write("weather/weather.json", "mine");
        Ended made = await _bench.RunAsync("new", "weather", "--language", "go");
        Assert.Equal(73, made.ExitCode);
        Assert.Contains("weather/weather.json is there already", made.Err);
        Assert.Equal("mine", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles($"{_bench.Path}/weather"));
    }

    [Fact]
    public async Task A_language_that_there_is_no_skeleton_for_is_refused_with_those_that_there_are()
    {
        Ended made = await _bench.RunAsync("new", "weather", "--language", "bash", "--contract", "lines");
        Assert.Equal(64, made.ExitCode);
        Assert.Contains("no skeleton in bash for the contract lines", made.Err);
        Assert.Contains("python (lines)", made.Err);
    }

    [Fact]
    public async Task A_name_that_no_plugin_can_have_is_refused()
    {
        Ended made = await _bench.RunAsync("new", "../weather", "--language", "bash");
        Assert.Equal(64, made.ExitCode);
        Assert.Contains("cannot be the name of a plugin", made.Err);
    }
}
