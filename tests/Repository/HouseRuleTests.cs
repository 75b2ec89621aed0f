using System.Text.RegularExpressions;

namespace TriggerFs.Tests.Repository;

/// <summary>The house rules that a reader of the code relies on, held by reading the sources.</summary>
public sealed partial class HouseRuleTests
{
    [Theory]
    [InlineData("Core", "Core")]
    [InlineData("Transport", "Transport", "Core")]
    [InlineData("Broker", "Broker", "Core")]
    [InlineData("Fs", "Fs", "Core")]
    [InlineData("Commands", "Commands", "Broker", "Fs", "Transport", "Core")]
    public void A_folder_uses_only_the_folders_below_it(string folder, params string[] allowed)
    {
        foreach (string file in Sources.In(folder))
        {
            foreach (Match use in UsedNamespace().Matches(File.ReadAllText(file)))
                Assert.True(allowed.Contains(use.Groups[1].Value), $"{Sources.Relative(file)} uses {use.Value}");
        }
    }

    [Fact]
    public void A_namespace_follows_its_folder()
    {
        foreach (string file in Sources.Product.Where(file => Path.GetFileName(file) != "Program.cs"))
        {
            string folder = Path.GetDirectoryName(Sources.Relative(file))!.Replace('/', '.');
            string declared = DeclaredNamespace().Match(File.ReadAllText(file)).Groups[1].Value;
            Assert.True(declared == "TriggerFs." + folder, $"{Sources.Relative(file)} declares namespace '{declared}'");
        }
    }

    [Fact]
    public void A_file_has_at_most_400_lines_and_nine_in_ten_at_most_250()
    {
        int[] lengths = [.. Sources.Product.Select(file => File.ReadAllLines(file).Length).Order()];
        string longest = Sources.Product.MaxBy(file => File.ReadAllLines(file).Length)!;
        Assert.True(lengths[^1] <= 400, $"{Sources.Relative(longest)} has {lengths[^1]} lines");
        Assert.InRange(lengths[lengths.Length * 9 / 10], 0, 250);
    }

    [Fact]
    public void A_line_has_at_most_120_columns()
    {
        foreach (string file in Sources.All)
        {
            int number = 0;
            foreach (string line in File.ReadLines(file))
            {
                number++;
                Assert.True(line.Length <= 120, $"{Sources.Relative(file)}:{number} has {line.Length} columns");
            }
        }
    }

    [Fact]
    public void A_function_has_at_most_70_lines()
    {
        foreach (string file in Sources.Product)
            foreach ((int line, int length) in Functions.In(File.ReadAllLines(file)))
                Assert.True(length <= 70, $"{Sources.Relative(file)}:{line} begins a function of {length} lines");
    }

    [Fact]
    public void A_type_is_not_called_manager_helper_or_utils()
    {
        foreach (string file in Sources.All)
            foreach (Match type in TypeName().Matches(File.ReadAllText(file)))
                Assert.False(VagueName().IsMatch(type.Groups[1].Value),
                    $"{Sources.Relative(file)}: the name {type.Groups[1].Value} says nothing");
    }

    [Fact]
    public void A_test_class_is_disposed_in_a_way_that_xunit_knows()
    {
        foreach (string file in Sources.All)
            Assert.False(
                NeverDisposed().IsMatch(File.ReadAllText(file)),
                $"{Sources.Relative(file)}: xunit 2 does not call IAsyncDisposable; be an IAsyncLifetime");
    }

    [Fact]
    public void A_fuzz_test_has_a_class_of_its_own_so_that_all_run_at_once()
    {
        string[] fuzzers = [.. Sources.All.Where(static file => FuzzTest().IsMatch(File.ReadAllText(file)))];
        Assert.NotEmpty(fuzzers);
        foreach (string file in fuzzers)
            Assert.True(
                AnyTest().Count(File.ReadAllText(file)) == 1, $"{Sources.Relative(file)} has more than one fuzz test");
    }

    [Fact]
    public void A_source_has_no_region_and_no_unfinished_business()
    {
        foreach (string file in Sources.Product)
            Assert.False(
                Unfinished().IsMatch(File.ReadAllText(file)), $"{Sources.Relative(file)} has a region or a to-do");
    }

    [Fact]
    public void Every_type_of_the_product_says_in_a_sentence_what_it_is()
    {
        foreach (string file in Sources.Product)
        {
            string[] lines = File.ReadAllLines(file);
            for (int i = 0; i < lines.Length; i++)
            {
                if (!TopLevelType().IsMatch(lines[i])) continue;
                int above = i - 1;
                while (above > 0 && lines[above].StartsWith('[')) above--;
                Assert.True(above >= 0 && lines[above].StartsWith("///", StringComparison.Ordinal),
                    $"{Sources.Relative(file)}:{i + 1} declares a type without a <summary>");
            }
        }
    }

    [Fact]
    public void The_top_level_holds_what_was_agreed_and_nothing_else()
    {
        string[] agreed =
        [
            "Broker", "Commands", "Core", "Fs", "Transport", "tests", "Program.cs", "triggerfs.csproj",
            "triggerfs.toml", "Makefile", "README.md", "LICENSE", "global.json", "Directory.Build.props",
            "Directory.Build.targets", "Directory.Packages.props", "bin", "obj", "out",
        ];
        IEnumerable<string> found = Directory.EnumerateFileSystemEntries(Sources.Root).Select(Path.GetFileName)!;
        Assert.Empty(found.Where(name => !name.StartsWith('.')).Except(agreed));
    }

    [GeneratedRegex(@"^\s*(?:global )?using (?:static |\w+ = )?TriggerFs\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex UsedNamespace();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex DeclaredNamespace();

    [GeneratedRegex(
        @"^\s*(?:[a-z]+ )*(?:class|struct|interface|enum|record(?: struct| class)?) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeName();

    [GeneratedRegex("(Manager|Helper|Utils?|Impl)$")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"^(?:[a-z]+ )*(?:class|struct|interface|enum|record(?: struct| class)?) \w+")]
    private static partial Regex TopLevelType();

    [GeneratedRegex(@"class \w+Tests\b[^{]*\bIAsyncDisposable\b")]
    private static partial Regex NeverDisposed();

    [GeneratedRegex(@"^\[Trait\(""Category"", ""Fuzz""\)\]", RegexOptions.Multiline)]
    private static partial Regex FuzzTest();

    [GeneratedRegex(@"^\s*\[(?:Fact|InlineData)\b", RegexOptions.Multiline)]
    private static partial Regex AnyTest();

    // Put together from pieces, so that this rule does not find itself.
    [GeneratedRegex("#reg" + "ion|TO" + "DO|FIX" + "ME|NotImplemented" + "Exception")]
    private static partial Regex Unfinished();
}
