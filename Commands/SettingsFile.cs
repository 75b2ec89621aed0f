using System.Collections.Immutable;
using System.Globalization;
using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;
using TriggerFs.Core;

namespace TriggerFs.Commands;

/// <summary>
/// Finds and reads the settings file; the only file here that knows TOML. What it refuses, it refuses by line.
/// </summary>
static class SettingsFile
{
    /// <summary>The reason of an error when there is no file at all.</summary>
    public const string NoneFound = "no settings file was found in $XDG_CONFIG_HOME/triggerfs, $HOME or /etc/triggerfs";

    /// <summary>Bytes of a settings file at the most: hundreds of workers fit.</summary>
    public const int SizeMax = 1024 * 1024;

    /// <summary>
    /// The file to read: the one that was asked for, whether it is there or not, else the first that is there, else
    /// null.
    /// </summary>
    public static string? Find(string? asked, Func<string, string?> variable)
    {
        string? named = asked ?? Set(variable("TRIGGERFS_CONFIG"));
        return named ?? Places(variable).FirstOrDefault(File.Exists);
    }

    /// <summary>The settings in a file.</summary>
    public static Settings Read(string path) => Parse(ReadText(path), path);

    /// <summary>The settings in a text; the path is for errors.</summary>
    public static Settings Parse(string text, string path)
    {
        DocumentSyntax document = ParseToml(text, path);
        var values = new List<Value>();
        foreach (KeyValueSyntax pair in document.KeyValues) Collect([], pair, path, values);
        foreach (TableSyntaxBase table in document.Tables)
        {
            if (table is TableArraySyntax)
                throw Unknown(Names(table.Name!), table, path, "a section has one pair of brackets");
            CheckSection(Names(table.Name!), table, path);
            foreach (KeyValueSyntax pair in table.Items) Collect(Names(table.Name!), pair, path, values);
        }
        return Apply(values, path);
    }

    /// <summary>The texts of a file that has nothing but lines of <c>name = "text"</c>.</summary>
    public static Dictionary<string, string> Texts(string text, string path)
    {
        var values = new List<Value>();
        DocumentSyntax document = ParseToml(text, path, isSecret: true);
        foreach (KeyValueSyntax pair in document.KeyValues) Collect([], pair, path, values);
        if (document.Tables.FirstOrDefault() is { } table)
            throw new TriggerException(ErrorCode.Settings,
                $"{path}:{table.Span.Start.Line + 1}: there are no sections here",
                fix: "all lines are: name = \"text\"");
        return values.ToDictionary(value => value.Name, value => value.Read(SettingKind.Text, path).Text);
    }

    /// <summary>A new settings file for a user.</summary>
    public static string UserText(MainSettings main) => $"""
        # The settings of triggerFS. There are secrets in here: keep its mode at 0600.

        [main]
        team = {Quoted(main.Team)}
        identity = {Quoted(main.Identity)}
        secret = {Quoted(main.Secret)}
        broker = {Quoted(main.Broker)}
        brokerkey = {Quoted(main.BrokerKey)}

        """;

    /// <summary>A new settings file for a broker and its first user.</summary>
    public static string Text(Settings settings) => $"""
        {UserText(settings.Main)}
        # Workers and users on other hosts need 'broker' (with this host's name) and 'brokerkey', and who they are.
        [broker]
        listen = {Quoted(settings.Broker.Listen)}
        state = {Quoted(settings.Broker.State)}

        """;

    /// <param name="isSecret">Nothing of the text may be in an error.</param>
    private static DocumentSyntax ParseToml(string text, string path, bool isSecret = false)
    {
        const string Fix = "texts stand in quotes, a line is: key = \"value\"";
        DocumentSyntax document;
        try
        {
            document = SyntaxParser.Parse(text, path, validate: true);
        }
        catch (ArgumentOutOfRangeException) // Its way of saying that nothing follows a backslash.
        {
            throw new TriggerException(ErrorCode.Settings, $"{path}:{text.Count(letter => letter == '\n') + 1}: "
                + "this is not TOML", "the file ends behind a backslash", Fix);
        }
        catch (TomlException) // Its way of saying that brackets stand in brackets, more than 64 deep.
        {
            throw new TriggerException(ErrorCode.Settings, $"{path}: this is not TOML that can be read",
                "brackets stand in brackets too deep", Fix);
        }
        foreach (DiagnosticMessage message in document.Diagnostics)
            if (message.Kind == DiagnosticMessageKind.Error)
                throw new TriggerException(
                    ErrorCode.Settings, $"{path}:{message.Span.Start.Line + 1}: this is not TOML",
                    isSecret ? null : message.Message, Fix);
        return document;
    }

