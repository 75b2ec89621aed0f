using System.Text.RegularExpressions;
using TriggerFs.Tests.Commands.Mount;
using TriggerFs.Tests.Fs;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>The console's <c>file</c>: a real shell in a real mount, on a real terminal.</summary>
public sealed class FileShellTests(ConsoleSite site) : IClassFixture<ConsoleSite>
{
    private const string Prompt = @"^\(team1\) admin@127\.0\.0\.1\$$";

    [SkippableFact]
    public async Task A_shell_among_the_files_makes_directories_and_has_answers_and_takes_the_mount_along()
    {
        await using TmuxTerminal terminal = await StartAsync();
        string folder = await OpenAsync(terminal);
        string shown = await terminal.ScreenAsync();
        Assert.Contains(">> Starting a new interactive shell\n>> The team's triggers are files here", shown);
        await terminal.EnterAsync("clear; ls; mkdir by-hand");
        await terminal.UntilAsync("^newtrigger\nshell>");
        await terminal.EnterAsync("clear; echo 'echo $((40+2)) of it' > newtrigger/demotrigger");
        await terminal.UntilAsync(@"/newtrigger/demotrigger \[command/command@demo01\] 42 of it$");
        await terminal.EnterAsync("clear; cat newtrigger/demotrigger");
        await terminal.UntilAsync("^42 of it$");
        await terminal.PressAsync("C-d");
        await terminal.UntilAsync(Prompt);
        await GoneAsync(folder);

        await terminal.EnterAsync("show directories | match by-hand | count");
        await terminal.UntilAsync("Count: 1 lines");
        await terminal.PressAsync("C-l");
        await terminal.UntilAsync($@"\A{Prompt[1..]}\s*\z"); // The first shell's prompt is gone.
        Assert.NotEqual(folder, await OpenAsync(terminal));
        Assert.DoesNotContain("files here", await terminal.ScreenAsync());
    }

    [SkippableFact]
    public async Task Ctrl_C_in_the_shell_is_for_what_runs_there()
    {
        await using TmuxTerminal terminal = await StartAsync();
        string folder = await OpenAsync(terminal);
        await terminal.EnterAsync("clear; echo begun; sleep 1234; echo ended with $?");
        await terminal.UntilAsync("^begun$");
        await terminal.PressAsync("C-c");
        await terminal.UntilAsync(@"^\^C\nshell> $|^\^C\nshell>$");
        await terminal.EnterAsync("clear; pwd; exit 3");
        await terminal.UntilAsync($"^{folder}\n(exit\n)?{Prompt[1..]}");
        await GoneAsync(folder);
    }

    [SkippableFact]
    public async Task A_shell_that_is_killed_leaves_a_terminal_that_works_and_no_mount()
    {
        await using TmuxTerminal terminal = await StartAsync();
        string folder = await OpenAsync(terminal);
        await terminal.EnterAsync("clear; kill -9 $$");
        await terminal.UntilAsync(Prompt);
        await GoneAsync(folder);
        await terminal.TypeAsync("sh ver\t");
        await terminal.UntilAsync(@"\$ sh version$");
        await terminal.PressAsync("Enter");
        await terminal.UntilAsync(@"\(1 rows\)");
    }

    [SkippableTheory]
    [InlineData("TERM", 130)]
    [InlineData("KILL", 137)]
    public async Task A_console_that_ends_leaves_no_mount(string signal, int status)
    {
        await using TmuxTerminal terminal = await StartAsync();
        string folder = await OpenAsync(terminal);
        await terminal.EnterAsync($"clear; kill -{signal} $PPID");
        Assert.Equal(status, await terminal.EndAsync());
        await GoneAsync(folder);
    }

