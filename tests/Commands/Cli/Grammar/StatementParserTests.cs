using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Cli.Grammar;

public sealed class StatementParserTests
{
    [Theory]
    [InlineData("set workers identity demo01", "Create Worker demo01 ''")]
    [InlineData("set worker identity demo01", "Create Worker demo01 ''")]
    [InlineData("set worker demo01 description 'rack 4, top'", "Set Worker demo01 description 'rack 4, top'")]
    [InlineData("show workers", "Show Worker '' ''")]
    [InlineData("show worker demo01", "Show Worker demo01 ''")]
    [InlineData("show workers demo01 token", "Show Worker demo01 token")]
    [InlineData("set services name demoservice", "Create Service demoservice ''")]
    [InlineData("set services demoservice workers add demo01", "Add Service demoservice workers demo01")]
    [InlineData("set service demoservice worker add demo01 demo02", "Add Service demoservice workers demo01 demo02")]
    [InlineData("set services demoservice workers remove demo01", "Remove Service demoservice workers demo01")]
    [InlineData("set services demoservice algorithm mirror", "Set Service demoservice algorithm mirror")]
    [InlineData("set services demoservice timeout 1h30m", "Set Service demoservice timeout 5400000")]
    [InlineData("set services demoservice retry 3", "Set Service demoservice retry 3")]
    [InlineData("set services demoservice on-failure stop", "Set Service demoservice on-failure stop")]
    [InlineData("set services demoservice visibility public", "Set Service demoservice visibility public")]
    [InlineData("set service s description \"a \\\"b\\\"\"", "Set Service s description 'a \"b\"'")]
    [InlineData("set trigger name /newtrigger/demotrigger", "Create Trigger /newtrigger/demotrigger ''")]
    [InlineData("set triggers demotrigger plugin command/command", "Set Trigger demotrigger plugin command/command")]
    [InlineData("set trigger /a/b service attach demoservice", "Add Trigger /a/b service demoservice")]
    [InlineData("set trigger demotrigger service detach demoservice", "Remove Trigger demotrigger service demoservice")]
    [InlineData("set trigger demotrigger timeout 10s", "Set Trigger demotrigger timeout 10000")]
    [InlineData("set trigger demotrigger retry 0", "Set Trigger demotrigger retry 0")]
    [InlineData("set trigger demotrigger limit 16MiB", "Set Trigger demotrigger limit 16777216")]
    [InlineData("set trigger demotrigger limit 1500", "Set Trigger demotrigger limit 1500")]
    [InlineData("set trigger demotrigger message line", "Set Trigger demotrigger message line")]
    [InlineData("set trigger demotrigger mode sync", "Set Trigger demotrigger mode sync")]
    [InlineData("set trigger demotrigger visibility team", "Set Trigger demotrigger visibility team")]
    [InlineData("set trigger demotrigger description x", "Set Trigger demotrigger description x")]
    [InlineData("show services", "Show Service '' ''")]
    [InlineData("show triggers", "Show Trigger '' ''")]
    [InlineData("show triggers /newtrigger", "Show Trigger /newtrigger ''")]
    [InlineData("show directories", "Show Directory '' ''")]
    [InlineData("show users", "Show User '' ''")]
    [InlineData("show teams", "Show Team '' ''")]
    [InlineData("show sessions", "Show Session '' ''")]
    [InlineData("show jobs", "Show Job '' ''")]
    [InlineData("show queue", "Show Queue '' ''")]
    [InlineData("show version", "Show Version '' ''")]
    [InlineData("delete workers demo01", "Delete Worker demo01 ''")]
    [InlineData("delete service demoservice", "Delete Service demoservice ''")]
    [InlineData("delete services demoservice workers demo01", "Remove Service demoservice workers demo01")]
    [InlineData("delete triggers /a/b limit", "Set Trigger /a/b limit 1048576")]
    [InlineData("request queue /a/b drop --yes", "Request Queue /a/b drop")]
    [InlineData("request queue services demoservice drop --yes", "Request Service demoservice drop")]
    [InlineData("request dead-letters trigger /a/b retry", "Request Trigger /a/b retry-dead-letters")]
    [InlineData("request dead-letter services demoservice drop --yes", "Request Service demoservice drop-dead-letters")]
    [InlineData("delete trigger demotrigger", "Delete Trigger demotrigger ''")]
    [InlineData("delete trigger demotrigger service s1", "Remove Trigger demotrigger service s1")]
    [InlineData("delete directory /newtrigger", "Delete Directory /newtrigger ''")]
    [InlineData("rename workers demo01 demo02", "Rename Worker demo01 '' demo02")]
    [InlineData("rename services a b", "Rename Service a '' b")]
    [InlineData("rename trigger demotrigger other", "Rename Trigger demotrigger '' other")]
    [InlineData("rename directory /a /b", "Rename Directory /a '' /b")]
    [InlineData("copy workers demo01 demo02", "Copy Worker demo01 '' demo02")]
    [InlineData("copy services a to b", "Copy Service a '' b")]
    [InlineData("copy trigger /a/b /c", "Copy Trigger /a/b '' /c")]
    [InlineData("request workers demo01 restart", "Request Worker demo01 restart")]
    [InlineData("request worker demo01 shutdown", "Request Worker demo01 shutdown")]
    [InlineData("clear hits", "Clear Trigger '' hits")]
    [InlineData("clear hits demotrigger", "Clear Trigger demotrigger hits")]
    [InlineData("show configuration", "Show Configuration '' ''")]
    [InlineData("mkdir /newtrigger", "Create Directory /newtrigger ''")]
    [InlineData("mkdir newtrigger/", "Create Directory /newtrigger ''")]
    [InlineData("rmdir /newtrigger", "Delete Directory /newtrigger ''")]
    [InlineData("mv /a/b /c", "Rename Node /a/b '' /c")]
    [InlineData("chmod 640 /a/b", "Set Node /a/b permissions 640")]
    public void A_statement_becomes_what_the_broker_is_asked(string line, string asked) =>
        Assert.Equal(asked, Shown(StatementParser.Parse(line)));

