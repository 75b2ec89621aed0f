using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Cli.Grammar;

public sealed class StatementTextTests
{
    private static readonly (ObjectKind Kind, string[] Properties)[] Settings =
    [
        (ObjectKind.Worker, [Properties.Description]),
        (ObjectKind.Service,
            [Properties.Description, Properties.Timeout, Properties.Retry, Properties.Ttl, Properties.Priority]),
        (ObjectKind.Trigger, [Properties.Description, Properties.Timeout, Properties.Plugin, Properties.Limit]),
    ];

    private readonly Random _random = new(5);

    [Theory]
    [InlineData("set workers identity demo01")]
    [InlineData("set workers demo01 description \"rack 4\"")]
    [InlineData("set services name demoservice")]
    [InlineData("set services \"workers\" algorithm mirror")]
    [InlineData("set services demoservice on-failure stop")]
    [InlineData("set services demoservice visibility team")]
    [InlineData("set services demoservice rate 60/m")]
    [InlineData("set services demoservice rate none")]
    [InlineData("set services demoservice timeout 1h30m")]
    [InlineData("set services demoservice workers add demo01 demo02")]
    [InlineData("set services demoservice keep add file/stream \"path=/var/log/a b\" follow=true")]
    [InlineData("mkdir \"/a b\"")]
    [InlineData("chmod 0700 /a")]
    [InlineData("set triggers name /a/b")]
    [InlineData("set triggers /a/b service attach demoservice")]
    [InlineData("set triggers /a/b message line")]
    [InlineData("set triggers /a/b mode sync")]
    [InlineData("set triggers /a/b limit 16MiB")]
    [InlineData("set services demoservice backoff 1s..5m")]
    [InlineData("set services demoservice ttl 168h")]
    [InlineData("set services demoservice priority 9")]
    [InlineData("set services demoservice max-inflight 1")]
    [InlineData("set services demoservice on-busy reject")]
    [InlineData("set services demoservice unique on")]
    [InlineData("set triggers /a/b on-full drop-oldest")]
    [InlineData("delete services demoservice priority")]
    [InlineData("delete services demoservice rate")]
    [InlineData("delete triggers /a/b on-full")]
    public void A_line_is_read_and_written_as_it_was(string line) =>
        Assert.Equal(line, StatementText.Of(Read(line)));

    [Fact]
    public void Whatever_is_set_is_read_back_from_its_line()
    {
        for (int i = 0; i < 5000; i++)
        {
            (ObjectKind kind, string[] properties) = Settings[_random.Next(Settings.Length)];
            string property = properties[_random.Next(properties.Length)];
            string name = kind == ObjectKind.Trigger ? "/" + Component() + "/" + Component() : Name();
            var ask = new ConsoleStatement.Ask(Verb.Set, kind, name, property, ValueOf(property));
            string line = StatementText.Of(ask);
            ConsoleStatement.Ask read = Read(line);
            Assert.True(
                (ask.Verb, ask.Kind, ask.Name, ask.Property) == (read.Verb, read.Kind, read.Name, read.Property)
                && ask.Values.SequenceEqual(read.Values), line);
        }
    }

    private static ConsoleStatement.Ask Read(string line) =>
        Assert.IsType<ConsoleStatement.Ask>(StatementParser.Parse(line, Scope.Configuration));

    private string ValueOf(string property) => property switch
    {
        Properties.Timeout => $"{_random.Next((int)Limits.TimeoutMax.TotalMilliseconds)}",
        Properties.Retry => $"{_random.Next(Limits.RetryMax)}",
        Properties.Ttl => $"{_random.Next(int.MaxValue)}",
        Properties.Priority => $"{_random.Next(10)}",
        Properties.Limit => $"{_random.Next(1, Limits.TriggerLimitMax)}",
        Properties.Plugin => $"{Name()}/{Name()}",
        _ => Text(_random.Next(20)),
    };

    private string Name()
    {
        string[] names = ["demo01", "workers", "name", "to", "add", "a.b-c_d", "help", "0", "set"];
        return names[_random.Next(names.Length)];
    }

    private string Component()
    {
        while (true)
        {
            string text = Text(1 + _random.Next(8)).Replace('/', 'x');
            if (text.Length > 0 && text[0] != '.') return text;
        }
    }

    private string Text(int length)
    {
        string[] letters =
        [
            "a", " ", "\"", "'", "\\", "|", "#", "?", "-", "--", ".", "/", "é", "漢", "💥", "{0}", "%s", "workers", "=",
            ";",
        ];
        return string.Concat(Enumerable.Range(0, length).Select(_ => letters[_random.Next(letters.Length)]));
    }
}
