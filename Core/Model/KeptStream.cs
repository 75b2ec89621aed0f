namespace TriggerFs.Core.Model;

/// <summary>
/// A stream that a service keeps: a plugin and its arguments, run whether somebody listens or not.
/// </summary>
/// <param name="Text">
/// As it is stored: the plugin, and each <c>name=value</c> in the order of the names, between tabs.
/// </param>
readonly record struct KeptStream(string Text)
{
    /// <summary>The plugin, and each <c>name=value</c>: as it travels and as it is typed.</summary>
    public string[] Words => Text.Split('\t');

    public string Plugin => Words[0];

    public List<KeyValuePair<string, string>> Args =>
        [.. Words.Skip(1).Select(word => word.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1]))];

    /// <summary>Refuses words that are none of a stream, or more than are kept.</summary>
    public static KeptStream Of(IReadOnlyList<string> words)
    {
        var args = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string word in words.Skip(1))
        {
            CheckArgument(word);
            if (!args.TryAdd(word[..word.IndexOf('=')], word))
                throw new TriggerException(ErrorCode.Invalid,
                    $"the argument '{NameRule.Shown(word[..word.IndexOf('=')])}' is there twice");
        }
        string text = string.Join('\t', [PluginName.Parse(words[0]).Value, .. args.Values]);
        if (text.Length > Limits.KeptStreamTextMax)
            throw new TriggerException(ErrorCode.TooLarge, "the arguments are too long to be kept with the service",
                $"{Limits.KeptStreamTextMax} characters are allowed, the plugin's name among them",
                "put them into a file that the plugin reads");
        return new(text);
    }

    /// <summary>Refuses what is no <c>name=value</c>, or cannot be shown in a line.</summary>
    public static string CheckArgument(string word)
    {
        int at = word.IndexOf('=');
        if (at < 1 || at > Limits.NameMax || word.Any(char.IsControl))
            throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(word)}' is not an argument for a plugin",
                $"it is NAME=VALUE, with a name of at most {Limits.NameMax} characters, without control characters");
        return word;
    }

    public override string ToString() => Text.Replace('\t', ' ');
}
