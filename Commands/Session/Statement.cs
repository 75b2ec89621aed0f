using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Session;

/// <summary>
/// What the broker answered to a statement: rows for a Show, else the notice of its Done (often empty).
/// </summary>
sealed record StatementAnswer(IReadOnlyList<Column> Columns, IReadOnlyList<string[]> Rows, string Notice);

/// <summary>A statement under way; collects the pages of its answer, or hands them on.</summary>
/// <param name="pageCame">Hears of each page as it comes; null to have all rows together in the answer.</param>
sealed class PendingStatement(Action<Listing>? pageCame = null)
{
    private readonly TaskCompletionSource<StatementAnswer> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly List<string[]> _rows = [];

    public Task<StatementAnswer> Answer => _answer.Task;

    /// <summary>Takes one page; true when it was the last.</summary>
    public bool Take(Listing page)
    {
        if (pageCame is null) _rows.AddRange(page.Rows);
        else pageCame(page);
        if (page.Last) _answer.TrySetResult(new(page.Columns, _rows, ""));
        return page.Last;
    }

    public void Take(Done done) => _answer.TrySetResult(new([], [], done.Notice));

    public void Fail(TriggerException problem) => _answer.TrySetException(problem);
}
