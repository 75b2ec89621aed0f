using System.Reflection;
using TriggerFs.Core;

namespace TriggerFs.Commands.Author;

/// <summary>A plugin to begin with: a program that runs, its manifest, its test.</summary>
/// <param name="Language">What it is written in.</param>
/// <param name="Contract">How it is talked with.</param>
/// <param name="Extension">What the name of its source ends with; empty when the source is the program.</param>
/// <param name="BuildLine">How the program is made of the source, with <c>@LEAF@</c> for its name.</param>
sealed record Skeleton(string Language, string Contract, string Extension, string BuildLine)
{
    /// <summary>All that there are; the first of a language is what one gets who names no contract.</summary>
    public static readonly IReadOnlyList<Skeleton> All =
    [
        new("bash", "exec", "", ""),
        new("python", "exec", "", ""),
        new("python", "lines", "", ""),
        new("go", "exec", ".go", "go build -o @LEAF@ @LEAF@.go"),
        new("csharp", "exec", ".cs", "dotnet publish @LEAF@.cs -o ."),
    ];

    private const UnixFileMode Executable = (UnixFileMode)0x1ED; // 0755

    /// <summary>The skeleton of a language, and of a contract if one is named.</summary>
    public static Skeleton Find(string language, string? contract) =>
        All.FirstOrDefault(one => one.Language == language && (contract ?? one.Contract) == one.Contract)
        ?? throw new TriggerException(ErrorCode.Usage,
            $"there is no skeleton in {NameRule.Shown(language)}"
                + (contract is null ? "" : $" for the contract {NameRule.Shown(contract)}"),
            "there are " + string.Join(", ", All.Select(one => $"{one.Language} ({one.Contract})")),
            "take one of them; a plugin may be written in any language: see Commands/Worker/PLUGINS.md");

    /// <summary>Lays it down; nothing that is there is written over. The files, with what each is.</summary>
    /// <param name="folder">The folder below which the plugin's name is its path.</param>
    /// <param name="name">The plugin's whole name, with a slash in it.</param>
    public IReadOnlyList<(string Path, string What)> Write(string folder, string name)
    {
        string program = Path.Join(folder, name);
        (string Path, string What, string Text)[] files =
        [
            (program + Extension, BuildLine.Length == 0 ? "the program" : $"its source; there: {Fill(BuildLine)}",
                Text($"{Contract}.{Language}")),
            (program + ".json", "its manifest: what it takes, and an example", Text("manifest.json")),
            (program + ".test", $"its test: sh {program}.test", Text("test")),
        ];
        string[] there = [.. files.Select(file => file.Path).Append(program).Where(Path.Exists)];
        if (there.Length > 0)
            throw new TriggerException(ErrorCode.Exists, $"{there[0]} is there already",
                "nothing is written over", "choose another name, or remove it");
        Directory.CreateDirectory(Path.GetDirectoryName(program)!);
        foreach ((string path, _, string text) in files) File.WriteAllText(path, Fill(text));
        if (Extension.Length == 0) File.SetUnixFileMode(program, Executable);
        return [.. files.Select(file => (file.Path, file.What))];

        string Fill(string text) => text.Replace("@BUILD@", BuildLine).Replace("@NAME@", name)
            .Replace("@CONTRACT@", Contract).Replace("@LEAF@", Path.GetFileName(name)).Replace("@SHORT@", Short(name));
    }

    /// <summary>The name by which it is called: X for X/X.</summary>
    private static string Short(string name) =>
        name.Split('/') is [var folder, var file] && folder == file ? file : name;

    private static string Text(string file)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"skeleton/{file}")!;
        return new StreamReader(stream).ReadToEnd();
    }
}