    [Theory]
    [InlineData("sh wor", "Show Worker '' ''")]
    [InlineData("se serv demoservice alg mir", "Set Service demoservice algorithm mirror")]
    [InlineData("  show\tworkers  ", "Show Worker '' ''")]
    public void Words_may_be_shortened_while_they_are_clear(string line, string asked) =>
        Assert.Equal(asked, Shown(StatementParser.Parse(line)));

    [Fact]
    public void A_quoted_word_is_a_value_even_where_a_word_of_that_name_exists() =>
        Assert.Equal("Set Service name timeout 1000", Shown(StatementParser.Parse("set services \"name\" timeout 1s")));

    [Fact]
    public void A_name_is_never_taken_for_a_shortened_word() =>
        Assert.Equal("Set Service nam timeout 1000", Shown(StatementParser.Parse("set services nam timeout 1s")));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("# set workers identity demo01")]
    public void Nothing_and_a_comment_mean_nothing(string line) => Assert.Null(StatementParser.Parse(line));

    [Fact]
    public void Configure_exit_and_help_are_understood()
    {
        Assert.IsType<ConsoleStatement.Configure>(StatementParser.Parse("configure"));
        Assert.IsType<ConsoleStatement.Exit>(StatementParser.Parse("exit"));
        Assert.Equal(new ConsoleStatement.Help(""), StatementParser.Parse("help"));
        Assert.Equal(new ConsoleStatement.Help("set workers"), StatementParser.Parse("help set workers"));
        Assert.Equal(new ConsoleStatement.Help("set ", IsBrief: true), StatementParser.Parse("set ?"));
    }

    [Theory]
    [InlineData("set algorithm mirror", "Set Service demoservice algorithm mirror")]
    [InlineData("set workers add demo01", "Add Service demoservice workers demo01")]
    [InlineData("show", "Show Service demoservice ''")]
    [InlineData("delete workers demo01", "Remove Service demoservice workers demo01")]
    [InlineData("delete timeout", "Set Service demoservice timeout 0")]
    [InlineData("rename other", "Rename Service demoservice '' other")]
    [InlineData("annotate 'the one'", "Set Service demoservice description 'the one'")]
    [InlineData("mkdir /a", "Create Directory /a ''")]
    [InlineData("top show workers", "Show Worker '' ''")]
    [InlineData("run show workers", "Show Worker '' ''")]
    public void Verbs_begin_at_the_edit_path(string line, string asked) =>
        Assert.Equal(asked, Shown(StatementParser.Parse(line, At("edit services demoservice"))));

    [Fact]
    public void A_verb_that_means_nothing_at_the_edit_path_says_so()
    {
        Scope worker = At("edit workers demo01");
        var problem = Assert.Throws<StatementException>(() => StatementParser.Parse("show services", worker));
        Assert.Equal(5, problem.At);
        Assert.Equal("Rename Directory /a '' /b", Shown(StatementParser.Parse("top rename directory /a /b", worker)));
    }

    [Fact]
    public void Edit_adds_to_the_edit_path()
    {
        var edit = Assert.IsType<ConsoleStatement.Edit>(StatementParser.Parse("edit name", At("edit services")));
        Assert.Equal([new("services", false), new("name", true)], edit.Path);
        Assert.Equal("services \"name\"", new EditPath([.. edit.Path], null).ToString());
    }

    [Theory]
    [InlineData("edit services")]
    [InlineData("top")]
    [InlineData("up")]
    [InlineData("run show workers")]
    public void The_words_of_configure_mode_are_known_there_alone(string line)
    {
        Assert.NotNull(StatementParser.Parse(line, Scope.Configuration));
        Assert.Throws<StatementException>(() => StatementParser.Parse(line));
    }

    [Theory]
    [InlineData("delete workers demo01", true)]
    [InlineData("delete workers demo01 --yes", false)]
    [InlineData("delete services demoservice --yes", false)]
    [InlineData("delete services demoservice workers demo01", false)]
    [InlineData("delete trigger /a/b", true)]
    [InlineData("request workers demo01 shutdown", true)]
    [InlineData("request queue demotrigger drop", true)]
    [InlineData("request dead-letters trigger demotrigger drop", true)]
    [InlineData("request dead-letters trigger demotrigger retry", false)]
    [InlineData("request workers demo01 restart", false)]
    [InlineData("clear hits", true)]
    [InlineData("clear hits demotrigger --yes", false)]
    [InlineData("rmdir /a", false)]
    [InlineData("set workers identity demo01", false)]
    public void What_destroys_says_so_unless_it_was_said_yes_to(string line, bool destroys) =>
        Assert.Equal(destroys, StatementParser.Parse(line)!.Destroys is not null);

    [Theory]
    [InlineData("delete workers demo01 -", 22)]
    [InlineData("request workers demo01 shutdown --ye", 32)]
    public void Yes_is_said_in_full(string line, int at) =>
        Assert.Equal(at, Assert.Throws<StatementException>(() => StatementParser.Parse(line)).At);

    [Fact]
    public void Filters_stand_behind_bars()
    {
        var piped = Assert.IsType<ConsoleStatement.Piped>(StatementParser.Parse(
            "show workers |match 'a|b' | except c | last 5 | no-more | display json | count | save x"));
        Assert.Equal("Show Worker '' ''", Shown(piped.Source));
        Assert.Equal(
            ["Match", "Match", "Last", "NoMore", "Display", "Count", "Save"],
            piped.Filters.Select(filter => filter.GetType().Name));
    }

    [Theory]
    [InlineData("show workers |", 14)]
    [InlineData("show workers | match", 20)]
    [InlineData("show workers | match (", 21)]
    [InlineData("show workers | sort", 15)]
    [InlineData("show workers | last 0", 20)]
    [InlineData("set workers identity a | count", 23)]
    [InlineData("mkdir /a | count", 9)]
    public void A_wrong_filter_is_marked_where_it_stands(string line, int at) =>
        Assert.Equal(at, Assert.Throws<StatementException>(() => StatementParser.Parse(line)).At);

    [Theory]
    [InlineData("request services s command uptime", "s", "command/command", 0, "uptime")]
    [InlineData("request service team2/api comm echo \"a  b\"", "team2/api", "command/command", 0, "echo \"a  b\"")]
    [InlineData("request services s command 'ps aux | grep x'", "s", "command/command", 0, "ps aux | grep x")]
    [InlineData("request workers w plugin echo command hello", "w", "echo", 0, "hello")]
    [InlineData("request workers w timeout 2s plugin echo command a", "w", "echo", 2000, "a")]
    [InlineData("request workers w timeout 2s command ls ?x", "w", "command/command", 2000, "ls ?x")]
    public void A_request_takes_the_rest_of_the_line_as_it_is(
        string line, string service, string plugin, uint timeoutMs, string command) => Assert.Equal(
            new ConsoleStatement.Request(service, plugin, timeoutMs, command), StatementParser.Parse(line));

    [Fact]
    public void A_request_can_be_filtered()
    {
        var piped = Assert.IsType<ConsoleStatement.Piped>(
            StatementParser.Parse("request services s command cat /etc/passwd | match root"));
        Assert.Equal("cat /etc/passwd", Assert.IsType<ConsoleStatement.Request>(piped.Source).Command);
    }

    [Theory]
    [InlineData("sh", "show")]
    [InlineData("show s", "services,signups,sessions")]
    [InlineData("show workers ", "WORKER,|")]
    [InlineData("show workers d", "WORKER")]
    [InlineData("help sho", "show")]
    [InlineData("help show wor", "workers")]
    [InlineData("set services s algorithm ", "roundrobin,serial,mirror")]
    [InlineData("delete workers w -", "--yes")]
    [InlineData("show workers | m", "match")]
    [InlineData("set workers \"a", "WORKER")]
    public void What_may_come_next_is_known_within_a_line(string beginning, string expected) => Assert.Equal(
        expected,
        string.Join(',', StatementParser.Look(beginning, Scope.Operation).Open.Select(step => step.Shown)));

    [Theory]
    [InlineData("demo01", "demo01")]
    [InlineData("", "\"\"")]
    [InlineData("rack 4", "\"rack 4\"")]
    [InlineData("a\"b\\", "\"a\\\"b\\\\\"")]
    [InlineData("workers", "\"workers\"")]
    [InlineData("--yes", "\"--yes\"")]
    [InlineData("|x", "\"|x\"")]
    public void A_value_can_be_written_so_that_it_is_read_back(string value, string written)
    {
        Assert.Equal(written, Quoting.Value(value));
        Assert.Equal(value, Assert.Single(Token.Split(written)).Text);
    }

    [Fact]
    public void An_unknown_word_is_marked_with_a_caret_and_the_words_that_were_possible()
    {
        var problem = Assert.Throws<StatementException>(() => StatementParser.Parse("set wokers identity demo01"));
        Assert.Equal(4, problem.At);
        Assert.Equal(
            """
            triggerfs: 'wokers' is not known here
                set wokers identity demo01
                    ^
              why: possible here: workers, services, triggers, teams, users
              try: did you mean 'workers'?
            """,
            problem.Report());
        Assert.Equal(ErrorCode.Usage, problem.Code);
    }

    [Fact]
    public void An_unclear_word_names_what_it_could_be()
    {
        var problem = Assert.Throws<StatementException>(() => StatementParser.Parse("show s"));
        Assert.Equal("it could be services or signups or sessions", problem.Why);
        Assert.Equal(5, problem.At);
    }

    [Theory]
    [InlineData("set", 3)]
    [InlineData("set workers identity ", 20)]
    [InlineData("set services demoservice workers add", 36)]
    public void A_statement_that_stops_too_early_is_marked_at_its_end(string line, int at) =>
        Assert.Equal(at, Assert.Throws<StatementException>(() => StatementParser.Parse(line)).At);

    [Theory]
    [InlineData("show workers demo01 token now", 26)]
    [InlineData("set services demoservice timeout 10", 33)]
    [InlineData("set services demoservice retry -1", 31)]
    [InlineData("set trigger demotrigger limit 17MiB", 30)]
    [InlineData("set trigger demotrigger limit 0", 30)]
    [InlineData("set trigger demotrigger limit much", 30)]
    [InlineData("set services demoservice timeout 25h", 33)]
    [InlineData("set workers identity demo/01", 21)]
    [InlineData("set workers identity ''", 21)]
    [InlineData("set trigger name /.hidden", 17)]
    [InlineData("chmod 888 /a", 6)]
    [InlineData("chmod 1777 /a", 6)]
    [InlineData("set services \"demoservice", 13)]
    [InlineData("show\u0007 workers", 4)]
    public void A_wrong_value_is_marked_where_it_stands(string line, int at) =>
        Assert.Equal(at, Assert.Throws<StatementException>(() => StatementParser.Parse(line)).At);

    [Fact]
    public void A_shown_statement_cannot_drive_the_terminal_and_a_long_one_is_shown_around_its_place()
    {
        string line = $"show \"\u001b[2J\" {new string('x', 500)}\u001b";
        string shown = Assert.Throws<StatementException>(() => StatementParser.Parse(line)).Message;
        Assert.DoesNotContain('\u001b', shown);
        Assert.True(shown.Length < 300);
    }

    [Fact]
    public void A_line_over_the_limit_is_refused() => Assert.Equal(
        ErrorCode.TooLarge,
        Assert.Throws<TriggerException>(() => StatementParser.Parse(new string('x', Limits.TextMax + 1))).Code);

    [Fact]
    public void Every_step_of_the_grammar_has_its_line_of_help_and_leads_to_an_end()
    {
        Assert.All(ConsoleGrammar.Operation.Next, CheckStep);
        Assert.All(ConsoleGrammar.Configuration.Next, CheckStep);

        static void CheckStep(Step step)
        {
            Assert.False(string.IsNullOrWhiteSpace(step.Help), step.Shown);
            Assert.True(step.Means is not null || step.Next.Count > 0, step.Shown);
            Assert.All(step.About?.Split('\n') ?? [], line => Assert.InRange(line.Length, 0, 100));
            Assert.True(step.Next.Count(next => next.Slot is not null) <= 1, step.Shown);
            string[] words = [.. step.Next.SelectMany(next => next.Words)];
            Assert.Equal(words.Distinct().Count(), words.Length);
            Assert.All(step.Next, CheckStep);
        }
    }

    [Fact]
    public void Random_and_mutated_lines_are_parsed_or_refused_and_never_crash()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int i = 0; i < 100_000; i++)
        {
            string line = RandomLine(random);
            try
            {
                StatementParser.Parse(line);
            }
            catch (TriggerException)
            {
                // Refused with its place: fine.
            }
            catch (Exception crash)
            {
                Assert.Fail($"seed {seed}, line '{line}': {crash}");
            }
        }
    }

    private static string RandomLine(Random random)
    {
        string[] words =
        [
            "set", "show", "delete", "rename", "workers", "services", "trigger", "name", "identity", "demo01", "/a/b",
            "add", "algorithm", "mirror", "timeout", "10s", "\"", "'", "\\", "?", "help", "mv", "chmod", "755", "#",
            "\ud800", "\u001b[0m", "\0", "💥", "e\u0301", "", " ", "\t", "\n", "%s{0}", "'; drop table workers; --",
        ];
        string line = string.Concat(Enumerable.Range(0, random.Next(9)).Select(_ =>
            words[random.Next(words.Length)] + (random.Next(4) == 0 ? "" : " ")));
        if (line.Length > 0 && random.Next(3) == 0)
        {
            int at = random.Next(line.Length);
            line = line[..at] + (char)random.Next(0x10000) + line[at..];
        }
        return line;
    }

    /// <summary>Configure mode behind some 'edit'.</summary>
    private static Scope At(string edit)
    {
        var statement = (ConsoleStatement.Edit)StatementParser.Parse(edit, Scope.Configuration)!;
        return new(IsConfiguring: true, new([.. statement.Path], EditPath.Top));
    }

    internal static string Shown(ConsoleStatement? statement)
    {
        var ask = Assert.IsType<ConsoleStatement.Ask>(statement);
        string[] parts = [ask.Name, ask.Property, .. ask.Values];
        return $"{ask.Verb} {ask.Kind} " + string.Join(' ', parts.Select(Quoted));

        static string Quoted(string part) => part.Length == 0 || part.Contains(' ') ? $"'{part}'" : part;
    }
}
