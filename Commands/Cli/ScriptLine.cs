using TriggerFs.Core;

namespace TriggerFs.Commands.Cli;

/// <summary>
/// One line of a script and where it stands, for errors; the place is empty for the only statement there is.
/// </summary>
readonly record struct ScriptLine(string Text, string Place)
{
    /// <summary>A failure of this line, with its place before it.</summary>
    public TriggerException Locate(TriggerException problem) => Place.Length == 0
        ? problem
        : new(problem.Code, $"{Place}: {problem.Message}", problem.Why, problem.Fix, problem);
}

/// <summary>The statements of a script, one after another, whichever way it came.</summary>
abstract class Script : IDisposable
{
    /// <summary>The next line; null at the end. Blocks until it is there.</summary>
    public abstract ScriptLine? Next();

    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>The statements of <c>-c</c>; one may have several lines.</summary>
    public static Script Of(IReadOnlyList<string> statements) =>
        new Given([.. statements.SelectMany(text => text.Split('\n'))]);

    /// <summary>A file with a statement on each line.</summary>
    public static Script Open(string path)
    {
        try
        {
            return new Streamed(File.OpenRead(path), path + ":");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(
                ErrorCode.Usage, $"the script {path} cannot be read", problem.Message, cause: problem);
        }
    }

    /// <summary>What comes on a stream; places are <paramref name="name"/> and the line's number.</summary>
    public static Script Read(Stream input, string name) => new Streamed(input, name);

    private sealed class Given(IReadOnlyList<string> statements) : Script
    {
        private int _taken;

        public override ScriptLine? Next()
        {
            if (_taken == statements.Count) return null;
            string text = statements[_taken++];
            return new(text, statements.Count == 1 ? "" : $"statement {_taken}");
        }
    }

    private sealed class Streamed(Stream input, string name) : Script
    {
        private readonly BoundedLines _lines = new(input, Limits.TextMax);
        private int _number;

        public override ScriptLine? Next()
        {
            string place = $"{name}{++_number}";
            try
            {
                return _lines.Next() is { } text ? new ScriptLine(text, place) : null;
            }
            catch (TriggerException problem)
            {
                throw new ScriptLine("", place).Locate(problem);
            }
        }

        public override void Dispose()
        {
            input.Dispose();
            base.Dispose();
        }
    }
}
