using System.Diagnostics;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>Runs the program on a terminal of its own, made by script(1), with keys typed ahead.</summary>
static class Terminal
{
    private const string Script = "/usr/bin/script";

    /// <summary>Whether terminals can be made here.</summary>
    public static bool IsThere => File.Exists(Script);

    /// <summary>Runs the program to its end; what the terminal showed, with plain line ends.</summary>
    public static async Task<Ended> RunAsync(Site site, string keys, params string[] arguments)
    {
        ProcessStartInfo program = RealProgram.Start(site.Folder, ["--config", site.SettingsFile, .. arguments]);
        string line = string.Join(' ', program.ArgumentList.Prepend(program.FileName).Select(Quoted));
        program.FileName = Script;
        program.ArgumentList.Clear();
        foreach (string argument in (string[])["-q", "-e", "-c", line, "/dev/null"]) program.ArgumentList.Add(argument);
        Ended ended = await Ended.RunAsync(program, System.Text.Encoding.UTF8.GetBytes(keys));
        return ended with { OutBytes = System.Text.Encoding.UTF8.GetBytes(ended.Out.ReplaceLineEndings("\n")) };
    }

    private static string Quoted(string word) => $"'{word.Replace("'", "'\\''")}'";
}
