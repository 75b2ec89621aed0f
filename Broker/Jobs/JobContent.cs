using System.Buffers;
using System.Text;

namespace TriggerFs.Broker.Jobs;

/// <summary>
/// What a run needs of its request, kept in one buffer until no worker can need it any more. A small buffer stays with
/// its owner and is used again; a large one goes back to the pool.
/// </summary>
sealed class JobContent
{
    private const int SmallMax = 2048;

    private byte[] _buffer = new byte[SmallMax];
    private int _trigger;
    private int _plugin;
    private int _args;
    private int _payload;

    /// <summary>Bytes that are kept; 0 once they were let go.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Service => _buffer.AsSpan(0, _trigger);

    public ReadOnlySpan<byte> Trigger => _buffer.AsSpan(_trigger, _plugin - _trigger);

    public ReadOnlySpan<byte> Plugin => _buffer.AsSpan(_plugin, _args - _plugin);

    public ReadOnlySpan<byte> Args => _buffer.AsSpan(_args, _payload - _args);

    public ReadOnlySpan<byte> Payload => _buffer.AsSpan(_payload, Length - _payload);

    /// <summary>For people.</summary>
    public string TriggerText => Encoding.UTF8.GetString(Trigger);

    /// <summary>For people; empty once it was let go.</summary>
    public string PluginText => Encoding.UTF8.GetString(Plugin);

    public void Keep(
        ReadOnlySpan<byte> service,
        ReadOnlySpan<byte> trigger,
        ReadOnlySpan<byte> plugin,
        ReadOnlySpan<byte> args,
        ReadOnlySpan<byte> payload)
    {
        int length = service.Length + trigger.Length + plugin.Length + args.Length + payload.Length;
        if (length > _buffer.Length) _buffer = ArrayPool<byte>.Shared.Rent(length);
        _trigger = service.Length;
        _plugin = _trigger + trigger.Length;
        _args = _plugin + plugin.Length;
        _payload = _args + args.Length;
        Length = length;
        service.CopyTo(_buffer);
        trigger.CopyTo(_buffer.AsSpan(_trigger));
        plugin.CopyTo(_buffer.AsSpan(_plugin));
        args.CopyTo(_buffer.AsSpan(_args));
        payload.CopyTo(_buffer.AsSpan(_payload));
    }

    /// <summary>Lets all go but the service's name.</summary>
    public void LetGo()
    {
        if (_buffer.Length > SmallMax)
        {
            byte[] small = new byte[SmallMax];
            Service.CopyTo(small);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = small;
        }
        _plugin = _args = _payload = _trigger;
        Length = 0;
    }
}
