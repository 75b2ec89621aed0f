using TriggerFs.Commands.Client;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Commands.Session;

namespace TriggerFs.Tests.Commands.Client;

public sealed class RequestRunTests : IAsyncLifetime, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ManualResetEventSlim _gate = new(initialState: true);
    private FakeLink _link = null!;
    private UserSession _session = null!;

    public async Task InitializeAsync()
    {
        _session = new(new(PeerRole.Client, "team1", "hp", "s"), "test", hello => _link = new FakeLink(hello));
        Task<Accepted> opened = _session.OpenAsync(TimeSpan.FromSeconds(30), default);
        _link.Up();
        await opened;
    }

    [Fact]
    public async Task The_status_is_the_highest_of_all_workers()
    {
        Task<int> run = Run(out RequestId id);
        _link.DeliverFinished(id, worker: "a", exitCode: 3, last: false);
        _link.DeliverFinished(id, worker: "b", exitCode: 7, last: false);
        _link.DeliverFinished(id, worker: "c", exitCode: 0);
        Assert.Equal(7, await run);
    }

    [Fact]
    public async Task A_refusal_is_thrown()
    {
        Task<int> run = Run(out RequestId id);
        _link.Deliver(new Refused(id, ErrorCode.NoWorker, "no worker", "", "").Write);
        Assert.Equal(ErrorCode.NoWorker, (await Assert.ThrowsAsync<TriggerException>(() => run)).Code);
    }

    [Fact]
    public async Task Output_is_credited_only_after_it_was_written()
    {
        _gate.Reset();
        Task<int> run = Run(out RequestId id);
        string piece = new('x', Limits.OutputChunkMax);
        for (int i = 0; i < 4; i++) _link.DeliverOutput(id, (ulong)(i * piece.Length), piece);
        Assert.Empty(_link.Take(MessageKind.Credit));
        _gate.Set();
        Assert.Equal((ulong)piece.Length, Offset(await _link.WaitAsync(MessageKind.Credit)));
        _link.DeliverFinished(id, offset: (ulong)(4 * piece.Length));
        Assert.Equal(0, await run);

        static ulong Offset(byte[] credit) => Credit.Read(credit).Offset;
    }

    [Fact]
    public async Task Stopping_cancels_the_request_and_waits_for_its_end()
    {
        Task<int> run = Run(out RequestId id);
        await _stop.CancelAsync();
        Assert.Equal(id.Value, Cancel.Read(await _link.WaitAsync(MessageKind.Cancel)).Id);
        Assert.False(run.IsCompleted);
        _link.DeliverFinished(id, outcome: Outcome.Cancelled, exitCode: 143);
        Assert.Equal(130, await run);
    }

    [Fact]
    public async Task A_cancelled_request_whose_end_is_not_confirmed_is_not_waited_for_for_ever()
    {
        Task<int> run = Run(out _);
        await _stop.CancelAsync();
        var problem = await Assert.ThrowsAsync<TriggerException>(() => run.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(ErrorCode.Cancelled, problem.Code);
    }

    [Fact]
    public async Task A_reader_that_went_away_cancels_the_request_quietly()
    {
        Task<int> run = Run(out RequestId id, fault: new ReaderGoneException());
        _link.DeliverOutput(id, 0, "x\n");
        await _link.WaitAsync(MessageKind.Cancel);
        _link.DeliverFinished(id, outcome: Outcome.Cancelled, offset: 2);
        Assert.Equal(141, await run);
    }

    [Fact]
    public async Task A_full_disk_cancels_the_request_and_is_told()
    {
        Task<int> run = Run(out RequestId id, fault: new TriggerException(ErrorCode.Storage, "no room"));
        _link.DeliverOutput(id, 0, "x\n");
        await _link.WaitAsync(MessageKind.Cancel);
        _link.DeliverFinished(id, outcome: Outcome.Cancelled, offset: 2);
        Assert.Equal(ErrorCode.Storage, (await Assert.ThrowsAsync<TriggerException>(() => run)).Code);
    }

    public async Task DisposeAsync() => await _session.DisposeAsync();

    public void Dispose()
    {
        _stop.Dispose();
        _gate.Dispose();
    }

    private Task<int> Run(out RequestId id, Exception? fault = null)
    {
        var request = new ClientRequest("s", "p", TimeSpan.FromSeconds(10), [], "x"u8.ToArray());
        Task<int> run = new RequestRun(_session, request).RunAsync(
            done => new Printer(done, _gate, fault), _stop.Token);
        id = Request.Read(Assert.Single(_link.Take(MessageKind.Request))).Id;
        return run;
    }

    /// <summary>Writes nothing, as fast as its gate lets it.</summary>
    private sealed class Printer(Action<OutputChunk> done, ManualResetEventSlim gate, Exception? fault) : IAnswerPrinter
    {
        public void Dispatched(Dispatched dispatched)
        {
        }

        public void Output(OutputChunk chunk)
        {
            if (fault is not null) throw fault;
            gate.Wait();
            done(chunk);
        }

        public void Ended(RunEnd end)
        {
        }

        public void Close(RequestEnd end)
        {
        }
    }
}
