using System.Diagnostics;
using System.Text.RegularExpressions;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>
/// The real program on a real terminal, as a person has it: keys go in, what is on the screen comes out. tmux(1) is the
/// terminal, a server of its own for each.
/// </summary>
sealed class TmuxTerminal : IAsyncDisposable
{
    private const string Tmux = "/usr/bin/tmux";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly ProcessStartInfo _surroundings;

    private TmuxTerminal(ProcessStartInfo surroundings) => _surroundings = surroundings;

    /// <summary>Whether terminals can be made here.</summary>
    public static bool IsThere => File.Exists(Tmux);

    /// <summary>The home directory of whoever sits at it, where the history is.</summary>
    public string Home => _folder.Path;

    private string StatusFile => Path.Combine(_folder.Path, "status");

    /// <summary>Starts the program of a site on a terminal of some size; the environment may differ.</summary>
    /// <param name="home">The home directory of an earlier one, to sit down at again; null for a new one.</param>
    public static async Task<TmuxTerminal> StartAsync(
        Site site, (int Columns, int Rows) size, string[] arguments, string? term = null, string? home = null)
    {
        ProcessStartInfo program = RealProgram.Start(site.Folder, ["--config", site.SettingsFile, .. arguments]);
        var terminal = new TmuxTerminal(program);
        string[] command =
        [
            "env", $"HOME={home ?? terminal.Home}", .. (string[])(term is null ? [] : [$"TERM={term}"]),
            program.FileName, .. program.ArgumentList,
        ];
        await terminal.TmuxAsync("new-session", "-d", "-x", $"{size.Columns}", "-y", $"{size.Rows}",
            "-c", site.Folder, "--",
            $"{string.Join(' ', command.Select(Quoted))}; echo $? > {terminal.StatusFile}; exec sleep 3600");
        return terminal;
    }

    /// <summary>Types text as it is; nothing in it is the name of a key.</summary>
    public Task TypeAsync(string text) => TmuxAsync("send-keys", "-l", "--", text);

    /// <summary>Presses keys by their names: Enter, Tab, C-c, Up, …</summary>
    public Task PressAsync(params string[] keys) => TmuxAsync(["send-keys", .. keys]);

    /// <summary>Types a line and Enter.</summary>
    public async Task EnterAsync(string line)
    {
        await TypeAsync(line);
        await PressAsync("Enter");
    }

    /// <summary>Pastes text as a terminal does, in the brackets that the program asked for.</summary>
    public async Task PasteAsync(string text)
    {
        await TmuxAsync("set-buffer", "--", text);
        await TmuxAsync("paste-buffer", "-p");
    }

    public Task ResizeAsync(int columns, int rows) =>
        TmuxAsync("resize-window", "-x", $"{columns}", "-y", $"{rows}");

    /// <summary>What is on the screen, without the blank rows at its end.</summary>
    public async Task<string> ScreenAsync() => (await TmuxAsync("capture-pane", "-p")).TrimEnd('\n', ' ');

    /// <summary>Waits until the screen shows something, and returns all that it shows.</summary>
    public async Task<string> UntilAsync(string pattern)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            string screen = await ScreenAsync();
            if (Regex.IsMatch(screen, pattern, RegexOptions.Multiline)) return screen;
            if (clock.Elapsed > Deadline) throw new TimeoutException($"no '{pattern}' on the screen:\n{screen}");
            await Task.Delay(25);
        }
    }

    /// <summary>Waits for the end of the program; its exit status.</summary>
    public async Task<int> EndAsync()
    {
        await Site.UntilAsync(
            () => Task.FromResult(File.Exists(StatusFile) && File.ReadAllText(StatusFile).EndsWith('\n')),
            "the program goes on");
        return int.Parse(File.ReadAllText(StatusFile), System.Globalization.CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            string shell = (await TmuxAsync("list-panes", "-a", "-F", "#{pane_pid}")).Trim();
            string[] programs = Read($"/proc/{shell}/task/{shell}/children")
                .Split(' ', StringSplitOptions.RemoveEmptyEntries);
            await TmuxAsync("kill-server");
            // Whose terminal goes away still writes its history. (What has ended has no command line.)
            await Site.UntilAsync(
                () => Task.FromResult(Array.TrueForAll(programs, static pid => Read($"/proc/{pid}/cmdline") == "")),
                "the program goes on without its terminal");
        }
        catch (InvalidOperationException)
        {
            // It never came up.
        }
        _folder.Dispose();
    }

    /// <summary>A file of a process; empty when it is not there any more.</summary>
    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private async Task<string> TmuxAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Tmux)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach ((string name, string? value) in _surroundings.Environment)
            if (name is not ("TMUX" or "TERM")) start.Environment[name] = value;
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["SHELL"] = "/bin/bash"; // Whatever whoever runs the tests has.
        string[] server = ["-S", Path.Combine(_folder.Path, "tmux"), "-f", "/dev/null"];
        foreach (string argument in server.Concat(arguments)) start.ArgumentList.Add(argument);
        Ended ended = await Ended.RunAsync(start);
        return ended.ExitCode == 0 ? ended.Out : throw new InvalidOperationException(ended.Err);
    }

    private static string Quoted(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
