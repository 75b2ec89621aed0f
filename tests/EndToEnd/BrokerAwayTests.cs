using TriggerFs.Broker;
using TriggerFs.Broker.Store;
using TriggerFs.Core;
using TriggerFs.Core.Model;
using static TriggerFs.Tests.EndToEnd.TwoMounts;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>A broker that is away, and one that comes back with another tree than before.</summary>
public sealed class BrokerAwayTests(TwoMounts mounts) : IClassFixture<TwoMounts>
{
    private string A => mounts.A;

    [SkippableFact]
    public async Task What_only_looks_is_answered_meanwhile_and_what_changed_follows_when_the_broker_is_back()
    {
        mounts.SkipUnlessThere();
        foreach (string name in (string[])["stays", "goes", "moves"]) await mounts.TriggerAsync($"/{name}", "t");
        await ShowsAsync(A, "ls -d */t", "d/t\ngoes/t\nmoves/t\nstays/t");
        await DoAsync(A, "! [ -e comes ]");
        string number = await DoAsync(A, "stat -c %i moves/t");
        mounts.Site.Broker.Terminate();
        await mounts.Site.Broker.EndAsync();
        await mounts.MountA.LineAsync("the connection to the broker is gone");

        Assert.Equal("4\n", await DoAsync(A, "ls -lR . | grep -c ' t$'"));
        await DoAsync(A, "df . && df -i . && du -s . && find . -type f && stat stays/t && cat stays/t && ls -la goes");
        await ShowsAsync(A, "grep -o '^state: away' .triggerfs/status", "state: away");
        string[] asking = ["mkdir new", "chmod 600 stays/t", "mv stays/t stays/u", "rmdir d", "ls .triggerfs/failed"];
        foreach (string script in asking)
        {
            Ended refused = await TryAsync(A, script);
            Assert.Matches("Transport endpoint is not connected|Directory not empty", refused.Err);
        }

        await ChangeAsync();
        await mounts.Site.StartBrokerAsync();
        await ShowsAsync(A, "ls -d */t */u 2> /dev/null", "comes/t\nd/t\nmoved/u\nstays/t");
        await ShowsAsync(A, "stat -c %i moved/u; [ -e moves -o -e goes/t ] || echo gone", $"{number}gone");
        await ShowsAsync(A, "grep -o '^state: connected' .triggerfs/status", "state: connected");
    }

    /// <summary>The tree becomes another one while no mount looks.</summary>
    private async Task ChangeAsync()
    {
        Installation installation = Installation.Open(Path.Join(mounts.Site.Folder, "site", "state"));
        using var store = new SqliteStore(installation.DatabasePath);
        var roster = new Roster(store.Load());
        TeamId team = roster.FindTeam(Site.Team)!.Id;
        Node At(string path) => roster.Find(team, TriggerPath.Parse(path))!;
        Node directory = At("/goes") with { Id = new((ulong)roster.NextId()), Name = "comes" };
        Change[] changes =
        [
            new Change.DropNode(At("/goes/t").Id), new Change.DropNode(At("/goes").Id),
            new Change.PutNode(At("/moves") with { Name = "moved" }),
            new Change.PutNode(At("/moves/t") with { Name = "u" }),
            new Change.PutNode(directory),
            new Change.PutNode(At("/stays/t") with { Id = new((ulong)roster.NextId()), Parent = directory.Id }),
        ];
        var stored = new TaskCompletionSource<TriggerException?>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        store.Commit(changes, stored.SetResult);
        Assert.Null(await stored.Task);
    }
}
