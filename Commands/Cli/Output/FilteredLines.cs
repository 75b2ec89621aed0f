using System.Globalization;
using System.Text.RegularExpressions;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Output;

/// <summary>The filters behind a '|' as they work on lines.</summary>
static class FilteredLines
{
    /// <summary>The filters one after another, with <paramref name="end"/> behind the last.</summary>
    public static ILines Chain(IEnumerable<Filter> filters, ILines end)
    {
        foreach (Filter filter in filters.Reverse()) end = Before(filter, end);
        return end;
    }

    /// <summary>Whether the pattern keeps a text; refuses one that takes too long.</summary>
    public static bool Keeps(Filter.Match match, string text)
    {
        try
        {
            return match.Pattern.IsMatch(text) == match.Keeps;
        }
        catch (RegexMatchTimeoutException)
        {
            throw new TriggerException(ErrorCode.TimedOut, "the regular expression takes too long",
                $"one line kept it busy for {match.Pattern.MatchTimeout.TotalSeconds:0} s", "write a simpler one");
        }
    }

    private static ILines Before(Filter filter, ILines next) => filter switch
    {
        Filter.Match match => new Matching(match, next),
        Filter.Count => new Counting(next),
        Filter.Last last => new Ending(last.Lines, next),
        Filter.Save save => new Saving(save.Path, next),
        Filter.NoMore => next,
        Filter.Display => throw new TriggerException(ErrorCode.Usage, "only a listing can be displayed in another form",
            fix: "put '| display' right behind a 'show' statement"),
        Filter.Compare => throw new TriggerException(ErrorCode.Usage, "only the working copy can be compared",
            fix: "put '| compare' right behind 'show'"),
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "no lines for this filter"),
    };

    private sealed class Matching(Filter.Match match, ILines next) : ILines
    {
        public bool Line(string text) => !Keeps(match, text) || next.Line(text);

        public void End() => next.End();
    }

    private sealed class Counting(ILines next) : ILines
    {
        private long _count;

        public bool Line(string text)
        {
            _count++;
            return true;
        }

        public void End()
        {
            next.Line(string.Create(CultureInfo.InvariantCulture, $"Count: {_count} lines"));
            next.End();
        }
    }

    private sealed class Ending(int count, ILines next) : ILines
    {
        private readonly Queue<string> _lines = new();

        public bool Line(string text)
        {
            if (_lines.Count == count) _lines.Dequeue();
            _lines.Enqueue(text);
            return true;
        }

        public void End()
        {
            foreach (string line in _lines)
                if (!next.Line(line)) break;
            next.End();
        }
    }

    /// <summary>What is listed here may be nobody else's business, so the file is its owner's alone.</summary>
    private sealed class Saving : ILines, IDisposable
    {
        private readonly string _path;
        private readonly ILines _next;
        private readonly StreamWriter _file;
        private long _count;

        public Saving(string path, ILines next)
        {
            _path = path;
            _next = next;
            _file = LocalFile.Create(path);
        }

        public bool Line(string text)
        {
            _file.WriteLine(text);
            _count++;
            return true;
        }

        public void End()
        {
            Dispose();
            _next.Line(string.Create(CultureInfo.InvariantCulture, $"Wrote {_count} lines to {_path}"));
            _next.End();
        }

        public void Dispose() => _file.Dispose();
    }
}
