using System.Globalization;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>The values of statements, read strictly, and the words that stand for enumerations.</summary>
static class Values
{
    private static readonly (string Word, Algorithm Value)[] Algorithms =
        [("roundrobin", Core.Messages.Algorithm.RoundRobin), ("serial", Core.Messages.Algorithm.Serial),
         ("mirror", Core.Messages.Algorithm.Mirror)];

    private static readonly (string Word, Visibility Value)[] Visibilities =
        [("local", Core.Model.Visibility.Local), ("team", Core.Model.Visibility.Team),
         ("public", Core.Model.Visibility.Public)];

    private static readonly (string Word, OnFailure Value)[] OnFailures =
        [("continue", Core.Model.OnFailure.Continue), ("stop", Core.Model.OnFailure.Stop)];

    private static readonly (string Word, MessageMode Value)[] MessageModes =
        [("write", MessageMode.Write), ("line", MessageMode.Line), ("close", MessageMode.Close)];

    private static readonly (string Word, TeamRole Value)[] Roles =
        [("admin", TeamRole.Admin), ("member", TeamRole.Member), ("observer", TeamRole.Observer)];

    private static readonly (string Word, bool Value)[] Truths = [("true", true), ("false", false)];

    private static readonly (string Word, bool Value)[] Modes = [("async", false), ("sync", true)];

    public static Algorithm Algorithm(string text) => OneOf(Algorithms, text, "an algorithm");

    public static Visibility Visibility(string text) => OneOf(Visibilities, text, "a visibility");

    public static OnFailure OnFailure(string text) => OneOf(OnFailures, text, "what to do on failure");

    public static MessageMode Message(string text) => OneOf(MessageModes, text, "a message mode");

    public static bool Synchronous(string text) => OneOf(Modes, text, "a mode");

    public static TeamRole Role(string text) => OneOf(Roles, text, "a role");

    public static bool Truth(string text) => OneOf(Truths, text, "true or false");

    public static string Word(TeamRole value) => WordOf(Roles, value);

    public static string Word(Algorithm value) => WordOf(Algorithms, value);

    public static string Word(Visibility value) => WordOf(Visibilities, value);

    public static string Word(OnFailure value) => WordOf(OnFailures, value);

    public static string Word(MessageMode value) => WordOf(MessageModes, value);

    public static string Mode(bool synchronous) => WordOf(Modes, synchronous);

    /// <summary>Decimal milliseconds up to <see cref="Limits.TimeoutMax"/>; 0 for the default.</summary>
    public static uint TimeoutMs(string text)
    {
        if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint ms))
            throw Bad(text, "a timeout", "decimal milliseconds are expected");
        return ms <= Limits.TimeoutMax.TotalMilliseconds ? ms : throw new TriggerException(ErrorCode.TooLarge,
            "the timeout is too long", $"at most {Limits.TimeoutMax.TotalHours:0}h is allowed");
    }

    public static int Retry(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int times) && times <= Limits.RetryMax
            ? times : throw Bad(text, "a number of retries", $"0 to {Limits.RetryMax} is allowed");

    /// <summary>Decimal bytes of one message, 1 to <see cref="Limits.TriggerLimitMax"/>.</summary>
    public static int Limit(string text)
    {
        if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint bytes) || bytes == 0)
            throw Bad(text, "a limit", "decimal bytes are expected, at least 1");
        return bytes <= Limits.TriggerLimitMax ? (int)bytes : throw new TriggerException(ErrorCode.TooLarge,
            "the limit is too high", $"at most {Limits.TriggerLimitMax >> 20} MiB is allowed");
    }

    /// <summary>Octal permission bits, 0 to 777.</summary>
    public static ushort Permissions(string text)
    {
        if (text.Length is 0 or > 4 || text.Any(digit => digit is < '0' or > '7') || Convert.ToInt32(text, 8) > 0x1FF)
            throw Bad(text, "permissions", "octal digits from 0 to 777 are expected, without set-id and sticky bits");
        return Convert.ToUInt16(text, 8);
    }

    public static string Octal(ushort permissions) => "0" + Convert.ToString(permissions, 8).PadLeft(3, '0');

    public static string Description(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > Limits.DescriptionMax)
            throw new TriggerException(ErrorCode.TooLarge, "the description is too long",
                $"at most {Limits.DescriptionMax} bytes are allowed");
        return text.Any(char.IsControl)
            ? throw Bad(text, "a description", "it has a control character in it") : text;
    }

    private static T OneOf<T>((string Word, T Value)[] words, string text, string what)
    {
        foreach ((string word, T value) in words)
            if (word == text) return value;
        throw Bad(text, what, "it is one of " + string.Join(", ", words.Select(pair => pair.Word)));
    }

    private static string WordOf<T>((string Word, T Value)[] words, T value) =>
        words.First(pair => EqualityComparer<T>.Default.Equals(pair.Value, value)).Word;

    private static TriggerException Bad(string text, string what, string why) =>
        new(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is not {what}", why);
}
