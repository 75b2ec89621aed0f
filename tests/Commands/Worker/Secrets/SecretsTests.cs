using System.Text;
using TriggerFs.Commands;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Commands.Worker.Plugins;

namespace TriggerFs.Tests.Commands.Worker.Secrets;

public sealed class SecretsTests : IDisposable
{
    private const string Canary = "c4nary-in-the-mine";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Write(string name, string text, int mode = 0x180) // 0600
    {
        string path = _folder.Write(name, text);
        File.SetUnixFileMode(path, (UnixFileMode)mode);
        return path;
    }

    private static Workshop Shop(SecretsSettings secrets, Func<WorkerPolicy, WorkerPolicy>? policy = null)
    {
        var shop = new Workshop(policy, secrets);
        // It must have the secret to see that it is that, and must not be able to show it.
        shop.Program("use", $"""
            #!/bin/sh
            [ "$TRIGGERFS_ARG_KEY" = "{Canary}" ] && echo right
            echo "$TRIGGERFS_ARG_KEY"; echo "err $TRIGGERFS_ARG_KEY" >&2
            printf 'c4nary-in-'; sleep 0.2; printf 'the-mine.'

            """);
        return shop;
    }

    private static void AssertUsedAndHidden(Workshop shop)
    {
        (End end, string text, string errors) = shop.Run("use", "", 30_000, ("key", "@secret:twilio"));
        Assert.Equal((0, "right\n***\n***.", "err ***\n"), (end.ExitCode, text, errors));
        Assert.DoesNotContain(Canary, string.Join('\n', shop.Stage.Log.Lines));
    }

    [Fact]
    public void One_of_the_file_reaches_the_plugin_and_is_not_seen_in_its_output()
    {
        using Workshop shop = Shop(new(File: Write("secrets.toml", $"other = \"x\"\ntwilio = \"{Canary}\"\n")));
        AssertUsedAndHidden(shop);
    }

    [Fact]
    public void One_of_the_folder_does_too_and_a_newline_at_its_end_is_not_of_it()
    {
        Write("secrets/twilio", Canary + "\n");
        using Workshop shop = Shop(new(Folder: $"{_folder.Path}/secrets"));
        AssertUsedAndHidden(shop);
    }

    [Fact]
    public void A_secret_that_was_changed_counts_at_once()
    {
        string path = Write("secrets/twilio", "old");
        using Workshop shop = Shop(new(Folder: $"{_folder.Path}/secrets"));
        Assert.DoesNotContain("right", shop.Run("use", "", 30_000, ("key", "@secret:twilio")).Out);
        File.WriteAllText(path, Canary);
        AssertUsedAndHidden(shop);
    }

    [Fact]
    public void Systemds_credentials_are_the_last_place()
    {
        Write("credentials/twilio", Canary, mode: 0x100);
        var store = new TriggerFs.Commands.Worker.Secrets.SecretStore(new(), $"{_folder.Path}/credentials");
        List<KeyValuePair<string, string>> args = [new("key", "@secret:twilio"), new("other", "plain")];
        Assert.Equal(Canary, Assert.Single(store.Resolve(args, "use")));
        Assert.Equal([Canary, "plain"], args.Select(arg => arg.Value));
    }

    [Fact]
    public void Commands_get_them_in_their_environment_and_never_as_an_argument()
    {
        using Workshop shop = Shop(new(File: Write("s", $"twilio = \"{Canary}\"")));
        const string Command = "echo $TRIGGERFS_ARG_KEY; tr '\\0' ' ' < /proc/$$/cmdline";
        (_, string text, _) = shop.Run("command", Command, 30_000, ("key", "@secret:twilio"));
        Assert.StartsWith("***\n", text);
        Assert.DoesNotContain(Canary, text);
    }

    [Fact]
    public void A_program_can_have_them_at_descriptors_and_then_they_are_not_in_its_environment()
    {
        using Workshop shop = Shop(new(File: Write("s", $"twilio = \"{Canary}\"\nother = \"second\"")));
        shop.Program("use", $"""
            #!/bin/sh
            echo "$TRIGGERFS_ARG_KEY_FD $TRIGGERFS_ARG_MORE_FD [$TRIGGERFS_ARG_KEY] $TRIGGERFS_ARG_WHO"
            env | grep -c {Canary}; tr '\0' ' ' < /proc/$$/cmdline; echo
            [ "$(cat <&$TRIGGERFS_ARG_KEY_FD)" = "{Canary}" ] && echo right
            cat <&4; cat; [ -e /proc/$$/fd/5 ] || echo ' and no more'

            """);
        shop.Manifest("use.json", """
            { "inputs": [ { "name": "who" }, { "name": "key", "secret": true, "pass": "fd" },
                          { "name": "more", "pass": "fd" } ] }
            """);
        (End end, string text, string errors) = shop.Run(
            "use", "message", 30_000, ("who", "me"), ("key", "@secret:twilio"), ("more", "@secret:other"));
        Assert.Equal("", errors);
        string[] lines = text.Split('\n');
        Assert.Equal(("3 4 [] me", "0", "right"), (lines[0], lines[1], lines[3]));
        Assert.Equal("***message and no more", lines[4]);
        Assert.Equal(0, end.ExitCode);
    }

