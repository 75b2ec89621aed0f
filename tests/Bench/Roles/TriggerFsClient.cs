using System.Diagnostics;
using System.Text;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Bench.Roles;

/// <summary>The product's own session, asked and answered on its link's loop thread, as a mount does it.</summary>
sealed class TriggerFsClient : IAsker
{
    private readonly UserSession _session;
    private readonly byte[] _service;

    public TriggerFsClient(string address, string key, string service)
    {
        _service = Encoding.UTF8.GetBytes(service);
        _session = BenchSession.New(PeerRole.Client, address, key);
        _session.OpenAsync(TimeSpan.FromSeconds(10), default).GetAwaiter().GetResult();
    }

    public void Ask(Meter meter)
    {
        using var done = new CountdownEvent(meter.Cell.Outstanding);
        byte[] payload = new byte[meter.Cell.Size];
        _session.Post(() =>
        {
            for (int i = 0; i < meter.Cell.Outstanding; i++) new Slot(this, meter, payload, done).Ask();
        });
        done.Wait();
    }

    public void Dispose() => _session.DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>One request after another.</summary>
    private sealed class Slot(TriggerFsClient client, Meter meter, byte[] payload, CountdownEvent done) : IAnswers
    {
        private long _askedTicks;
        private int _received;

        public bool ConsumesAtOnce => true;

        public void Ask()
        {
            _received = 0;
            _askedTicks = Stopwatch.GetTimestamp();
            client._session.Ask(client._service, "echo"u8, default, payload, TimeSpan.Zero, flags: 0, this);
        }

        public void Dispatched(Dispatched dispatched)
        {
        }

        public void Output(in Output output) => _received += output.Bytes.Length;

        public void Finished(in Finished finished)
        {
            _received += finished.Tail.Length;
            if (finished.Outcome != Outcome.Done || _received != payload.Length)
                Environment.FailFast($"{finished.Outcome}, {_received} bytes");
            if (meter.Answered(_askedTicks, Stopwatch.GetTimestamp())) Ask();
            else done.Signal();
        }

        public void Failed(TriggerException problem) => Environment.FailFast(problem.Report());
    }
}
