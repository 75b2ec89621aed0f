using System.Diagnostics;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>The program on a terminal of its own, made by terminal.py, with keys typed as they are asked for.</summary>
static class TypedTerminal
{
    private const string Python = "/usr/bin/python3";

    public static bool IsThere => File.Exists(Python);

    /// <summary>Runs the program to its end; what the terminal showed.</summary>
    /// <param name="typed">A prompt, what is typed at it (with Python's escapes), the next prompt, ….</param>
    public static Task<Ended> RunAsync(Site site, string[] typed, params string[] arguments) =>
        RunAsync(RealProgram.Start(site.Folder, ["--config", site.SettingsFile, .. arguments]), typed);

    public static Task<Ended> RunAsync(ProcessStartInfo program, string[] typed)
    {
        string script = Path.Join(Repository.Sources.Root, "tests", "EndToEnd", "terminal.py");
        string[] line = [script, .. typed, "--", program.FileName, .. program.ArgumentList];
        program.FileName = Python;
        program.ArgumentList.Clear();
        foreach (string argument in line) program.ArgumentList.Add(argument);
        return Ended.RunAsync(program);
    }
}
