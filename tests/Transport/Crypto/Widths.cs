using TriggerFs.Transport.Crypto;

namespace TriggerFs.Tests.Transport.Crypto;

/// <summary>Every width of Salsa20 that this CPU can run.</summary>
public sealed class Widths : TheoryData<int>
{
    public Widths()
    {
        foreach (int lanes in (int[])[4, 8, 16])
            if (lanes <= Salsa20.Lanes) Add(lanes);
    }
}