    [SkippableFact]
    public async Task Who_is_not_root_has_it_below_XDG_RUNTIME_DIR()
    {
        Ended run = await PrivateMounts.RunAsync(site.Site, AsUser + """
            printf 'pwd; ls -d newtrigger\nexit\n' | shell PATH="$PATH"
            ls -A run
            """);
        Skip.If(run.Out.StartsWith("unreachable"), "other users cannot reach the program here");
        string shown = run.Out.ReplaceLineEndings("\n");
        string folder = Regex.Escape(Path.Combine(site.Site.Folder, "run/triggerfs-client"));
        Assert.True(Regex.IsMatch(shown, $"(?m){folder}[0-9]{{9}}\nnewtrigger$") && shown.EndsWith("exit 0\n"), shown);
    }

    [SkippableFact]
    public async Task Without_the_program_that_mounts_it_is_said_what_to_install()
    {
        Ended run = await PrivateMounts.RunAsync(site.Site, AsUser + """
            mkdir empty; ln -s "$(command -v env)" "$(command -v dotnet || command -v env)" empty/
            shell PATH="$HOME/empty" < /dev/null
            """);
        Skip.If(run.Out.StartsWith("unreachable"), "other users cannot reach the program here");
        Assert.True(run.Out.Contains("triggerfs: fusermount3 cannot be started"), run.Out + run.Err);
        Assert.Contains("try: install it (Debian: apt install fuse3), or mount as root", run.Out);
        Assert.DoesNotContain("exit 0\n", run.Out.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Without_a_terminal_it_is_refused()
    {
        Ended run = await site.Site.RunAsync("cli", "-c", "file");
        Assert.Equal((64, "triggerfs: there is no terminal to open a shell on\n"
            + "  try: triggerfs mount DIRECTORY shows the same files to programs\n"), (run.ExitCode, run.Err));
    }

    /// <summary>`shell` runs the console's `file` as another user, on a terminal by script(1).</summary>
    private const string AsUser = """
        as_user test -x "$T" || { echo unreachable; exit; }
        cp "$S" home/triggerfs.toml; mkdir -p run; chmod 700 run; chown 65534:65534 home/triggerfs.toml run
        chmod 600 home/triggerfs.toml
        shell() {
            script -q -e -c "setpriv --reuid 65534 --regid 65534 --clear-groups env -u TRIGGERFS_CONFIG $* \
                HOME=$HOME/home XDG_RUNTIME_DIR=$HOME/run SHELL=/bin/sh TERM=dumb \
                $T --config $HOME/home/triggerfs.toml cli -c file" /dev/null && echo "exit 0" || echo "exit $?"
        }

        """;

    /// <summary>Opens the shell; where it is.</summary>
    private static async Task<string> OpenAsync(TmuxTerminal terminal)
    {
        await terminal.EnterAsync("file");
        await terminal.UntilAsync("^shell>");
        await terminal.EnterAsync("echo here: $PWD");
        string screen = await terminal.UntilAsync("^here: /.*");
        string folder = Regex.Match(screen, "(?m)^here: (/.*)$").Groups[1].Value;
        Assert.Contains($" {folder} fuse.triggerfs ", await File.ReadAllTextAsync("/proc/mounts"));
        return folder;
    }

    private static async Task GoneAsync(string folder)
    {
        await Site.UntilAsync(() => Task.FromResult(!Directory.Exists(folder)), $"{folder} is still there");
        Assert.DoesNotContain(folder, await File.ReadAllTextAsync("/proc/mounts"));
    }

    private async Task<TmuxTerminal> StartAsync()
    {
        Skip.IfNot(TmuxTerminal.IsThere, "tmux, which is the terminal here, is not installed");
        RealMount.SkipWithoutFuse();
        string home = Directory.CreateDirectory(Path.Combine(site.Site.Folder, Path.GetRandomFileName())).FullName;
        await File.WriteAllTextAsync(Path.Combine(home, ".bashrc"), "PS1='shell> '; unset PROMPT_COMMAND\n");
        return await site.ConsoleAsync(home: home);
    }
}
