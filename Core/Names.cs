using System.Text;

namespace TriggerFs.Core;

/// <summary>A team's name: letters, digits, '-', '_' and '.', 1 to 64 of them, a letter or digit first.</summary>
readonly record struct TeamName(string Value)
{
    public static TeamName Parse(string text) => new(NameRule.Check(text, "team"));

    public override string ToString() => Value;
}

/// <summary>A user's identity; the rule of <see cref="TeamName"/>.</summary>
readonly record struct UserName(string Value)
{
    /// <summary>Characters of an identity that somebody chooses who signs up, at the least.</summary>
    public const int ChosenMin = 5;

    public static UserName Parse(string text) => new(NameRule.Check(text, "user"));

    /// <summary>An identity that somebody chooses who signs up: letters and digits alone, at least five.</summary>
    public static UserName ParseChosen(string text)
    {
        if (text.Length < ChosenMin || text.Length > Limits.NameMax)
            throw NameRule.Bad("user", text, $"{ChosenMin} to {Limits.NameMax} characters are allowed");
        return text.All(char.IsAsciiLetterOrDigit) ? Parse(text)
            : throw NameRule.Bad("user", text, "letters and digits are allowed");
    }

    public override string ToString() => Value;
}

/// <summary>A worker's identity, which is also a service of one; the rule of <see cref="TeamName"/>.</summary>
readonly record struct WorkerName(string Value)
{
    public static WorkerName Parse(string text) => new(NameRule.Check(text, "worker"));

    public override string ToString() => Value;
}

/// <summary>A service's name within its team; the rule of <see cref="TeamName"/>.</summary>
readonly record struct ServiceName(string Value)
{
    public static ServiceName Parse(string text) => new(NameRule.Check(text, "service"));

    public override string ToString() => Value;
}

/// <summary>A plugin: a relative path of plain components, such as <c>command/command</c>.</summary>
readonly record struct PluginName(string Value)
{
    public static PluginName Parse(string text)
    {
        if (text.Length == 0 || Encoding.UTF8.GetByteCount(text) > Limits.PathMax)
            throw NameRule.Bad("plugin", text, $"1 to {Limits.PathMax} bytes are allowed");
        foreach (string part in text.Split('/')) NameRule.Check(part, "plugin");
        return new(text);
    }

    public override string ToString() => Value;
}

/// <summary>
/// A place in the team's tree, such as <c>/newtrigger/demotrigger</c>: absolute, any UTF-8 but control characters and
/// '/', components of 1 to 255 bytes that do not begin with a dot; those names are kept for triggerFS itself.
/// </summary>
readonly record struct TriggerPath(string Value)
{
    public static readonly TriggerPath Root = new("/");

    public static TriggerPath Parse(string text)
    {
        if (text == "/") return Root;
        if (!text.StartsWith('/')) throw NameRule.Bad("path", text, "it does not begin with '/'");
        if (Encoding.UTF8.GetByteCount(text) > Limits.PathMax)
            throw NameRule.Bad("path", text, $"at most {Limits.PathMax} bytes are allowed");
        string[] parts = text[1..].Split('/');
        if (parts.Length > Limits.PathDepthMax)
            throw NameRule.Bad("path", text, $"at most {Limits.PathDepthMax} levels are allowed");
        foreach (string part in parts) CheckComponent(part);
        return new(text);
    }

    /// <summary>Refuses what cannot be a file name here.</summary>
    public static void CheckComponent(string name)
    {
        if (name.Length == 0) throw NameRule.Bad("file", name, "it is empty");
        if (Encoding.UTF8.GetByteCount(name) > Limits.FileNameMax)
            throw new TriggerException(ErrorCode.TooLarge, $"the name '{NameRule.Shown(name)}' is too long",
                $"a file name has at most {Limits.FileNameMax} bytes");
        if (name[0] == '.') throw NameRule.Bad("file", name, "names that begin with '.' are kept for triggerFS");
        foreach (char letter in name)
            if (char.IsControl(letter) || letter is '/' or '\uFFFD')
                throw NameRule.Bad("file", name, "control characters, '/' and broken UTF-8 are not allowed");
    }

    /// <summary>The directory that it is in; the root is its own.</summary>
    public TriggerPath Parent => Value.LastIndexOf('/') is > 0 and int at ? new(Value[..at]) : Root;

    /// <summary>The last component; empty for the root.</summary>
    public string Leaf => Value[(Value.LastIndexOf('/') + 1)..];

    public override string ToString() => Value;
}

/// <summary>The rule that names of teams, users, workers and services share.</summary>
static class NameRule
{
    public static string Check(string text, string what)
    {
        if (text.Length is 0 or > Limits.NameMax)
            throw Bad(what, text, $"1 to {Limits.NameMax} characters are allowed");
        if (!char.IsAsciiLetterOrDigit(text[0])) throw Bad(what, text, "the first character is a letter or a digit");
        foreach (char letter in text)
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.'))
                throw Bad(what, text, "letters, digits, '-', '_' and '.' are allowed");
        return text;
    }

    public static TriggerException Bad(string what, string text, string why) =>
        new(ErrorCode.Invalid, $"'{Shown(text)}' cannot be the name of a {what}", why);

    /// <summary>A name from outside, short and without control characters, so that it can be printed.</summary>
    public static string Shown(string text)
    {
        string head = text.Length > 80 ? text[..80] + "…" : text;
        return string.Create(head.Length, head, static (span, from) =>
        {
            for (int i = 0; i < span.Length; i++) span[i] = char.IsControl(from[i]) ? '?' : from[i];
        });
    }
}
