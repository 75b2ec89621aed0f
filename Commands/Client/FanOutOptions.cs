using System.CommandLine;
using System.Globalization;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>The options of the client for services that give a request to many workers.</summary>
sealed class FanOutOptions
{
    private readonly Option<bool> _fold = new("--fold", "-fold")
    {
        Description = "print equal answers of several workers once, at the end",
    };

    private readonly Option<string?> _canary =
        SharedOptions.Text("canary", "N", "first N workers, the others only if these did it well");

    private readonly Option<string?> _maxFailures =
        SharedOptions.Text("max-failures", "N|P%", "stop, on all workers, when more than N of them (or P%) fail");

    private readonly Option<string?> _retryFailed =
        SharedOptions.Text("retry-failed", "RUN", "the same again, on those workers that failed in RUN");

    public IEnumerable<Option> All => [_fold, _canary, _maxFailures, _retryFailed];

    public bool IsFolded(ParseResult parsed) => parsed.GetValue(_fold);

    /// <summary>The number of the run that is to be made again; null for none.</summary>
    public string? RetryOf(ParseResult parsed) => parsed.GetValue(_retryFailed);

    /// <summary>How carefully the request is to go to its workers; null for all at once, whatever fails.</summary>
    /// <param name="only">The workers that it goes to; none for all.</param>
    public RolloutRules? Read(ParseResult parsed, string[] only)
    {
        string? canary = parsed.GetValue(_canary), failures = parsed.GetValue(_maxFailures);
        if (canary is null && failures is null && only.Length == 0) return null;
        bool isPercent = failures?.EndsWith('%') ?? false;
        return new(
            canary is null ? 0 : Number("--canary", canary, 1, Limits.WorkersPerServiceMax),
            failures is null ? RolloutRules.AnyFailures
                : Number("--max-failures", failures.TrimEnd('%'), 0, isPercent ? 100 : Limits.WorkersPerServiceMax),
            isPercent,
            only);
    }

    private static int Number(string option, string text, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && number >= min && number <= max ? number
            : throw new TriggerException(ErrorCode.Usage, $"'{NameRule.Shown(text)}' cannot be taken for {option}",
                $"it is a number from {min} to {max}");
}
