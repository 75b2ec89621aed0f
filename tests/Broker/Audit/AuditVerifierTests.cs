using TriggerFs.Broker.Audit;
using TriggerFs.Core;

namespace TriggerFs.Tests.Broker.Audit;

public sealed class AuditVerifierTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public AuditVerifierTests() => AuditLogTests.Write(Options,
        Enumerable.Range(1, 10).Select(n => AuditLogTests.Entry($"statement {n}")));

    private AuditOptions Options => new(Path.Join(_folder.Path, "audit"));

    private string Current => Path.Join(Options.Folder, "audit.jsonl");

    public void Dispose() => _folder.Dispose();

    private AuditFault Fault =>
        AuditVerifier.Verify(Options.Folder).Fault ?? throw new InvalidOperationException("it is whole");

    [Fact]
    public void What_was_written_and_left_alone_is_whole()
    {
        AuditReport report = AuditVerifier.Verify(Options.Folder);
        Assert.Null(report.Fault);
        Assert.Equal((10, 1, 10), (report.Lines, report.First!.Seq, report.Last!.Seq));
    }

    [Fact]
    public void A_changed_line_is_named()
    {
        Rewrite(lines => lines[4] = lines[4].Replace("statement 5", "statement x"));
        Assert.Equal((Current, 5L, "it was changed"), (Fault.File, Fault.Line, Fault.What));
    }

    [Fact]
    public void A_changed_line_with_a_new_hash_shows_in_the_one_behind_it()
    {
        Rewrite(lines =>
        {
            AuditEntry entry = AuditLine.Read(System.Text.Encoding.UTF8.GetBytes(lines[4]), out _);
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            AuditLine.Write(output, entry with { What = "nothing" });
            lines[4] = System.Text.Encoding.UTF8.GetString(output.WrittenSpan).TrimEnd();
        });
        Assert.Equal((6L, "the line before it is another one"), (Fault.Line, Fault.What));
    }

    [Fact]
    public void A_removed_line_is_missed_in_its_place()
    {
        Rewrite(lines => lines.RemoveAt(4));
        Assert.Equal((5L, "lines 5 to 5 are missing before it"), (Fault.Line, Fault.What));
    }

    [Fact]
    public void Lines_that_changed_places_show()
    {
        Rewrite(lines => (lines[4], lines[5]) = (lines[5], lines[4]));
        Assert.Equal((5L, "lines 5 to 5 are missing before it"), (Fault.Line, Fault.What));
    }

    [Fact]
    public void A_line_that_is_there_twice_shows()
    {
        Rewrite(lines => lines.Insert(4, lines[3]));
        Assert.Equal((5L, "it is not in its place"), (Fault.Line, Fault.What));
    }

    [Fact]
    public void A_line_that_somebody_wrote_by_hand_shows()
    {
        Rewrite(lines => lines.Insert(4, "{\"seq\":5,\"what\":\"nothing\"}"));
        Assert.Equal((5L, "it is not a line of the audit"), (Fault.Line, Fault.What));
    }

    [Fact]
    public void Lines_that_are_cut_off_at_the_end_are_missed()
    {
        Rewrite(lines => lines.RemoveRange(8, 2));
        Assert.Equal((0L, "lines 9 to 10 are missing at the end"), (Fault.Line, Fault.What));
    }

    [Fact]
    public void Lines_that_are_cut_off_at_the_end_are_missed_also_when_the_broker_has_gone_on()
    {
        Rewrite(lines => lines.RemoveRange(8, 2));
        AuditLogTests.Write(Options, AuditLogTests.Entry("later"));
        Assert.Equal((9L, "lines 9 to 10 are missing before it"), (Fault.Line, Fault.What));
    }

    [Fact]
    public void Lines_that_are_cut_off_at_the_beginning_are_missed_when_no_line_says_so()
    {
        Rewrite(lines => lines.RemoveRange(0, 3));
        Assert.Equal((1L, "lines 1 to 3 are missing"), (Fault.Line, Fault.What));
    }

    [Fact]
    public void A_file_that_is_gone_is_missed()
    {
        File.Delete(Current);
        Assert.Equal("lines 1 to 10 are missing at the end", Fault.What);
        AuditLogTests.Write(Options, AuditLogTests.Entry("later"));
        Assert.Equal("lines 1 to 10 are missing", Fault.What);
    }

    [Fact]
    public void A_folder_without_an_audit_is_told()
    {
        TriggerException refusal =
            Assert.Throws<TriggerException>(() => AuditVerifier.Verify(Path.Join(_folder.Path, "nothing")));
        Assert.Equal(ErrorCode.NotFound, refusal.Code);
    }

    private void Rewrite(Action<List<string>> change)
    {
        List<string> lines = [.. File.ReadAllLines(Current)];
        change(lines);
        File.WriteAllLines(Current, lines);
    }
}
