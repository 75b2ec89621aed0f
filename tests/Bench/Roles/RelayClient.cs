using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace TriggerFs.Bench.Roles;

/// <summary>
/// Messages of a fixed size on a byte stream. Small ones are sent by the thread that receives; large ones by another,
/// so that both directions cannot be full and wait for each other.
/// </summary>
sealed class RelayClient(int port) : IAsker
{
    private const int InlineMax = 64 * 1024;

    private readonly Socket _socket = Relay.Connect(port);
    private readonly byte[] _out = new byte[1 << 20];
    private readonly byte[] _in = new byte[1 << 20];

    public void Ask(Meter meter)
    {
        int size = meter.Cell.Size, underWay = meter.Cell.Outstanding;
        bool inline = size * (long)underWay <= InlineMax;
        using var wanted = new SemaphoreSlim(0);
        using var enough = new CancellationTokenSource();
        Thread? sender = inline ? null : new Thread(() => SendWanted(wanted, size, enough.Token));
        sender?.Start();
        if (inline) Send(size, underWay);
        else wanted.Release(underWay);
        Receive(meter, underWay, again =>
        {
            if (inline) Send(size, again);
            else wanted.Release(again);
        });
        enough.Cancel();
        sender?.Join();
    }

    public void Dispose() => _socket.Dispose();

    private void Receive(Meter meter, int underWay, Action<int> askAgain)
    {
        int size = meter.Cell.Size, filled = 0;
        while (underWay > 0)
        {
            filled += _socket.Receive(_in, filled, _in.Length - filled, SocketFlags.None);
            int at = 0, again = 0;
            long now = Stopwatch.GetTimestamp();
            for (; filled - at >= size; at += size)
            {
                if (meter.Answered(MemoryMarshal.Read<long>(_in.AsSpan(at)), now)) again++;
                else underWay--;
            }
            if (again > 0) askAgain(again);
            _in.AsSpan(at, filled - at).CopyTo(_in);
            filled -= at;
        }
    }

    private void SendWanted(SemaphoreSlim wanted, int size, CancellationToken enough)
    {
        try
        {
            while (true)
            {
                wanted.Wait(enough);
                int count = 1;
                while (count * size < _out.Length / 2 && wanted.Wait(0, CancellationToken.None)) count++;
                Send(size, count);
            }
        }
        catch (OperationCanceledException)
        {
            // All answers are there.
        }
    }

    /// <summary>Sends some messages at once, each with the time in it.</summary>
    private void Send(int size, int count)
    {
        while (count > 0)
        {
            int part = Math.Min(count, _out.Length / size);
            long now = Stopwatch.GetTimestamp();
            for (int i = 0; i < part; i++) MemoryMarshal.Write(_out.AsSpan(i * size), now);
            for (int sent = 0; sent < part * size;)
                sent += _socket.Send(_out.AsSpan(sent, (part * size) - sent));
            count -= part;
        }
    }
}
