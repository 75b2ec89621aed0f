using System.Text;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>A thousand requests from fifty sessions at once, against the real broker and a real worker.</summary>
public sealed class ManyClientsTests
{
    private const int Clients = 50;
    private const int RequestsEach = 20;

    [Fact]
    public async Task A_thousand_requests_from_fifty_clients_have_a_thousand_answers_none_mixed_up()
    {
        await using Site site = await Site.StartAsync();
        await site.WorkerAsync("w1");
        await site.ServiceAsync("svc", "roundrobin", "w1");

        var sessions = new UserSession[Clients];
        for (int i = 0; i < Clients; i++) sessions[i] = site.Session();
        await Task.WhenAll(sessions.Select(session => session.OpenAsync(TimeSpan.FromSeconds(30), default)));
        var asked = new List<(string Expected, Collected Answer)>();
        for (int client = 0; client < Clients; client++)
            for (int request = 0; request < RequestsEach; request++)
                asked.Add(Ask(sessions[client], $"client {client} request {request}"));
        foreach ((string expected, Collected answer) in asked)
            Assert.Equal((expected + "\n", 0), await answer.EndAsync());
        foreach (UserSession session in sessions) await session.DisposeAsync();
    }

    private static (string, Collected) Ask(UserSession session, string text)
    {
        var answer = new Collected();
        byte[] command = Encoding.UTF8.GetBytes($"echo {text}");
        session.Ask("svc", "command/command", [], command, TimeSpan.FromMinutes(2), 0, answer);
        return (text, answer);
    }
}

/// <summary>The output and the end of one request, collected.</summary>
sealed class Collected : IAnswers
{
    private readonly StringBuilder _text = new();
    private readonly TaskCompletionSource<(string, int)> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _ends;

    public bool ConsumesAtOnce => true;

    /// <summary>How many ends were reported; more than one is a bug.</summary>
    public int Ends => Volatile.Read(ref _ends);

    /// <summary>All output and the exit code; -1 with the failure's text when there was none.</summary>
    public Task<(string Text, int ExitCode)> EndAsync() => _end.Task.WaitAsync(TimeSpan.FromMinutes(2));

    public void Dispatched(Dispatched dispatched)
    {
    }

    public void Output(in Output output) => _text.Append(Encoding.UTF8.GetString(output.Bytes));

    public void Finished(in Finished finished)
    {
        _text.Append(Encoding.UTF8.GetString(finished.Tail));
        if ((finished.Flags & TriggerFs.Core.Messages.Finished.Last) == 0) return;
        Interlocked.Increment(ref _ends);
        _end.TrySetResult(finished.Outcome == Outcome.Done
            ? (_text.ToString(), finished.ExitCode)
            : ($"{finished.Outcome}", -1));
    }

    public void Failed(TriggerException problem)
    {
        Interlocked.Increment(ref _ends);
        _end.TrySetResult((problem.Report(), -1));
    }
}
