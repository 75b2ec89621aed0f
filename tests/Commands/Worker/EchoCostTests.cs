using TriggerFs.Commands.Worker;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Transport.Loop;

namespace TriggerFs.Tests.Commands.Worker;

public sealed class EchoCostTests
{
    [Fact]
    public void A_run_that_ends_within_the_call_allocates_nothing()
    {
        using var loop = new EventLoop(_ => { });
        var link = new CountingLink();
        using var processes = new ProcessHost(loop, new([], "demo01"), sole: false);
        var options = new WorkerOptions("demo01", 8);
        using PluginDesk desk = RunningWorker.Desk(loop, [new EchoPlugin()], processes, options, new QuietLogger());
        var session = new WorkerSession(link, loop, desk, processes, options, new QuietLogger());
        byte[] message = WorkerStage.RunMessage(1, "echo", new byte[1024]);
        for (int i = 0; i < 100; i++) session.Received(MessageKind.Run, message);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++) session.Received(MessageKind.Run, message);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(10_100, link.Count);
    }

    private sealed class CountingLink : IBrokerLink
    {
        public int Count { get; private set; }

        public long Unsent => 0;

        public void Start(ILinkEvents events)
        {
        }

        public bool Send(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default)
        {
            if (body.Length == 1024) Count++; // An assertion would allocate.
            return true;
        }

        public void Post(Action action) => action();

        public Task LeaveAsync(string reason) => Task.CompletedTask;

        public ValueTask DisposeAsync() => default;
    }

    private sealed class QuietLogger : Microsoft.Extensions.Logging.ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) => false;

        public void Log<TState>(
            Microsoft.Extensions.Logging.LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state,
            Exception? exception, Func<TState, Exception?, string> formatter)
        {
        }
    }
}
