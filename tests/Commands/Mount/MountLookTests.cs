using System.Diagnostics;
using TriggerFs.Commands.Mount;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands.Mount;

public sealed class MountLookTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void One_that_cannot_be_looked_into_says_why_and_hides_no_other()
    {
        string[] places = [Path.Combine(_folder.Path, "other"), Mounted("mine")];
        MountLook.PrintAll(() => places, _output);
        Assert.Matches($"^mountpoint: {places[0]}\nstate: unknown, [^\n]*[Cc]ould not find[^\n]*\n"
            + $"mountpoint: {places[1]}\nstate: connected\ndepth: 0\n$", _output.ToString());
    }

    [Fact]
    public void One_that_went_away_meanwhile_is_left_out()
    {
        string gone = Path.Combine(_folder.Path, "gone"), mine = Mounted("mine");
        var tables = new Queue<string[]>([[gone, mine], [mine]]);
        MountLook.PrintAll(tables.Dequeue, _output);
        Assert.Equal($"mountpoint: {mine}\nstate: connected\ndepth: 0\n", _output.ToString());
    }

    [Fact]
    public async Task One_that_does_not_answer_hides_no_other()
    {
        string silent = Mounted("silent"), mine = Mounted("mine"), status = $"{silent}/.triggerfs/status";
        File.Delete(status);
        // Whoever opens it waits for one who writes.
        await Process.Start("mkfifo", status).WaitForExitAsync();
        try
        {
            MountLook.PrintAll(() => [silent, mine], _output);
        }
        finally
        {
            await File.WriteAllTextAsync(status, "late\n");
        }
        Assert.Equal($"mountpoint: {silent}\nstate: unknown, it did not answer within 5 s\n"
            + $"mountpoint: {mine}\nstate: connected\ndepth: 0\n", _output.ToString());
    }

    [Fact]
    public void Where_none_is_the_one_who_asks_is_told_how_to_make_one()
    {
        var problem = Assert.Throws<TriggerException>(() => MountLook.PrintAll(() => [], _output));
        Assert.Equal(("no triggerFS is mounted here", "triggerfs mount DIRECTORY"), (problem.Message, problem.Fix));
    }

    /// <summary>A folder with the two files that a mount has.</summary>
    private string Mounted(string name)
    {
        _folder.Write($"{name}/.triggerfs/status", "state: connected\n");
        _folder.Write($"{name}/.triggerfs/spool", "depth: 0\n");
        return Path.Combine(_folder.Path, name);
    }
}
