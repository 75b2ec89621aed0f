namespace TriggerFs.Tests.EndToEnd;

/// <summary>The console as a person has it, on a real terminal.</summary>
public sealed class ConsoleTests(ConsoleSite site) : IClassFixture<ConsoleSite>
{
    private const string Prompt = @"^\(team1\) admin@127\.0\.0\.1\$";

    [SkippableFact]
    public async Task Prompts_tell_the_mode_and_the_place_and_Ctrl_D_leaves_one_after_another()
    {
        await using TmuxTerminal terminal = await StartAsync();
        await terminal.EnterAsync("configure");
        await terminal.UntilAsync(Prompt + " configure#$");
        await terminal.EnterAsync("edit services demoservice");
        await terminal.UntilAsync(@"^\[edit services demoservice\]\n.*configure#$");
        await terminal.EnterAsync("set description 'the one'");
        await terminal.EnterAsync("run show services demoservice | display jsonl");
        await terminal.UntilAsync("\"description\":\"the one\"");
        await terminal.EnterAsync("up");
        await terminal.UntilAsync(@"^\[edit services\]\n.*configure#$");
        await terminal.PressAsync("C-d");
        await terminal.UntilAsync("configure#\n.*configure#$");
        await terminal.PressAsync("C-d");
        await terminal.UntilAsync("configure#\n.*admin@127.0.0.1\\$$");
        await terminal.PressAsync("C-d");
        Assert.Equal(0, await terminal.EndAsync());
    }

    [SkippableFact]
    public async Task Tab_completes_words_and_names_and_lists_what_is_not_clear()
    {
        await using TmuxTerminal terminal = await StartAsync();
        await terminal.TypeAsync("sh\twor\tdemo");
        await terminal.PressAsync("Tab");
        await terminal.UntilAsync(Prompt + " show workers demo0$");
        await terminal.PressAsync("Tab");
        await terminal.UntilAsync("WORKER  one of them\n +demo01  demo02\n.* show workers demo0$");
        await terminal.TypeAsync("2\ttok\t");
        await terminal.UntilAsync(" show workers demo02 token$");
        await terminal.PressAsync("C-c");
        await terminal.TypeAsync("show triggers /newtrigger/d\t");
        await terminal.UntilAsync(" show triggers /newtrigger/demotrigger$");
    }

    [SkippableFact]
    public async Task A_question_mark_in_the_middle_of_a_line_lists_what_may_stand_there_and_keeps_the_line()
    {
        await using TmuxTerminal terminal = await StartAsync();
        await terminal.TypeAsync("set services demoservice  mirror");
        for (int i = 0; i < " mirror".Length; i++) await terminal.PressAsync("Left");
        await terminal.TypeAsync("?");
        await terminal.UntilAsync("algorithm +how requests are handed to its workers\n(.*\n)*.*demoservice  mirror$");
        await terminal.TypeAsync("alg");
        await terminal.PressAsync("Enter");
        await terminal.UntilAsync("demoservice alg mirror\n" + Prompt[1..]);
        await terminal.EnterAsync("show services demoservice | display jsonl");
        await terminal.UntilAsync("\"algorithm\":\"mirror\"");
    }

    [SkippableFact]
    public async Task A_slip_is_marked_where_it_is_and_ends_nothing()
    {
        await using TmuxTerminal terminal = await StartAsync();
        await terminal.EnterAsync("set wokers identity x");
        string screen = await terminal.UntilAsync("try: did you mean 'workers'");
        Assert.Contains(
            """
            triggerfs: 'wokers' is not known here
                set wokers identity x
                    ^
              why: possible here: workers, services, triggers
            """,
            screen);
        await terminal.EnterAsync("show version");
        await terminal.UntilAsync(@"\(1 rows\)");
    }

