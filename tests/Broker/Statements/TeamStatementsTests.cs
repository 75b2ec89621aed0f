using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;

namespace TriggerFs.Tests.Broker.Statements;

public sealed class TeamStatementsTests : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void The_own_teams_alone_are_shown()
    {
        Assert.Equal(["team1"], _desk.Column("name", ObjectKind.Team, actor: Desk.Alice));
        _desk.Refused(ErrorCode.NotFound, Desk.Alice, Verb.Show, ObjectKind.Team, "team2");
    }

    [Fact]
    public void The_version_is_shown() => Assert.Equal(["triggerfs 2.0.0"], _desk.Column("broker", ObjectKind.Version));

    [Fact]
    public void A_long_table_travels_as_messages_within_the_limits()
    {
        string[][] rows = Enumerable.Range(0, 1203)
            .Select(n => new[] { $"{n}", new string('x', n % 3 == 0 ? 30_000 : 10) }).ToArray();
        var table = new Table([new("n", ColumnType.Number), new("text", ColumnType.Text)], rows);
        Listing[] pages = table.Pages(new(7)).ToArray();

        Assert.Equal(rows.Select(row => row[0]), pages.SelectMany(page => page.Rows).Select(row => row[0]));
        Assert.All(pages, page => Assert.InRange(Size(page), 1, Limits.MessageMax));
        Assert.All(pages, page => Assert.InRange(page.Rows.Count, 0, Limits.ListingRowsMax));
        Assert.Equal(Enumerable.Repeat(false, pages.Length - 1).Append(true), pages.Select(page => page.Last));
    }

    [Fact]
    public void An_empty_table_is_one_message() => Assert.True(Assert.Single(new Table([], []).Pages(new(7))).Last);

    [Fact]
    public void A_list_that_does_not_fit_its_cell_says_how_many_are_left()
    {
        string cell = Table.List(Enumerable.Range(0, 100).Select(n => new string('x', 1000)));
        Assert.InRange(cell.Length, 31_000, Limits.TextMax);
        Assert.EndsWith("and 68 more", cell);
    }

    private static int Size(Listing page)
    {
        var wire = new WireWriter();
        page.Write(wire);
        return wire.Written.Length;
    }
}
