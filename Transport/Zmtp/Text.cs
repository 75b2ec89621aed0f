namespace TriggerFs.Transport.Zmtp;

/// <summary>Bytes of a peer as text that is safe to show: printable ASCII, and not much of it.</summary>
static class Text
{
    private const int ShownMax = 120;

    public static string Shown(ReadOnlySpan<byte> bytes)
    {
        Span<char> shown = stackalloc char[Math.Min(bytes.Length, ShownMax)];
        for (int i = 0; i < shown.Length; i++) shown[i] = bytes[i] is >= 0x20 and < 0x7F ? (char)bytes[i] : '?';
        return new string(shown);
    }
}
