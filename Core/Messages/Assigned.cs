using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// The services that the worker is attached to, all of them; sent after Accepted and whenever that changes.
/// </summary>
/// <remarks>u16 count | count × text service</remarks>
sealed record Assigned(IReadOnlyList<string> Services)
{
    public static Assigned Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        string[] services = new string[wire.Count(Limits.JobsMax, sizeMin: 2)];
        for (int i = 0; i < services.Length; i++) services[i] = wire.Text();
        return new(services);
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Assigned);
        wire.Count(Services.Count, Limits.JobsMax);
        foreach (string service in Services) wire.Text(service);
    }
}
