using System.Text;

namespace TriggerFs.Tests.EndToEnd.Attack;

/// <summary>
/// Programs that write to triggers through a mount, one after the other each, and remember what was taken: each message
/// is a command that writes down that it was carried out.
/// </summary>
/// <param name="folder">The triggers' folder in the mount.</param>
/// <param name="executions">Where the commands write it down.</param>
/// <param name="triggers">The triggers' names.</param>
sealed class Writers(string folder, Executions executions, params string[] triggers)
{
    private Task _writing = Task.CompletedTask;
    private volatile bool _isOver;

    /// <summary>What a write returned well for.</summary>
    public Dictionary<string, List<int>> Accepted { get; } = triggers.ToDictionary(one => one, _ => new List<int>());

    /// <summary>The last that was tried.</summary>
    public Dictionary<string, int> Last { get; } = triggers.ToDictionary(one => one, _ => 0);

    public int Count => Accepted.Values.Sum(one => one.Count);

    /// <param name="every">Between two writes of one program.</param>
    public void Start(TimeSpan every) =>
        _writing = Task.WhenAll(triggers.Select(trigger => Task.Run(() => WriteAsync(trigger, every))));

    /// <summary>Waits for the last write; throws what went wrong.</summary>
    public Task StopAsync()
    {
        _isOver = true;
        return _writing;
    }

    /// <summary>All that was taken is carried out, nothing else, and in its order.</summary>
    public async Task CheckAsync(string story)
    {
        Assert.True(Count > 0, $"{story}: nothing was taken");
        await executions.AwaitAsync(Accepted, story);
        executions.Check(Last, story);
    }

    private async Task WriteAsync(string trigger, TimeSpan every)
    {
        for (; !_isOver; await Task.Delay(every))
        {
            int number = ++Last[trigger];
            byte[] message = Encoding.ASCII.GetBytes(executions.Command(trigger, number));
            await using var file = new FileStream(
                Path.Combine(folder, trigger), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
            file.Write(message);
            Accepted[trigger].Add(number);
        }
    }
}
