using TriggerFs.Commands.Cli;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Cli;

/// <summary>Tables on terminals of every width.</summary>
public sealed class TableFitTests
{
    private static readonly StatementAnswer Workers = new(
        [
            new("id", ColumnType.Number), new("identity", ColumnType.Text), new("description", ColumnType.Text),
            new("created", ColumnType.Time),
        ],
        [["6", "demo01", "the one in rack 4", "1525113930000"], ["17", "demo02", "", "1525113930000"]],
        "");

    [Fact]
    public void A_table_that_fits_is_as_wide_as_it_is() => Assert.Equal(Drawn(null), Drawn(72));

    [Fact]
    public void Cells_go_on_in_the_next_line_where_a_table_is_too_wide() => Assert.Equal(
        """
        +----+----------+-----------------+--------------+
        | id | identity | description     | created      |
        +----+----------+-----------------+--------------+
        |  6 | demo01   | the one in rack | Mon, 30 Apr  |
        |    |          | 4               | 2018         |
        |    |          |                 | 18:45:30 UTC |
        | 17 | demo02   |                 | Mon, 30 Apr  |
        |    |          |                 | 2018         |
        |    |          |                 | 18:45:30 UTC |
        +----+----------+-----------------+--------------+
        """,
        Drawn(50));

    [Fact]
    public void Each_row_is_a_list_where_words_would_have_to_be_broken() => Assert.Equal(
        """
        -[ 1 ]------+----------------
        id          | 6
        identity    | demo01
        description | the one in rack
                    | 4
        created     | Mon, 30 Apr 2018
                    | 18:45:30 UTC
        -[ 2 ]------+----------------
        id          | 17
        identity    | demo02
        description |
        created     | Mon, 30 Apr 2018
                    | 18:45:30 UTC
        """,
        Drawn(30));

    [Fact]
    public void No_line_is_wider_than_the_terminal()
    {
        var random = new Random(7);
        for (int width = 24; width < 120; width++)
        {
            StatementAnswer answer = Workers with
            {
                Rows = [.. Workers.Rows.Select(row => (string[])[.. row[..2], Words(random), row[3]])],
            };
            Assert.All(Text(answer, width).Split('\n'), line => Assert.InRange(Visible.Width(line), 0, width));
        }
    }

    [Theory]
    [InlineData("", 5, "")]
    [InlineData("a b", 1, "a|b")]
    [InlineData("9b1bd278-e645-4eec", 9, "9b1bd278-|e645-4eec")]
    [InlineData("/newtrigger/demotrigger", 12, "/newtrigger/|demotrigger")]
    [InlineData("DISCONNECTED", 5, "DISCO|NNECT|ED")]
    [InlineData("漢字漢字", 3, "漢|字|漢|字")]
    public void Text_is_broken_where_it_can_be(string text, int width, string lines) =>
        Assert.Equal(lines, string.Join('|', Wrapping.Lines(text, width)));

    private static string Words(Random random) => string.Join(' ', Enumerable.Range(0, random.Next(9))
        .Select(_ => new string('x', random.Next(1, 30))));

    private static string Drawn(int? width) => Text(Workers, width)[..^"\n(2 rows)\nTime: 1ms\n".Length];

    private static string Text(StatementAnswer answer, int? width)
    {
        using var text = new StringWriter();
        TableText.Write(text, answer, 1_000_000, width);
        return text.ToString();
    }
}