    private static string Quoted(string? value) =>
        '"' + (value ?? "").Replace("\\", "\\\\").Replace("\"", "\\\"") + '"';

    private static Settings Apply(List<Value> values, string path)
    {
        var settings = new Settings { File = path, SecretLine = values.FirstOrDefault(value => value.IsSecret)?.Line };
        foreach (SettingKey key in SettingKeys.All)
            foreach (Value value in values)
                if (value.Name == key.Name) settings = key.Apply(settings, value.Read(key.Kind, path));
        foreach (Value value in values)
            if (value.Key is ["workers", string team, string identity, string key] && WorkerKey(key) is { } known)
                settings = SetWorker(settings, team, identity, known, value.Read(known.Kind, path));
            else if (value.Key is ["plugins", string plugin, string word])
                settings = SetPlugin(settings, plugin, word, value.Read(PluginSection.KindOf(word), path));
            else if (!SettingKeys.All.Any(key => key.Name == value.Name))
                throw Unknown(value.Key, value.Node, path, null);
        return settings;
    }

    /// <summary>What a key of a worker's section sets: its token, or what its plugins may.</summary>
    private static WorkerSetting? WorkerKey(string name) => name == "token"
        ? new(SettingKind.Text, (worker, value) => worker with { Token = value.As(SettingKeys.Token) })
        : WorkerKeys.All.FirstOrDefault(key => key.Name == name) is { } known
            ? new(known.Kind, (worker, value) => worker with { Policy = known.Apply(worker.Policy, value) })
            : null;

    private static Settings SetWorker(
        Settings settings, string team, string identity, WorkerSetting key, Setting value)
    {
        ImmutableArray<WorkerSettings> all = settings.Workers.All;
        WorkerSettings? known = all.FirstOrDefault(one => one.Team == team && one.Identity == identity);
        WorkerSettings worker = known ?? new(
            (value with { Key = "the section's team", Text = team }).As(TeamName.Parse).Value,
            (value with { Key = "the section's identity", Text = identity }).As(WorkerName.Parse).Value,
            Token: "");
        WorkerSettings now = key.Apply(worker, value);
        all = known is null ? all.Add(now) : all.Replace(known, now);
        return settings with { Workers = settings.Workers with { All = all } };
    }

    private static Settings SetPlugin(Settings settings, string name, string key, Setting value)
    {
        PluginSection? known = settings.Plugins.FirstOrDefault(one => one.Name == name);
        PluginSection section = known ?? (value with { Key = "the section's name", Text = name }).As(PluginSection.Of);
        PluginSection now = section.With(key, value);
        return settings with
        {
            Plugins = known is null ? settings.Plugins.Add(now) : settings.Plugins.Replace(known, now),
        };
    }

    private static void Collect(string[] section, KeyValueSyntax pair, string path, List<Value> values)
    {
        string[] key = [.. section, .. Names(pair.Key!)];
        if (pair.Value is InlineTableSyntax inline)
            foreach (InlineTableItemSyntax item in inline.Items) Collect(key, item.KeyValue!, path, values);
        else
            values.Add(new(key, pair, pair.Value));
    }

    /// <summary>
    /// An empty section of a wrong name would go unnoticed, but means that somebody expects something of it.
    /// </summary>
    private static void CheckSection(string[] section, SyntaxNode node, string path)
    {
        if (section is ["workers"] or ["workers", _] or ["workers", _, _] or ["plugins", _]) return;
        if (!SettingKeys.All.Any(key => key.Name.StartsWith(string.Join('.', section) + ".")))
            throw Unknown(section, node, path, null);
    }

    private static TriggerException Unknown(string[] key, SyntaxNode node, string path, string? why)
    {
        string name = string.Join('.', key);
        IEnumerable<string> sections = SettingKeys.All.Select(one => one.Name[..one.Name.IndexOf('.')]).Distinct();
        string where = $"{path}:{node.Span.Start.Line + 1}";
        if (node is TableSyntaxBase)
            return new(ErrorCode.Settings, $"{where}: there is no section [{NameRule.Shown(name)}]", why,
                Spelling.Suggest(name, sections) ?? $"the sections are {string.Join(", ", sections)}");
        if (key is ["workers", _, _, ..])
            return new(ErrorCode.Settings, $"{where}: there is no key {NameRule.Shown(name)}", why,
                (key is [_, _, _, var last] ? Spelling.Suggest(last, WorkerKeys.All.Select(one => one.Name)) : null)
                    ?? "a worker is [workers.TEAM.IDENTITY], and under it: token = \"…\"");
        string section = string.Join('.', key[..^1]);
        string[] known = [.. SettingKeys.All.Where(one => one.Name.StartsWith(section + ".")).Select(one => one.Name)];
        return new(ErrorCode.Settings, $"{where}: there is no key {NameRule.Shown(name)}", why,
            Spelling.Suggest(name, SettingKeys.All.Select(one => one.Name)) ?? (known.Length == 0
                ? "remove it"
                : $"[{section}] knows {string.Join(", ", known.Select(one => one[(section.Length + 1)..]))}"));
    }

