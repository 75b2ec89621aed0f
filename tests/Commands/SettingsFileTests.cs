using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using TriggerFs.Commands;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands;

public sealed class SettingsFileTests
{
    private const string Key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
    private const string Token = "9b1bd278-e645-4eec-bffb-0587ad84534e";

    private static TriggerException Refusal(string text) =>
        Assert.Throws<TriggerException>(() => SettingsFile.Parse(text, "t.toml"));

    [Fact]
    public void A_file_that_ends_behind_a_backslash_is_refused_with_its_line()
    {
        TriggerException problem = Refusal("[main]\nteam = \"a\\");
        Assert.Equal("t.toml:2: this is not TOML", problem.Message);
        Assert.Equal("the file ends behind a backslash", problem.Why);
    }

    [Fact]
    public void The_keys_of_2018_and_the_new_ones_are_read()
    {
        Settings settings = SettingsFile.Parse($$"""
            [main]
            team = "team1"
            identity = "hp"
            secret = "password"
            broker = "tcp://triggerfs.io:5555"
            brokerkey = "{{Key}}"
            [triggerfs]
            mountpoint = "./mountpoint"
            logfile = "./triggerfs.log"
            [triggerfs-client]
            logfile = "./client.log"
            [workers]
            pluginspath = "/plugins"
            jobs = 3
            [workers.team1.demo01]
            token = '{{Token}}'
            [broker]
            listen = "tcp://*:7001"
            state = "/var/lib/triggerfs"
            loglevel = "debug"
            """, "t.toml");
        Assert.Equal(new UserSettings("team1", "hp", "password", null), settings.NeedUser());
        Assert.Equal(new BrokerAddress("tcp://triggerfs.io:5555", Key), settings.NeedBroker());
        Assert.Equal(new MountSettings("./mountpoint", "./triggerfs.log"), settings.Mount);
        Assert.Equal("./client.log", settings.Client.Logfile);
        Assert.Equal("/plugins", Assert.Single(settings.Workers.Policy.PluginsPath!.Value));
        Assert.Equal(3, settings.Workers.Policy.Jobs);
        Assert.Equal(new WorkerSettings("team1", "demo01", Token), settings.NeedWorker("demo01"));
        Assert.Equal(new BrokerSettings("tcp://*:7001", "/var/lib/triggerfs", LogLevel.Debug), settings.Broker);
    }

    [Fact]
    public void Limits_of_a_run_are_read()
    {
        WorkerPolicy policy =
            SettingsFile.Parse("[workers]\nmemory = \"64M\"\npids = 20\ncpu = \"150%\"\n", "t.toml").Workers.Policy;
        Assert.Equal((64L << 20, 20, 150), (policy.Memory, policy.Pids, policy.Cpu));
        foreach (string cpu in (string[])["50", "0%", "%", "-5%", "1e3%", "100001%"])
            Assert.Contains("is not a share of a processor", Refusal($"[workers]\ncpu = \"{cpu}\"").Why);
        Assert.Contains("1 to 4194304", Refusal("[workers]\npids = 0").Why);
    }

    [Theory]
    [InlineData("always", "always")]
    [InlineData("none", "none")]
    [InlineData("interval", "interval 100ms")]
    [InlineData("interval 2s", "interval 2s")]
    public void When_the_queue_is_synced_is_read_in_the_words_of_the_spool(string text, string meant)
    {
        Settings settings = SettingsFile.Parse(
            $"[broker]\nqueuesync = \"{text}\"\n[triggerfs]\nspoolsync = \"{text}\"", "t.toml");
        Assert.Equal(meant, $"{settings.Broker.QueueSync}");
        Assert.Equal(meant, $"{settings.Mount.SpoolRules.Sync}");
    }

    [Theory]
    [InlineData("never", "it is one of always, interval 100ms, none")]
    [InlineData("interval 2m", "1ms to 1m is allowed")]
    [InlineData("interval 100ms 5", "it is one of always, interval 100ms, none")]
    public void Another_way_to_sync_the_queue_is_refused_with_those_that_there_are(string text, string wanted)
    {
        TriggerException refusal = Refusal($"[broker]\n\nqueuesync = \"{text}\"");
        Assert.Equal("t.toml:3: queuesync has a bad value", refusal.Message);
        Assert.Contains(wanted, refusal.Why);
    }

    [Fact]
    public void A_key_may_stand_in_any_form_that_TOML_has()
    {
        Settings settings = SettingsFile.Parse($$"""
            main.team = "team1"
            workers = { "team1" = { demo01 = { token = "{{Token}}" } } }
            """, "t.toml");
        Assert.Equal("team1", settings.Main.Team);
        Assert.Equal("demo01", settings.NeedWorker(null).Identity);
    }

