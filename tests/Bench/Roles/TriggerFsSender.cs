using System.Diagnostics;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Bench.Roles;

/// <summary>The product's own session, sending asynchronous messages as the spool of a mount does.</summary>
sealed class TriggerFsSender : IAsker
{
    private readonly UserSession _session;
    private readonly NodeId _trigger;
    private ulong _sequence;

    public TriggerFsSender(string address, string key)
    {
        _session = BenchSession.New(PeerRole.Mount, address, key);
        var trigger = new TaskCompletionSource<NodeId>();
        _session.Watch(tree =>
        {
            foreach (TreeNode node in tree.Nodes)
                if (!node.IsDirectory) trigger.TrySetResult(node.Id);
        });
        _session.OpenAsync(TimeSpan.FromSeconds(10), default).GetAwaiter().GetResult();
        _trigger = trigger.Task.WaitAsync(TimeSpan.FromSeconds(10)).GetAwaiter().GetResult();
    }

    public void Ask(Meter meter)
    {
        using var done = new CountdownEvent(meter.Cell.Outstanding);
        byte[] payload = new byte[meter.Cell.Size];
        _session.Post(() =>
        {
            for (int i = 0; i < meter.Cell.Outstanding; i++) new Slot(this, meter, payload, done).Send();
        });
        done.Wait();
    }

    public void Dispose() => _session.DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>One message after another; the next when this one is on the broker's disk.</summary>
    private sealed class Slot(TriggerFsSender sender, Meter meter, byte[] payload, CountdownEvent done) : IAnswers
    {
        private readonly long _askedTicks = Stopwatch.GetTimestamp();
        private bool _isStored;

        public bool ConsumesAtOnce => true;

        public void Send()
        {
            var id = new MessageId(((UInt128)1 << 64) | ++sender._sequence);
            sender._session.Fire(
                sender._trigger, payload, Fire.Asynchronous, id, TimeSpan.Zero, this);
        }

        public void Stored()
        {
            _isStored = true;
            if (meter.Answered(_askedTicks, Stopwatch.GetTimestamp())) new Slot(sender, meter, payload, done).Send();
            else done.Signal();
        }

        public void Dispatched(Dispatched dispatched)
        {
        }

        public void Output(in Output output)
        {
        }

        public void Finished(in Finished finished) => Environment.FailFast("there is no worker");

        /// <summary>When it is stored, this says only that there is no worker.</summary>
        public void Failed(TriggerException problem)
        {
            if (!_isStored) Environment.FailFast(problem.Report());
        }
    }
}
