using TriggerFs.Broker.Access;
using TriggerFs.Broker.Statements;
using TriggerFs.Broker.Store;
using TriggerFs.Commands.Cli;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Broker.Store;

namespace TriggerFs.Tests.Broker.Statements;

/// <summary>
/// SQL, format strings, terminal escapes and the like in every field of every statement: refused, or kept as what it
/// is, a text.
/// </summary>
public sealed class HostileTextTests : IDisposable
{
    private static readonly string[] Texts =
    [
        "'; DROP TABLE users; --", "\" OR \"\"=\"", "x' UNION SELECT secret FROM users --", "%s%n%x%5000000d",
        "{0}{1:X}{Secret}", "$(reboot)", "`id`", "a && b | c > d", "../../../etc/passwd", "--yes", "-c", "@/etc/passwd",
        "\u001b[2J\u001b]0;owned\u0007", "\u202egnp.exe", "a\0b", "a\nb\r\nc", "\u200b", "\ud83d\ude00", "é", "",
        new('A', Limits.TextMax), "<script>alert(1)</script>", "NaN", "1e999", "-1", "99999999999999999999",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_hostile_text_in_any_field_is_refused_or_kept_and_shown_harmlessly()
    {
        using var store = new SqliteStore(Path.Join(_folder.Path, "triggerfs.db"));
        SqliteStoreTests.Stored(store, SqliteStoreTests.Seeds);
        using var desk = new Desk(store.Load());
        int kept = 0;
        Make(desk, store, 0);
        for (int n = 0; n < Texts.Length; n++)
        {
            foreach (Row row in Registrar.Rows)
                foreach (string name in (string[])[Texts[n], NameOf(row.Kind, n)])
                    kept += Try(desk, store, row, name, Texts[n]) ? 1 : 0;
            Assert.NotNull(desk.Roster.FindUser("hp")); // Nobody was deleted by it.
            Make(desk, store, n + 1);
        }
        Assert.True(kept > 100, $"only {kept} were kept");
        SqliteStoreTests.Stored(store, []);
        TriggerFs.Broker.Roster disk = new(store.Load());
        Assert.Equal(RandomStatementsTests.Shown(disk).Order(), RandomStatementsTests.Shown(desk.Roster).Order());
        Assert.Equal(
            Texts[0], Assert.Single(disk.Workers(Sample.Team1), worker => worker.Name.Value == "w0").Description);
        foreach (Row row in Registrar.Rows.Where(row => row.Verb == Verb.Show && row.ValuesMin == 0))
            CheckShown(desk, row);
    }

    private static bool Try(Desk desk, SqliteStore store, Row row, string name, string text)
    {
        if (row.Verb is Verb.Delete or Verb.Rename or Verb.Remove && name != text) return false;
        string[] values = [.. Enumerable.Repeat(text, row.ValuesMin)];
        try
        {
            Decision decision = desk.Decide(Desk.Admin, row.Verb, row.Kind, name, row.Property, values);
            desk.Roster.Apply(decision.Changes);
            store.Commit(decision.Changes, problem => Assert.Null(problem));
            Assert.DoesNotContain(decision.Notice, letter => char.IsControl(letter) && letter != '\n');
            return decision.Changes.Count > 0;
        }
        catch (TriggerException refusal)
        {
            Assert.NotEqual(ErrorCode.Internal, refusal.Code);
            Assert.DoesNotContain(refusal.Report(), letter => char.IsControl(letter) && letter != '\n');
            return false;
        }
    }

    /// <summary>What the next texts are said of.</summary>
    private static void Make(Desk desk, SqliteStore store, int n)
    {
        foreach ((ObjectKind kind, string name) in (IEnumerable<(ObjectKind, string)>)
            [(ObjectKind.Worker, $"w{n}"), (ObjectKind.Service, $"s{n}"), (ObjectKind.Directory, $"/d{n}"),
             (ObjectKind.Trigger, $"/d{n}/t{n}")])
        {
            Decision made = desk.Decide(Desk.Admin, Verb.Create, kind, name, "");
            desk.Roster.Apply(made.Changes);
            store.Commit(made.Changes, problem => Assert.Null(problem));
        }
    }

    private static string NameOf(ObjectKind kind, int n) => kind switch
    {
        ObjectKind.Worker => $"w{n}",
        ObjectKind.Service => $"s{n}",
        ObjectKind.Trigger or ObjectKind.Node => $"/d{n}/t{n}",
        ObjectKind.Directory => $"/d{n}",
        ObjectKind.User => "alice",
        ObjectKind.Team => "team1",
        _ => "",
    };

    /// <summary>A table on a terminal is letters and line ends, whatever is in it.</summary>
    private static void CheckShown(Desk desk, Row row)
    {
        if (row.Property.Length > 0) return;
        if (desk.Decide(Desk.Admin, row.Verb, row.Kind, "", "").Rows is not { } table) return;
        foreach (Listing page in table.Pages(new(1)))
        {
            var text = new StringWriter();
            TableText.Write(text, new(page.Columns, page.Rows, ""), 0);
            Assert.DoesNotContain(text.ToString(), letter => char.IsControl(letter) && letter != '\n');
            Assert.DoesNotContain('\u202e', text.ToString());
        }
    }
}
