using System.Diagnostics.CodeAnalysis;
using TriggerFs.Core;

namespace TriggerFs.Commands.Session;

/// <summary>
/// The requests under way by their ids, and a pool of objects for the next ones. The session's lock guards it.
/// </summary>
sealed class PendingRequests
{
    private readonly Dictionary<ulong, PendingRequest> _byId = [];
    private readonly Stack<PendingRequest> _free = new();

    public int Count => _byId.Count;

    public bool TryGet(ulong id, [NotNullWhen(true)] out PendingRequest? request) => _byId.TryGetValue(id, out request);

    public void Add(
        RequestId id, IAnswers answers, long deadlineMs, bool isAsynchronous, IReadOnlyList<string>? only)
    {
        if (!_free.TryPop(out PendingRequest? request)) request = new PendingRequest();
        request.Begin(id, answers, deadlineMs, isAsynchronous, only);
        _byId.Add(id.Value, request);
    }

    /// <summary>Takes a request out at its end and returns who waits for it; null when it has ended already.</summary>
    public IAnswers? Remove(ulong id)
    {
        if (!_byId.Remove(id, out PendingRequest? request)) return null;
        IAnswers answers = request.Answers;
        request.End();
        if (_free.Count < Limits.RequestsPerSessionMax) _free.Push(request);
        return answers;
    }

    /// <summary>The requests that match, as a list of its own: for the rare moments that look at all of them.</summary>
    public List<PendingRequest> Where(Predicate<PendingRequest> matches)
    {
        List<PendingRequest> found = [];
        foreach (PendingRequest request in _byId.Values)
            if (matches(request)) found.Add(request);
        return found;
    }
}
