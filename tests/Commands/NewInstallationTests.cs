using TriggerFs.Commands;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands;

public sealed class NewInstallationTests
{
    private const string Key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

    private static readonly Dictionary<string, string> User = new() { ["HOME"] = "/home/hp" };

    private static InstallationPlaces Places(Dictionary<string, string> variables, bool isRoot = false) =>
        InstallationPlaces.Of(null, name => variables.GetValueOrDefault(name), isRoot);

    [Fact]
    public void A_users_installation_is_where_XDG_has_it() => Assert.Equal(
        new("/home/hp/.config/triggerfs/triggerfs.toml", "/home/hp/.local/state/triggerfs"), Places(User));

    [Fact]
    public void Roots_installation_is_where_a_system_has_it() =>
        Assert.Equal(new("/etc/triggerfs/triggerfs.toml", "/var/lib/triggerfs"), Places(User, isRoot: true));

    [Fact]
    public void A_relative_XDG_directory_is_ignored_as_its_specification_says() => Assert.Equal(
        "/home/hp/.local/state/triggerfs", Places(new(User) { ["XDG_STATE_HOME"] = "state" }).StateFolder);

    [Fact]
    public void A_folder_gets_everything() => Assert.Equal(
        new InstallationPlaces("/x/triggerfs.toml", "/x/state"),
        InstallationPlaces.Of("/x", _ => null, isRoot: true));

    [Fact]
    public void Without_a_home_a_folder_is_asked_for() =>
        Assert.Contains("--dir", Assert.Throws<TriggerException>(() => Places([])).Fix);

    [Theory]
    [InlineData("tcp://*:5555", "tcp://127.0.0.1:5555")]
    [InlineData("tcp://0.0.0.0:7001", "tcp://127.0.0.1:7001")]
    [InlineData("tcp://[::]:7001", "tcp://[::1]:7001")]
    [InlineData("tcp://10.0.0.1:7001", "tcp://10.0.0.1:7001")]
    public void The_settings_have_an_address_that_can_be_reached(string listen, string address) =>
        Assert.Equal(address, NewInstallation.AddressFrom(listen));

    [Fact]
    public void Any_secret_survives_the_settings_file()
    {
        const string Secret = """a "quoted" \back\\slash # = [x] ünï 'single'""";
        string text = SettingsFile.Text(new() { Main = new("t", "i", Secret, null, "tcp://h:1", Key) });
        Settings read = SettingsFile.Parse(text.Replace("listen = \"\"", "").Replace("state = \"\"", ""), "t.toml");
        Assert.Equal((Secret, Key), (read.Main.Secret, read.Main.BrokerKey));
    }

    [Fact]
    public void A_new_secret_file_is_for_its_owner_only_and_never_replaces_another()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Join(folder.Path, "t.toml");
        SecretFile.WriteNew(path, "one");
        Assert.Equal(SecretFile.OwnerOnly, File.GetUnixFileMode(path));
        Assert.Equal(ErrorCode.Exists, Assert.Throws<TriggerException>(() => SecretFile.WriteNew(path, "two")).Code);
        Assert.Equal("one", File.ReadAllText(path));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task The_newline_at_the_end_of_a_secret_file_is_not_the_secrets()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("secret", " with spaces \r\n");
        Assert.Equal(" with spaces ", await SecretPrompt.NewSecretAsync(file, "hp", CancellationToken.None));
    }
}
