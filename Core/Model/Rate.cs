using System.Globalization;

namespace TriggerFs.Core.Model;

/// <summary>
/// How often something may happen: so many times in a period, all at once or evenly, and again as time passes.
/// </summary>
/// <param name="Count">Times; 0 for as often as one likes.</param>
/// <param name="PeriodMs">A second, a minute or an hour, in ms; 0 when there is no limit.</param>
readonly record struct Rate(int Count, int PeriodMs)
{
    private static readonly (string Letter, int Ms)[] Periods = [("s", 1000), ("m", 60_000), ("h", 3_600_000)];

    /// <summary>No limit.</summary>
    public static readonly Rate None;

    public bool IsLimit => Count > 0;

    /// <summary>Reads <c>60/m</c>, <c>10/s</c>, <c>1000/h</c> or <c>none</c>.</summary>
    public static Rate Parse(string text)
    {
        if (text == "none") return None;
        string[] parts = text.Split('/');
        if (parts is [string count, string letter]
            && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int times)
            && times is > 0 and <= Limits.RateCountMax)
            foreach ((string name, int ms) in Periods)
                if (name == letter) return new(times, ms);
        throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is not a rate",
            $"a rate is 1 to {Limits.RateCountMax} times in a second, a minute or an hour",
            "write it like 10/s, 60/m or 1000/h, or none");
    }

    public override string ToString()
    {
        if (!IsLimit) return "none";
        int periodMs = PeriodMs;
        return $"{Count.ToString(CultureInfo.InvariantCulture)}/{Periods.First(one => one.Ms == periodMs).Letter}";
    }
}
