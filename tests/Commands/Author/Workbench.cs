using System.Diagnostics;
using System.Text;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Tests.Commands.Author;

/// <summary>An author at work in a folder of his own, with the real program.</summary>
sealed class Workbench : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Path => _folder.Path;

    /// <summary>The program as a shell calls it.</summary>
    public static string Program
    {
        get
        {
            ProcessStartInfo start = RealProgram.Start("/", []);
            return string.Join(' ', start.ArgumentList.Prepend(start.FileName));
        }
    }

    public Task<Ended> RunAsync(params string[] arguments) => RunAsync("", arguments);

    /// <summary>Runs <c>triggerfs plugin …</c> there to its end.</summary>
    public Task<Ended> RunAsync(string input, string[] arguments) =>
        Ended.RunAsync(RealProgram.Start(Path, ["plugin", .. arguments]), Encoding.UTF8.GetBytes(input));

    /// <summary>Runs a script there, for which TRIGGERFS is the program.</summary>
    public Task<Ended> ShellAsync(string script)
    {
        ProcessStartInfo start = RealProgram.Start(Path, []);
        start.FileName = "/bin/sh";
        start.ArgumentList.Clear();
        start.ArgumentList.Add(script);
        start.Environment["TRIGGERFS"] = Program;
        return Ended.RunAsync(start, deadline: TimeSpan.FromMinutes(2));
    }

    public string Write(string name, string text) => _folder.Write(name, text);

    /// <summary>Writes a program and, if there is one, its manifest.</summary>
    public void Plugin(string name, string text, string? manifest = null)
    {
        File.SetUnixFileMode(Write(name, text), (UnixFileMode)0x1ED);
        if (manifest is not null) Write(name + ".json", manifest);
    }

    public void Dispose() => _folder.Dispose();
}
