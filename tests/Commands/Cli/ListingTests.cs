using TriggerFs.Commands;
using TriggerFs.Commands.Cli;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Cli;

public sealed class ListingTests
{
    private static readonly StatementAnswer Workers = new(
        [
            new("id", ColumnType.Number), new("identity", ColumnType.Text), new("services", ColumnType.List),
            new("timeout", ColumnType.Duration), new("created", ColumnType.Time),
        ],
        [
            ["6", "demo01", "web\ndc1", "10000", "1525113930000"],
            ["17", "d", "", "", ""],
        ],
        "");

    [Fact]
    public void A_table_is_drawn_as_in_2018()
    {
        var text = new StringWriter();
        TableText.Write(text, Workers, 33_375_014);
        Assert.Equal(
            """
            +----+----------+----------+---------+-------------------------------+
            | id | identity | services | timeout | created                       |
            +----+----------+----------+---------+-------------------------------+
            |  6 | demo01   | web, dc1 | 10s     | Mon, 30 Apr 2018 18:45:30 UTC |
            | 17 | d        |          |         |                               |
            +----+----------+----------+---------+-------------------------------+
            (2 rows)
            Time: 33.375014ms

            """,
            text.ToString());
    }

    [Fact]
    public void An_empty_table_has_its_columns_and_no_rows()
    {
        var text = new StringWriter();
        TableText.Write(text, Workers with { Rows = [] }, 1_000_000);
        Assert.Equal(
            """
            +----+----------+----------+---------+---------+
            | id | identity | services | timeout | created |
            +----+----------+----------+---------+---------+
            (0 rows)
            Time: 1ms

            """,
            text.ToString());
    }

    [Theory]
    [InlineData("JsonLines", "")]
    [InlineData("Json", "[]\n")]
    [InlineData("Csv", "id,identity,services,timeout,created\n")]
    public void No_rows_are_no_lines_for_a_program(string format, string expected)
    {
        var text = new StringWriter();
        var form = new ListingForm(Enum.Parse<OutputFormat>(format), Width: null);
        ListingLines.Print(Workers with { Rows = [] }, form, [], 0, new WrittenLines(text, isTerminal: false));
        Assert.Equal(expected, text.ToString().Replace("\r", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Json_has_types_and_nulls()
    {
        var text = new StringWriter();
        ListingJson.WriteArray(text, Workers);
        Assert.Equal(
            """
            [{"id":6,"identity":"demo01","services":["web","dc1"],"timeout":"10s","created":"2018-04-30T18:45:30.000Z"},
            {"id":17,"identity":"d","services":[],"timeout":null,"created":null}]
            """.Replace("\n", ""),
            text.ToString().TrimEnd('\n'));
    }

    [Fact]
    public void Json_lines_have_a_row_each()
    {
        var text = new StringWriter();
        ListingJson.WriteLines(text, Workers);
        Assert.Equal(2, text.ToString().Trim().Split('\n').Length);
    }

    [Fact]
    public void Csv_quotes_what_needs_it()
    {
        var answer = new StatementAnswer(
            [new("name", ColumnType.Text), new("workers", ColumnType.List)], [["a,\"b\"", "x\ny"], ["c\nd", ""]], "");
        var text = new StringWriter();
        ListingCsv.Write(text, answer);
        Assert.Equal("name,workers\r\n\"a,\"\"b\"\"\",x y\r\n\"c\nd\",\r\n", text.ToString());
    }

    [Fact]
    public void Names_in_a_table_cannot_drive_the_terminal_or_break_its_columns()
    {
        var answer = new StatementAnswer(
            [new("name", ColumnType.Text)], [["\u001b[2Jx\n\u202e"], ["漢字e\u0301"]], "");
        var text = new StringWriter();
        TableText.Write(text, answer, 0);
        string[] lines = text.ToString().Split('\n');
        Assert.Contains("| \\u{1b}[2Jx\\n\\u{202e} |", lines);
        Assert.Contains("| 漢字e\u0301" + new string(' ', 15) + " |", lines);
    }

    [Fact]
    public void A_size_is_shown_with_its_unit_and_is_a_number_to_programs()
    {
        Assert.Equal("16MiB", Cell.Shown(ColumnType.Size, "16777216"));
        var text = new StringWriter();
        ListingJson.WriteArray(text, new([new("limit", ColumnType.Size)], [["16777216"]], ""));
        Assert.Equal("[{\"limit\":16777216}]", text.ToString().Trim());
    }

    [Theory]
    [InlineData("Time", "99999999999999999")]
    [InlineData("Time", "soon")]
    [InlineData("Duration", "-1")]
    [InlineData("Number", "many")]
    [InlineData("Size", "large")]
    public void A_cell_that_is_not_of_its_type_is_shown_as_it_is(string typeName, string cell)
    {
        var type = Enum.Parse<ColumnType>(typeName);
        var text = new StringWriter();
        ListingJson.WriteArray(text, new([new("x", type)], [[cell]], ""));
        Assert.Equal($"[{{\"x\":\"{cell}\"}}]", text.ToString().Trim());
        Assert.Equal(cell, Cell.Shown(type, cell));
    }
}