    [Fact]
    public void An_unknown_key_is_refused_with_its_line_and_the_close_ones()
    {
        TriggerException refusal = Refusal("[main]\nteam = \"a\"\nbrokerky = \"b\"");
        Assert.Equal(ErrorCode.Settings, refusal.Code);
        Assert.Equal("t.toml:3: there is no key main.brokerky", refusal.Message);
        Assert.Contains("main.brokerkey", refusal.Fix);
    }

    [Fact]
    public void An_unknown_section_is_refused_even_when_it_is_empty()
    {
        TriggerException refusal = Refusal("[main]\n[triggerfs-cient]\n");
        Assert.Equal("t.toml:2: there is no section [triggerfs-cient]", refusal.Message);
        Assert.Contains("triggerfs-client", refusal.Fix);
    }

    [Fact]
    public void A_key_in_the_wrong_section_is_refused_with_what_the_section_knows() =>
        Assert.Equal(
            "[triggerfs] knows mountpoint, logfile, spool, spoolsync, spoolsize, spoolage",
            Refusal("[triggerfs]\nabcdefghijklmnop = 1").Fix);

    [Theory]
    [InlineData("[workers.team1.demo01]\ntokn = \"x\"")]
    [InlineData("[workers.team1]\ntoken = \"x\"")]
    public void A_wrong_key_of_a_worker_is_refused_with_what_a_worker_looks_like(string text)
    {
        TriggerException refusal = Refusal(text);
        Assert.StartsWith("t.toml:2: there is no key workers.team1.", refusal.Message);
        Assert.Contains("[workers.TEAM.IDENTITY]", refusal.Fix);
    }

    [Theory]
    [InlineData("[main]\nteam = 5", "a text in quotes")]
    [InlineData("[main]\nteam = [\"a\"]", "a text in quotes")]
    [InlineData("[workers]\njobs = \"8\"", "a number")]
    public void A_wrong_type_is_refused_with_its_line(string text, string wanted)
    {
        TriggerException refusal = Refusal(text);
        Assert.StartsWith("t.toml:2: ", refusal.Message);
        Assert.Contains(wanted, refusal.Fix);
    }

    [Theory]
    [InlineData("[main]\nteam = \"no good\"")]
    [InlineData("[main]\nteam = \"\"")]
    [InlineData("[main]\nbroker = \"http://x\"")]
    [InlineData("[main]\nbroker = \"tcp://host:0\"")]
    [InlineData("[main]\nbrokerkey = \"too short\"")]
    [InlineData("[main]\nsecret = \"\"")]
    [InlineData("[workers]\njobs = 0")]
    [InlineData("[workers]\njobs = 99999999999999")]
    [InlineData("[broker]\nloglevel = \"loud\"")]
    [InlineData("[workers.a.b]\ntoken = \"123\"")]
    [InlineData("[workers.a.\"b c\"]\ntoken = \"9b1bd278-e645-4eec-bffb-0587ad84534e\"")]
    public void A_bad_value_is_refused_with_its_line(string text)
    {
        TriggerException refusal = Refusal(text);
        Assert.Equal(ErrorCode.Settings, refusal.Code);
        Assert.StartsWith("t.toml:2: ", refusal.Message);
    }

    [Fact]
    public void A_bad_token_is_not_repeated_in_the_error() =>
        Assert.DoesNotContain("hunter2", Refusal("[workers.a.b]\ntoken = \"hunter2\"").Report());

    [Theory]
    [InlineData("[main\nteam = \"a\"", 1)]
    [InlineData("[main]\nteam = a", 2)]
    [InlineData("[main]\nteam = \"a\"\nteam = \"b\"", 3)]
    [InlineData("[[main]]\nteam = \"a\"", 1)]
    public void What_is_not_TOML_is_refused_with_its_line(string text, int line) =>
        Assert.StartsWith($"t.toml:{line}: ", Refusal(text).Message);

    [Fact]
    public void What_is_said_of_built_in_plugins_may_be_of_any_type()
    {
        Settings settings = SettingsFile.Parse("""
            [plugins."nginx/gelf"]
            plugin = "log/gelf"
            level = 4
            rate = 0.5
            json = true
            allow = ["a*", "b"]
            [plugins.echo]
            """, "t.toml");
        PluginSection section = Assert.Single(settings.Plugins);
        Assert.Equal(("nginx/gelf", "log/gelf", "4", "0.5", "true", 2), (section.Name, section.Plugin,
            section.Values["level"], section.Values["rate"], section.Values["json"], section.Allow.Length));
        IsRefused("[plugins.\"a b\"]\nx = 1", "cannot be the name of a plugin");
        IsRefused("[plugins.a]\nallow = 1", "plugins.a.allow has a value of the wrong type");
        IsRefused("[plugins.a]\nx = [1]", "plugins.a.x has a value of the wrong type");
        IsRefused("[plugins.a.b]\nx = 1", "there is no section [plugins.a.b]");

        static void IsRefused(string text, string told) => Assert.Contains(
            told, Assert.Throws<TriggerException>(() => SettingsFile.Parse(text, "t.toml")).Report());
    }

