using TriggerFs.Broker;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Store;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker;

public sealed class InstallationTests : IDisposable
{
    private const string Secret = "correct horse";

    private readonly TemporaryFolder _folder = new();

    private string StateFolder => Path.Join(_folder.Path, "state");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_installation_has_its_team_its_admin_and_keys_of_its_own()
    {
        Installation made = Create(StateFolder);
        using var store = new SqliteStore(made.DatabasePath);
        StoredState state = store.Load();
        Assert.Equal("team1", Assert.Single(state.Teams).Name.Value);
        User admin = Assert.Single(state.Users);
        Assert.Equal("hp", admin.Name.Value);
        Assert.True(Secrets.Match(admin.SecretHash, Secret));
        Assert.Equal([new Membership(state.Teams[0].Id, admin.Id, TeamRole.Admin)], state.Memberships);
        Assert.NotEqual(made.SigningKey, made.SealKey);
        Assert.NotEqual(made.SigningKey, Create(Path.Join(_folder.Path, "other")).SigningKey);
    }

    [Fact]
    public void Only_its_owner_can_enter_the_folder_and_read_the_files()
    {
        Create(StateFolder);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(StateFolder));
        foreach (string file in Directory.EnumerateFiles(StateFolder))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void An_installation_is_opened_with_the_keys_that_it_was_made_with()
    {
        Installation made = Create(StateFolder);
        Installation opened = Installation.Open(StateFolder);
        Assert.Equal(made.SigningKey, opened.SigningKey);
        Assert.Equal(made.SealKey, opened.SealKey);
        Assert.Empty(opened.PreviousSigningKey);
    }

    [Fact]
    public void A_previous_signing_key_is_read_when_there_is_one()
    {
        Installation made = Create(StateFolder);
        File.Copy(Path.Join(StateFolder, "signing.key"), Path.Join(StateFolder, "signing.previous.key"));
        Assert.Equal(made.SigningKey, Installation.Open(StateFolder).PreviousSigningKey);
    }

    [Fact]
    public void Nothing_that_is_there_is_overwritten()
    {
        Installation made = Create(StateFolder);
        TriggerException refusal = Assert.Throws<TriggerException>(() => Create(StateFolder));
        Assert.Equal(ErrorCode.Exists, refusal.Code);
        Assert.Contains("is in it", refusal.Why);
        Assert.Equal(made.SigningKey, Installation.Open(StateFolder).SigningKey);
    }

    [Fact]
    public void A_file_in_the_place_of_the_folder_is_refused()
    {
        _folder.Write("state", "mine");
        Assert.Equal(ErrorCode.Exists, Assert.Throws<TriggerException>(() => Create(StateFolder)).Code);
        Assert.Equal("mine", File.ReadAllText(StateFolder));
    }

    [Fact]
    public void An_empty_folder_is_taken()
    {
        Directory.CreateDirectory(StateFolder);
        Create(StateFolder);
    }

    [Fact]
    public void A_secret_that_cannot_be_used_leaves_nothing_behind()
    {
        Assert.Throws<TriggerException>(
            () => Installation.Create(StateFolder, new("team1"), new("hp"), new string('x', 73), cost: 4));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_place_that_cannot_be_written_leaves_nothing_behind()
    {
        string file = _folder.Write("file", "");
        Assert.Equal(ErrorCode.Settings,
            Assert.Throws<TriggerException>(() => Create(Path.Join(file, "state"))).Code);
        Assert.Equal([file], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_folder_without_an_installation_is_not_opened()
    {
        TriggerException refusal = Assert.Throws<TriggerException>(() => Installation.Open(_folder.Path));
        Assert.Equal(ErrorCode.Settings, refusal.Code);
        Assert.Contains("triggerfs init", refusal.Fix);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_key_that_others_can_read_is_refused()
    {
        Create(StateFolder);
        string key = Path.Join(StateFolder, "seal.key");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Equal($"chmod 600 {key}", Assert.Throws<TriggerException>(() => Installation.Open(StateFolder)).Fix);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("not base64 !")]
    public void A_key_that_is_none_is_refused(string text)
    {
        Create(StateFolder);
        string key = Path.Join(StateFolder, "signing.key");
        File.WriteAllText(key, text);
        Assert.Contains("is not a key", Assert.Throws<TriggerException>(() => Installation.Open(StateFolder)).Message);
    }

    [Fact]
    public void A_key_that_is_missing_is_refused()
    {
        Create(StateFolder);
        File.Delete(Path.Join(StateFolder, "seal.key"));
        TriggerException refusal = Assert.Throws<TriggerException>(() => Installation.Open(StateFolder));
        Assert.Contains("cannot be read", refusal.Message);
    }

    private static Installation Create(string folder) =>
        Installation.Create(folder, new("team1"), new("hp"), Secret, cost: 4);
}
