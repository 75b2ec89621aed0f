using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// Output of one request's runs that the broker does not know to be read yet, in the order in which it came: each
/// worker sends more when its own was read. Used again. From any thread.
/// </summary>
sealed class HeldOutput(UserSession session) : IOutputSource
{
    /// <summary>Names of workers that are kept for the next request, which mostly has the same.</summary>
    private const int NamesMax = 16;

    private readonly Lock _gate = new();
    private readonly Queue<(byte[] Worker, int Bytes)> _pieces = new();
    private readonly List<byte[]> _names = [];
    private RequestId _request;

    /// <summary>Bytes of the first piece that were read.</summary>
    private int _taken;

    public void Add(in Output output)
    {
        lock (_gate)
        {
            _request = new(output.Id);
            _pieces.Enqueue((NameOf(output.Worker), output.Bytes.Length));
        }
    }

    public void Consumed(int bytes)
    {
        lock (_gate)
        {
            while (bytes > 0 && _pieces.TryPeek(out (byte[] Worker, int Bytes) piece))
            {
                int count = Math.Min(bytes, piece.Bytes - _taken);
                session.Consumed(_request, piece.Worker, count);
                bytes -= count;
                _taken += count;
                if (_taken < piece.Bytes) return;
                _taken = 0;
                _pieces.Dequeue();
            }
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _pieces.Clear();
            _taken = 0;
            if (_names.Count > NamesMax) _names.Clear();
        }
    }

    private byte[] NameOf(ReadOnlySpan<byte> worker)
    {
        foreach (byte[] name in _names)
            if (worker.SequenceEqual(name)) return name;
        _names.Add(worker.ToArray());
        return _names[^1];
    }
}