    [Fact]
    public void The_skeleton_loads_and_so_does_every_example_in_it()
    {
        using Stream? resource = typeof(Settings).Assembly.GetManifestResourceStream("triggerfs.toml");
        string skeleton = new StreamReader(resource!).ReadToEnd();
        Assert.Null(SettingsFile.Parse(skeleton, "triggerfs.toml").Main.Team);

        string filled = Regex.Replace(skeleton, @"^# (?=\[|[a-z-]+ = )", "", RegexOptions.Multiline);
        Settings settings = SettingsFile.Parse(filled, "triggerfs.toml");
        Assert.Equal("myawesometeam", settings.NeedUser().Team);
        Assert.Equal("demo01", Assert.Single(settings.Workers.All).Identity);
        foreach (SettingKey key in SettingKeys.All)
            Assert.Matches($@"(?m)^{key.Name[(key.Name.LastIndexOf('.') + 1)..]} = ", filled);
    }

    [Fact]
    public void Files_are_looked_for_in_the_documented_order()
    {
        using var folder = new TemporaryFolder();
        var variables = new Dictionary<string, string>
        {
            ["TRIGGERFS_CONFIG"] = "named.toml",
            ["XDG_CONFIG_HOME"] = folder.Path,
            ["HOME"] = folder.Path,
        };
        string inConfig = folder.Write("triggerfs/triggerfs.toml", "");
        string inHome = folder.Write("triggerfs.toml", "");
        string? Find(string? asked) => SettingsFile.Find(asked, name => variables.GetValueOrDefault(name));

        Assert.Equal("asked.toml", Find("asked.toml"));
        Assert.Equal("named.toml", Find(null));
        variables.Remove("TRIGGERFS_CONFIG");
        Assert.Equal(inConfig, Find(null));
        File.Delete(inConfig);
        Assert.Equal(inHome, Find(null));
        variables.Remove("XDG_CONFIG_HOME");
        Assert.Equal(folder.Write(".config/triggerfs/triggerfs.toml", ""), Find(null));
    }

    [Fact]
    public void A_file_that_was_asked_for_and_is_missing_is_an_error() =>
        Assert.Equal(
            ErrorCode.Settings, Assert.Throws<TriggerException>(() => SettingsFile.Read("/nowhere/t.toml")).Code);

    [Fact]
    public void The_environment_wins_over_the_file_and_names_itself_in_errors()
    {
        var variables = new Dictionary<string, string> { ["TRIGGERFS_TEAM"] = "b", ["TRIGGERFS_IDENTITY"] = "" };
        Settings Read() => SettingKeys.FromEnvironment(
            SettingsFile.Parse("[main]\nteam = \"a\"\nidentity = \"i\"\njwt = \"j\"", "t.toml"),
            name => variables.GetValueOrDefault(name));

        Assert.Equal(("b", "i", "j"), (Read().Main.Team, Read().Main.Identity, Read().Main.Jwt));
        variables["TRIGGERFS_SECRET"] = "s";
        Assert.Equal(("s", null), (Read().Main.Secret, Read().Main.Jwt));
        variables["TRIGGERFS_BROKER"] = "nonsense://";
        Assert.Contains("TRIGGERFS_BROKER", Assert.Throws<TriggerException>(() => Read()).Message);
    }

    [Theory]
    [InlineData("[main]\nsecret = \"s\"\njwt = \"j\"")]
    [InlineData("[main]\njwt = \"j\"")]
    [InlineData("[workers.team1.demo01]\ntoken = \"9b1bd278-e645-4eec-bffb-0587ad84534e\"")]
    public void Secrets_that_others_can_read_are_warned_about_with_their_line_and_what_mends_it(string text)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("triggerfs.toml", text);
        File.SetUnixFileMode(path, SecretFile.OwnerOnly | UnixFileMode.OtherRead);
        string? warning = SecretFile.Warning(path, SettingsFile.Read(path));
        Assert.StartsWith($"triggerfs: warning: {path}:2: ", warning);
        Assert.Contains($"chmod 600 {path}", warning);
        File.SetUnixFileMode(path, SecretFile.OwnerOnly);
        Assert.Null(SecretFile.Warning(path, SettingsFile.Read(path)));
    }

    [Fact]
    public void A_readable_file_without_secrets_is_fine()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("triggerfs.toml", "[main]\nteam = \"s\"");
        File.SetUnixFileMode(path, SecretFile.OwnerOnly | UnixFileMode.OtherRead);
        Assert.Null(SecretFile.Warning(path, SettingsFile.Read(path)));
    }
}
