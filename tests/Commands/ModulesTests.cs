using System.CommandLine;
using TriggerFs.Commands;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands;

public sealed class ModulesTests
{
    private const string Key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

    private readonly SharedOptions _shared = new();
    private readonly Option<string?> _service = SharedOptions.Text("service", "S", "the service");
    private readonly Option<string[]> _args = new("--args", "-args");
    private ParseResult? _parsed;

    private Task<int> Run(params string[] args)
    {
        var client = new Command("client", "send") { _service, _args };
        client.SetAction(parsed =>
        {
            _parsed = parsed;
            return 0;
        });
        return Modules.RunAsync(Modules.Root(_shared, client), args, CancellationToken.None);
    }

    private async Task<TriggerException> Slip(params string[] args) =>
        await Assert.ThrowsAsync<TriggerException>(() => Run(args));

    [Theory]
    [InlineData("client", "-service", "@demo")]
    [InlineData("client", "--service", "@demo")]
    [InlineData("client", "--service=@demo")]
    public async Task Both_spellings_are_understood_and_an_at_sign_is_no_file(params string[] args)
    {
        Assert.Equal(0, await Run(args));
        Assert.Equal("@demo", _parsed!.GetValue(_service));
    }

    [Fact]
    public async Task A_flag_may_have_a_value_as_in_2018()
    {
        await Run("client", "-debug", "true", "-args", "k=v", "-args", "k2=v2");
        Assert.True(_parsed!.GetValue(_shared.Debug));
        Assert.Equal(["k=v", "k2=v2"], _parsed!.GetValue(_args)!);
        await Run("client", "-debug", "false");
        Assert.False(_parsed!.GetValue(_shared.Debug));
    }

    [Theory]
    [InlineData("--output", "jsonl", "client")]
    [InlineData("client", "--output", "jsonl")]
    public async Task A_shared_option_may_stand_anywhere(params string[] args)
    {
        await Run(args);
        Assert.Equal(OutputFormat.JsonLines, _parsed!.GetValue(_shared.Output));
    }

    [Fact]
    public async Task Flags_win_over_the_settings_file()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("t.toml", $"[main]\nteam = \"a\"\nbrokerkey = \"{Key}\"");
        await Run("client", "--config", file, "--team", "b", "-broker", "host");
        Settings settings = _shared.Read(_parsed!);
        Assert.Equal(("b", new("tcp://host:5555", Key)), (settings.Main.Team, settings.NeedBroker()));
    }

    [Fact]
    public async Task A_mistyped_option_is_a_slip_with_the_close_ones()
    {
        TriggerException slip = await Slip("client", "--servce", "x");
        Assert.Equal((ErrorCode.Usage, 64), (slip.Code, slip.Code.ExitCode()));
        Assert.Contains("'--servce'", slip.Message);
        Assert.Contains("'--service'", slip.Fix);
    }

    [Fact]
    public async Task A_mistyped_module_is_a_slip_with_the_close_ones() =>
        Assert.Contains("'client'", (await Slip("cleint")).Fix);

    [Fact]
    public async Task A_missing_value_is_a_slip_with_a_hint() =>
        Assert.Equal("triggerfs client --help", (await Slip("client", "--service")).Fix);

    [Fact]
    public async Task An_unknown_format_is_a_slip() =>
        Assert.Equal(ErrorCode.Usage, (await Slip("--output", "xml", "client")).Code);

    [Theory]
    [InlineData("/usr/bin/triggerfs-worker", "worker")]
    [InlineData("triggerfs-client", "client")]
    [InlineData("./triggerfs-cli", "cli")]
    [InlineData("triggerfs-broker", "broker")]
    public void A_link_calls_its_module(string program, string module) =>
        Assert.Equal([module, "-x"], CalledAs.Expand(program, ["-x"]));

    [Fact]
    public void Another_name_changes_nothing() => Assert.Equal(["-x"], CalledAs.Expand("/usr/bin/triggerfs", ["-x"]));

    [Theory]
    [InlineData("tcp://host", "tcp://host:5555")]
    [InlineData("host:7001", "tcp://host:7001")]
    [InlineData("tcp://[::1]:7001", "tcp://[::1]:7001")]
    [InlineData("127.0.0.1", "tcp://127.0.0.1:5555")]
    public void An_address_is_completed(string text, string whole) => Assert.Equal(whole, TcpAddress.Parse(text));

    [Theory]
    [InlineData("ipc://x")]
    [InlineData("tcp://")]
    [InlineData("tcp://h:0")]
    [InlineData("tcp://h:65536")]
    [InlineData("tcp://h:x")]
    [InlineData("tcp://a b:1")]
    [InlineData("tcp://[zz]:1")]
    public void A_bad_address_is_refused(string text) =>
        Assert.Equal(ErrorCode.Invalid, Assert.Throws<TriggerException>(() => TcpAddress.Parse(text)).Code);
}