    [Fact]
    public void A_file_that_others_can_read_is_not_used()
    {
        using Workshop shop = Shop(new(File: Write("s", $"twilio = \"{Canary}\"", mode: 0x1A4)));
        string why = shop.Refusal(126, "use", ("key", "@secret:twilio"));
        Assert.Contains("others can read it", why);
        Assert.Contains("chmod 600", why);
    }

    [Fact]
    public void A_secret_that_is_not_there_is_named_with_where_it_was_looked_for()
    {
        using Workshop shop = Shop(new(Folder: _folder.Path));
        string why = shop.Refusal(126, "use", ("key", "@secret:twillio"));
        Assert.StartsWith($"the argument 'key': this worker has no secret 'twillio': it looked in {_folder.Path}", why);
    }

    [Fact]
    public void The_settings_file_is_no_secret_though_it_lies_among_them()
    {
        string own = Write("credentials/worker.toml", "token = \"x\"\n");
        Write("credentials/twilio", Canary);
        foreach (string? credentials in (string?[])[$"{_folder.Path}/credentials", null])
        {
            string? folder = credentials is null ? $"{_folder.Path}/credentials" : null;
            var store = new TriggerFs.Commands.Worker.Secrets.SecretStore(new(Folder: folder, Own: own), credentials);
            var refusal = Assert.Throws<TriggerFs.Core.TriggerException>(
                () => store.Resolve([new("key", "@secret:worker.toml")], "use"));
            Assert.Contains("it is the settings file of this worker", refusal.Why);
            Assert.Equal(Canary, Assert.Single(store.Resolve([new("key", "@secret:twilio")], "use")));
        }
    }

    [Theory]
    [InlineData("../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    public void A_name_that_could_be_a_path_is_refused(string name)
    {
        using Workshop shop = Shop(new(Folder: _folder.Path));
        Assert.Contains("cannot be the name of a secret", shop.Refusal(126, "use", ("key", $"@secret:{name}")));
    }

    [Fact]
    public void Nothing_of_a_broken_file_is_repeated()
    {
        using Workshop shop = Shop(new(File: Write("s", $"twilio = {Canary}\n")));
        string why = shop.Refusal(126, "use", ("key", "@secret:twilio"));
        Assert.Contains("this is not TOML", why);
        Assert.DoesNotContain("c4nary", why);
    }

    [Fact]
    public void Only_plugins_that_the_settings_name_get_secrets()
    {
        using Workshop shop = Shop(new(File: Write("s", $"twilio = \"{Canary}\""), Plugins: ["http/*"]));
        string why = shop.Refusal(126, "use", ("key", "@secret:twilio"));
        Assert.Contains("use gets none: [secrets] gives them to http/*", why);
    }

    [Fact]
    public void The_value_of_a_secret_input_is_hidden_even_when_it_was_sent_in_plain()
    {
        using Workshop shop = Shop(new());
        shop.Manifest("use.json", """{ "inputs": [ { "name": "key", "secret": true } ] }""");
        Assert.Equal("right\n***\n***.", shop.Run("use", "", 30_000, ("key", Canary)).Out);
    }

    [Fact]
    public void A_secret_that_is_a_default_of_the_manifest_is_used_and_hidden()
    {
        using Workshop shop = Shop(new(File: Write("s", $"twilio = \"{Canary}\"")));
        shop.Manifest("use.json", """{ "inputs": [ { "name": "key", "default": "@secret:twilio" } ] }""");
        Assert.Equal("right\n***\n***.", shop.Run("use").Out);
    }

    [Fact]
    public void Megabytes_of_output_with_secrets_in_it_are_masked_whole_and_slow_readers_slow_it()
    {
        using Workshop shop = Shop(new(File: Write("s", $"twilio = \"{Canary}\"")));
        shop.Program("much", "#!/bin/sh\nfor i in $(seq 1 80000); do echo \"$i $TRIGGERFS_ARG_KEY x\"; done\n");
        shop.Stage.Link.Confirms = false;
        ulong run = shop.Stage.Call("much", "", 60_000, ("key", "@secret:twilio"));
        WorkerStage.Wait(() => shop.Stage.OutputOf(run).Length >= 512 * 1024, "a window is full", 30_000);
        Thread.Sleep(200);
        Assert.InRange(shop.Stage.OutputOf(run).Length, 512 * 1024, 512 * 1024);
        shop.Stage.Link.Confirms = true;
        shop.Stage.Link.Deliver(FakeLink.CreditOf(run, 512 * 1024, replay: false));
        shop.Stage.EndOf(run, 60_000);
        string expected = string.Concat(Enumerable.Range(1, 80000).Select(i => $"{i} *** x\n"));
        Assert.Equal(expected, Encoding.UTF8.GetString(shop.Stage.OutputOf(run)));
    }
}