    [SkippableFact]
    public async Task What_was_typed_is_there_again_in_the_next_console_but_for_what_looks_secret()
    {
        await using TmuxTerminal first = await StartAsync();
        await first.EnterAsync("show version");
        await first.UntilAsync(@"\(1 rows\)");
        await first.EnterAsync("correct horse battery staple");
        await first.UntilAsync("is not known here");
        await first.EnterAsync("request workers demo01 command echo password=12345 > /dev/null");
        await first.UntilAsync("Exit code: 0");
        await first.EnterAsync(" show teams");
        await first.UntilAsync("Time.*\n(.*\n)*.*Time");
        await first.PressAsync("Up", "Up");
        await first.UntilAsync(@"\$ request workers demo01 command echo password=12345 > /dev/null$");
        await first.PressAsync("C-c", "C-d");
        await first.EndAsync();

        string file = Path.Combine(first.Home, ".local", "state", "triggerfs", "history");
        Assert.Equal("show version\n", File.ReadAllText(file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        await using TmuxTerminal second = await StartAsync(home: first.Home);
        await second.PressAsync("Up");
        await second.UntilAsync(Prompt + " show version$");
        await second.PressAsync("C-c", "C-r");
        await second.TypeAsync("vers");
        await second.UntilAsync(@"\(search\) 'vers': show version$");
    }

    [SkippableFact]
    public async Task Ctrl_C_clears_the_line_and_ends_a_request_and_never_the_console()
    {
        await using TmuxTerminal terminal = await StartAsync();
        await terminal.TypeAsync("show wor");
        await terminal.PressAsync("C-c");
        await terminal.UntilAsync(@"show wor\^C\n" + Prompt[1..] + "$");
        await terminal.EnterAsync("request workers demo01 command 'echo begun; exec sleep 1234'");
        await terminal.UntilAsync(@"^\[command/command@demo01\] begun");
        await terminal.PressAsync("C-c");
        await terminal.UntilAsync("cancelled on worker 'demo01'");
        await terminal.UntilAsync("Exit code: 130\n(.*\n)*" + Prompt[1..] + "$");
        await terminal.EnterAsync("request workers demo01 command 'pgrep -f \"sleep 123[4]\" || echo gone'");
        await terminal.UntilAsync(@"^\[command/command@demo01\] gone");
    }

    [SkippableFact]
    public async Task What_a_command_prints_cannot_drive_the_terminal()
    {
        await using TmuxTerminal terminal = await StartAsync();
        await terminal.EnterAsync("request workers demo01 command 'printf \"a\\033[2Jb\\a\\rc\\r\\n\"'");
        await terminal.UntilAsync(@"^\[command/command@demo01\] a\\u\{1b\}\[2Jb\\u\{7\}\\u\{d\}c$");
    }

    [SkippableFact]
    public async Task A_line_longer_than_the_terminal_is_edited_over_its_rows_also_when_those_change()
    {
        await using TmuxTerminal terminal = await StartAsync(columns: 60);
        await terminal.TypeAsync(
            $"annotate services demoservice '{new string('x', 50)}y{new string('z', 20)}'");
        await terminal.UntilAsync("^x+yz+\nz+'$");
        await terminal.ResizeAsync(90, 40);
        await terminal.UntilAsync("^x+yz+'$");
        await terminal.PressAsync("Home");
        await terminal.TypeAsync("#");
        await terminal.UntilAsync(@"\$ #annotate services");
        await terminal.PressAsync("Delete", "End");
        await terminal.TypeAsync("!");
        string screen = await terminal.UntilAsync("^x+yz+'!$");
        Assert.Equal(1, screen.Split("nnotate").Length - 1);
    }

    [SkippableFact]
    public async Task Tables_follow_the_width_of_the_terminal()
    {
        await using TmuxTerminal terminal = await StartAsync(columns: 160);
        await terminal.EnterAsync("show workers");
        await terminal.UntilAsync(@"\| demo01 +\| .* UTC +\|$");
        await terminal.ResizeAsync(80, 40);
        await terminal.EnterAsync("show workers");
        await terminal.UntilAsync(@"^identity +\| demo01$");
    }

    [SkippableFact]
    public async Task Long_output_stops_at_each_page()
    {
        await using TmuxTerminal terminal = await StartAsync(rows: 12);
        await terminal.EnterAsync("help set");
        await terminal.UntilAsync(@"^---\(more\)---$");
        await terminal.PressAsync("x");
        await terminal.UntilAsync(@"^---\(more: blank a page");
        await terminal.PressAsync("Space");
        await terminal.UntilAsync(@"^---\(more\)---$");
        await terminal.PressAsync("q");
        await terminal.UntilAsync(Prompt + "$");
        await terminal.EnterAsync("help set | no-more");
        await terminal.UntilAsync(@"\n.*\n" + Prompt[1..] + "$");
        await terminal.EnterAsync("help set | last 2");
        await terminal.UntilAsync(@"last 2\n.*\n.*\n" + Prompt[1..] + "$");
    }

    [SkippableFact]
    public async Task What_is_pasted_is_text_line_by_line()
    {
        await using TmuxTerminal terminal = await StartAsync();
        await terminal.PasteAsync(
            "set services name pasted\nset services pasted description 'what?\tnow'\nshow services pasted");
        await terminal.UntilAsync(@"\$ show services pasted$");
        await terminal.EnterAsync(" | display jsonl");
        await terminal.UntilAsync("\"description\":\"what\\? now\"");
    }

    [SkippableFact]
    public async Task What_destroys_is_asked_about()
    {
        await site.Site.CliAsync("set services name doomed");
        await using TmuxTerminal terminal = await StartAsync();
        await terminal.EnterAsync("delete services doomed");
        await terminal.UntilAsync(@"delete services doomed: .* Do it\? \[y/N\]$");
        await terminal.PressAsync("Enter");
        await terminal.UntilAsync(@"\[y/N\]\n" + Prompt[1..]);
        await terminal.EnterAsync("show services doomed | count");
        await terminal.UntilAsync("Count: 1 lines");
        await terminal.EnterAsync("delete services doomed");
        await terminal.EnterAsync("y");
        await terminal.EnterAsync("show services doomed");
        await terminal.UntilAsync("there is no service 'doomed'");
    }

    [SkippableTheory]
    [InlineData(null)]
    [InlineData("dumb")]
    public async Task A_secret_is_asked_for_unseen_and_can_be_given_up(string? term)
    {
        await using TmuxTerminal terminal = await StartAsync(term: term);
        string name = $"alice{term}";
        await terminal.EnterAsync($"set users identity {name}");
        await terminal.UntilAsync($"Secret for {name} .*:$");
        await terminal.TypeAsync("a long secret?");
        await terminal.PressAsync("C-c");
        await terminal.UntilAsync("no secret was given");
        await terminal.EnterAsync($"set users identity {name}");
        await terminal.UntilAsync($"given(.*\n)*.*Secret for {name} .*:$");
        await terminal.EnterAsync("a long secret?");
        await terminal.UntilAsync("Once more:$");
        await terminal.EnterAsync("another secret");
        await terminal.UntilAsync("not the same. Secret .*:$");
        await terminal.EnterAsync("a long secret?");
        await terminal.UntilAsync("same(.*\n)*Once more:$");
        await terminal.EnterAsync("a long secret?");
        await terminal.UntilAsync(@"same(.*\n)*\(team1\) admin@127\.0\.0\.1\$$");
        await terminal.EnterAsync($"show users {name} | display jsonl");
        string screen = await terminal.UntilAsync($"\"identity\":\"{name}\"");
        Assert.Contains("They are not the same", screen);
        Assert.DoesNotContain("secret?", screen);
    }

    [SkippableFact]
    public async Task A_terminal_that_can_do_nothing_is_enough()
    {
        await using TmuxTerminal terminal = await StartAsync(term: "dumb");
        await terminal.TypeAsync("show wor");
        await terminal.UntilAsync("show wor$"); // Ctrl-C makes the terminal forget what it has not shown yet.
        await terminal.PressAsync("C-c");
        await terminal.UntilAsync(@"show wor\^C\n" + Prompt[1..] + "$");
        await terminal.EnterAsync("set services demoservice algorithm ?");
        await terminal.UntilAsync("mirror +to every worker at once");
        await terminal.EnterAsync("request workers demo01 command 'echo begun; sleep 1234'");
        await terminal.UntilAsync(@"^\[command/command@demo01\] begun");
        await terminal.PressAsync("C-c");
        await terminal.UntilAsync("Exit code: 130");
        await terminal.PressAsync("C-d");
        Assert.Equal(0, await terminal.EndAsync());
    }

    [SkippableFact]
    public async Task Monitor_shows_what_happens_until_Ctrl_C_and_then_the_prompt()
    {
        await using TmuxTerminal workers = await StartAsync(), requests = await StartAsync();
        await using TmuxTerminal output = await StartAsync();
        await workers.EnterAsync("monitor workers");
        await workers.UntilAsync("^time +event +worker +address +detail$");
        await requests.EnterAsync("monitor requests demoservice | match ended");
        await output.EnterAsync("monitor services demoservice");
        await output.UntilAsync("^time +event +request +user +worker +text$");
        Child worker = await site.Site.WorkerAsync("demo03");
        await workers.UntilAsync(@"^[\d:]{8} +online +demo03 ");
        worker.Terminate();
        await workers.UntilAsync(@"^[\d:]{8} +offline +demo03 ");
        await site.Site.RunAsync(["client", "-service", "demoservice", "-plugin", "command/command", "-command",
            "echo 'one \x1b[31m'; echo two >&2; exit 3"]);
        await output.UntilAsync(@"^[\d:]{8} +err +\d+ +admin +demo01 +two$");
        string seen = await output.UntilAsync(@"^[\d:]{8} +ended +\d+ +admin +demo01 +exit 3$");
        Assert.Matches(@"(?m)^[\d:]{8} +out +\d+ +admin +demo01 +one \\u\{1b\}\[31m$", seen);
        await requests.UntilAsync(@" ended +\d+ +admin +demoservice +(command/command +)?demo01 +3 ");
        foreach (TmuxTerminal terminal in (TmuxTerminal[])[workers, requests, output])
        {
            await terminal.PressAsync("C-c");
            await terminal.UntilAsync(Prompt + "$");
            await terminal.PressAsync("C-d");
            Assert.Equal(0, await terminal.EndAsync());
        }
    }

    private async Task<TmuxTerminal> StartAsync(
        int columns = 130, int rows = 40, string? term = null, string? home = null)
    {
        Skip.IfNot(TmuxTerminal.IsThere, "tmux, which is the terminal here, is not installed");
        return await site.ConsoleAsync(columns, rows, term, home);
    }
}
