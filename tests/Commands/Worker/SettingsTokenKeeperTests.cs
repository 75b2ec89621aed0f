using TriggerFs.Commands;
using TriggerFs.Commands.Worker;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands.Worker;

public sealed class SettingsTokenKeeperTests : IDisposable
{
    private const string Old = "9b1bd278-e645-4eec-bffb-0587ad84534e";
    private const string Other = "11111111-2222-4333-8444-555555555555";
    private const string New = "01234567-89ab-4cde-8f01-23456789abcd";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly string Text = $"""
        # Ä comment that stays.
        [workers.team1.demo01]
        token = "{Old.ToUpperInvariant()}"   # behind it, too
        [workers.team1.demo02]
        token = '{Other}'
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_new_token_stands_where_the_old_one_was_and_nothing_else_changes()
    {
        string file = Write(Text);
        string link = Path.Join(_folder.Path, "link.toml");
        File.CreateSymbolicLink(link, file);
        SettingsTokenKeeper keeper = Keeper(link);
        keeper.Keep(New);
        Assert.Equal(Text.Replace(Old.ToUpperInvariant(), New), File.ReadAllText(file));
        keeper.Keep(Other[..^1] + "6");
        Assert.Contains(Other[..^1] + "6", File.ReadAllText(file));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(file));
        Assert.Equal(file, new FileInfo(link).LinkTarget);
        Assert.Equal(Other, SettingsFile.Read(file).Workers.All.Single(one => one.Identity == "demo02").Token);
    }

    [Fact]
    public async Task Neither_who_writes_nor_who_reads_the_settings_meanwhile_is_in_the_others_way()
    {
        string file = Write(Text.Replace(Old.ToUpperInvariant(), Old));
        using var done = new CancellationTokenSource();
        Task<int> reader = Task.Run(() => ReadUntil(file, done.Token));
        SettingsTokenKeeper keeper = Keeper(file);
        for (int time = 0; time < 100; time++) keeper.Keep(time % 2 == 0 ? New : Old);
        using (File.OpenRead(file)) keeper.Keep(New);
        await done.CancelAsync();
        Assert.True(await reader > 0);
    }

    [Fact]
    public void A_file_that_others_can_read_is_left_as_it_is()
    {
        string file = Write(Text);
        File.SetUnixFileMode(file, OwnerOnly | UnixFileMode.GroupRead);
        Refused(Keeper(file), "can be read by others");
        Assert.Equal(Text, File.ReadAllText(file));
    }

    [Fact]
    public void A_token_that_is_there_twice_is_left_as_it_is() =>
        Refused(Keeper(Write(Text + $"\n# before: {Old}\n")), "more than once");

    [Fact]
    public void A_token_that_is_not_there_any_more_is_not_looked_for_elsewhere() =>
        Refused(Keeper(Write(Text.Replace(Old.ToUpperInvariant(), New))), "does not have the old token");

    [Fact]
    public void A_token_that_stands_elsewhere_than_in_the_workers_section_is_left_as_it_is() => Refused(
        Keeper(Write(Text.Replace("team1.demo01", "team2.demo01"))), "is not this worker's");

    [Fact]
    public void A_token_of_the_environment_cannot_be_kept()
    {
        Refused(Keeper(Write(Text), isElsewhere: true), "environment");
        Refused(Keeper(null), "environment");
    }

    [Fact]
    public void A_file_that_is_gone_is_told() => Refused(Keeper(Path.Join(_folder.Path, "gone.toml")), "gone.toml");

    [Fact]
    public void A_proof_is_the_new_token_only_once_it_is_kept()
    {
        string file = Write(Text);
        var proof = new WorkerProof(Old, Keeper(file));
        Assert.Throws<TriggerException>(() => proof.Keep("no token"));
        File.SetUnixFileMode(file, OwnerOnly | UnixFileMode.OtherRead);
        Assert.Throws<TriggerException>(() => proof.Keep(New));
        Assert.Equal(Old, proof.Token);
        File.SetUnixFileMode(file, OwnerOnly);
        proof.Keep(New);
        proof.Keep(New);
        Assert.Equal(New, proof.Token);
    }

    private static SettingsTokenKeeper Keeper(string? file, bool isElsewhere = false) =>
        new(file, new("team1", "demo01", Old), isElsewhere);

    private static int ReadUntil(string file, CancellationToken end)
    {
        int times = 0;
        for (; times == 0 || !end.IsCancellationRequested; times++)
            Assert.Contains(SettingsFile.Read(file).Workers.All, one => one.Token is New or Old);
        return times;
    }

    private static void Refused(SettingsTokenKeeper keeper, string why)
    {
        var problem = Assert.Throws<TriggerException>(() => keeper.Keep(New));
        Assert.Contains(why, problem.Why);
        Assert.NotNull(problem.Fix);
    }

    private string Write(string text)
    {
        string file = _folder.Write("triggerfs.toml", text);
        File.SetUnixFileMode(file, OwnerOnly);
        return file;
    }
}
