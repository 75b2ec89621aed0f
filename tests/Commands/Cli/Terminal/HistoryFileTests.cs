using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Terminal;

namespace TriggerFs.Tests.Commands.Cli.Terminal;

public sealed class HistoryFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _folder = new();

    private string FilePath => Path.Combine(_folder.Path, "triggerfs", "history");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_is_in_the_state_folder()
    {
        Assert.Equal("/s/triggerfs/history",
            HistoryFile.Place(name => name == "XDG_STATE_HOME" ? "/s" : "/home/hp"));
        Assert.Equal("/home/hp/.local/state/triggerfs/history",
            HistoryFile.Place(name => name == "HOME" ? "/home/hp" : null));
        Assert.Null(HistoryFile.Place(_ => null));
    }

    [Fact]
    public void Lines_are_there_the_next_time_and_only_for_their_owner()
    {
        var file = new HistoryFile(FilePath);
        Assert.Empty(file.Load());
        Assert.Null(file.Add("show workers"));
        Assert.Null(new HistoryFile(FilePath).Add("show services"));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(FilePath));
        File.SetUnixFileMode(FilePath, OwnerOnly | UnixFileMode.OtherRead);
        Assert.Equal(["show workers", "show services"], new HistoryFile(FilePath).Load());
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(FilePath));
    }

    [Fact]
    public void It_does_not_grow_without_end()
    {
        var file = new HistoryFile(FilePath);
        string line = "annotate workers demo01 " + new string('x', 4000);
        for (int i = 0; i < 300; i++) Assert.Null(file.Add(line));
        Assert.InRange(new FileInfo(FilePath).Length, 1, 3 * 1024 * 1024);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(FilePath));
        Assert.Equal(line, file.Load()[^1]);
        Assert.Equal([FilePath], Directory.GetFiles(Path.GetDirectoryName(FilePath)!));
    }

    [Fact]
    public void Where_it_cannot_be_written_that_is_said_once()
    {
        var file = new HistoryFile("/proc/triggerfs/history");
        Assert.Contains("the history is not kept", file.Add("show workers"));
        Assert.Null(file.Add("show workers"));
        Assert.Empty(file.Load());
    }

    [Theory]
    [InlineData("show workers", true)]
    [InlineData("set services name x", true)]
    [InlineData(" show workers", false)]
    [InlineData("correct horse battery staple", false)]
    [InlineData("request workers demo01 command mysql --password=1234", false)]
    [InlineData("show workers demo01 token", false)]
    [InlineData("", false)]
    public void What_was_not_understood_or_looks_secret_is_not_kept(string line, bool isKept) =>
        Assert.Equal(isKept, HistoryFile.MayKeep(line, Scope.Operation));
}
