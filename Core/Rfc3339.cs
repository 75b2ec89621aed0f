using System.Globalization;

namespace TriggerFs.Core;

/// <summary>Moments as RFC 3339 writes them, in UTC: <c>2018-05-01T12:00:00Z</c>.</summary>
static class Rfc3339
{
    /// <summary>The end of the year 9999, the last that can be written, in ms since 1970.</summary>
    public const long UnixMsMax = 253_402_300_799_999;

    public static string Seconds(DateTimeOffset utc) =>
        utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <param name="unixMs">At most <see cref="UnixMsMax"/>.</param>
    public static string Seconds(long unixMs) => Seconds(DateTimeOffset.FromUnixTimeMilliseconds(unixMs));

    public static string Milliseconds(DateTimeOffset utc) =>
        utc.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <param name="unixMs">At most <see cref="UnixMsMax"/>.</param>
    public static string Milliseconds(long unixMs) => Milliseconds(DateTimeOffset.FromUnixTimeMilliseconds(unixMs));
}