    private static string[] Names(KeySyntax key) =>
        [Name(key.Key!), .. key.DotKeys.Select(part => Name(part.Key!))];

    private static string Name(BareKeyOrStringValueSyntax part) => part switch
    {
        BareKeySyntax bare => bare.Key?.Text ?? "",
        StringValueSyntax quoted => quoted.Value ?? "",
        _ => "",
    };

    private static IEnumerable<string> Places(Func<string, string?> variable)
    {
        string? home = Set(variable("HOME"));
        string? config = Set(variable("XDG_CONFIG_HOME")) ?? (home is null ? null : Path.Join(home, ".config"));
        if (config is not null) yield return Path.Join(config, "triggerfs", "triggerfs.toml");
        if (home is not null) yield return Path.Join(home, "triggerfs.toml");
        yield return "/etc/triggerfs/triggerfs.toml";
    }

    private static string? Set(string? value) => string.IsNullOrEmpty(value) ? null : value;

    private static string ReadText(string path)
    {
        try
        {
            if (new FileInfo(path).Length > SizeMax)
                throw new TriggerException(ErrorCode.Settings, $"{path} is over the limit of {SizeMax} bytes");
            return File.ReadAllText(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(ErrorCode.Settings, $"the settings file {path} cannot be read", problem.Message,
                File.Exists(path) ? "check who owns it" : "make one: triggerfs init --team T --identity I", problem);
        }
    }

    /// <summary>One key and its value as they stand in the file.</summary>
    private sealed record Value(string[] Key, SyntaxNode Node, ValueSyntax? Syntax)
    {
        public string Name { get; } = string.Join('.', Key);

        public int Line => Node.Span.Start.Line + 1;

        public bool IsSecret => Name is "main.secret" or "main.jwt" or "broker.smtp.password"
            || Key is ["workers", _, _, "token"];

        public Setting Read(SettingKind kind, string path)
        {
            string where = $"{path}:{Line}";
            return (Syntax, kind) switch
            {
                (StringValueSyntax text, not SettingKind.Number) => new(Key[^1], text.Value ?? "", where)
                {
                    Items = kind == SettingKind.List ? [text.Value ?? ""] : null,
                },
                (IntegerValueSyntax number, SettingKind.Number or SettingKind.Size or SettingKind.Scalar) =>
                    new(Key[^1], number.Value.ToString(CultureInfo.InvariantCulture), where),
                (FloatValueSyntax number, SettingKind.Scalar) =>
                    new(Key[^1], number.Value.ToString(CultureInfo.InvariantCulture), where),
                (BooleanValueSyntax truth, SettingKind.Scalar) => new(Key[^1], truth.Value ? "true" : "false", where),
                (ArraySyntax list, SettingKind.List) when Texts(list) is { } texts =>
                    new(Key[^1], "", where) { Items = texts },
                _ => throw new TriggerException(ErrorCode.Settings, $"{where}: {Name} has a value of the wrong type",
                    fix: Wanted(kind)),
            };
        }

        private static string[]? Texts(ArraySyntax list)
        {
            string[] texts = [.. list.Items.Select(item => (item.Value as StringValueSyntax)?.Value).OfType<string>()];
            return texts.Length == list.Items.ChildrenCount ? texts : null;
        }

        private string Wanted(SettingKind kind) => kind switch
        {
            SettingKind.Number => $"write a number: {Key[^1]} = 8",
            SettingKind.List => $"write texts in brackets: {Key[^1]} = [\"…\", \"…\"]",
            SettingKind.Size => $"write a size: {Key[^1]} = \"256M\"",
            _ => $"write a text in quotes: {Key[^1]} = \"…\"",
        };
    }

    /// <summary>One key of a worker's section.</summary>
    private sealed record WorkerSetting(SettingKind Kind, Func<WorkerSettings, Setting, WorkerSettings> Apply);
}
