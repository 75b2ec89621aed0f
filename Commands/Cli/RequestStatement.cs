using System.Text;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Client;
using TriggerFs.Commands.Session;
using TriggerFs.Core;

namespace TriggerFs.Commands.Cli;

/// <summary>Runs a plugin on a service and shows its output as it comes; Ctrl-C ends it there.</summary>
static class RequestStatement
{
    /// <summary>The exit status, as the client's.</summary>
    public static async Task<int> RunAsync(
        UserSession session,
        ConsoleStatement.Request request,
        IReadOnlyList<Filter> filters,
        OutputFormat format,
        Audience audience,
        CancellationToken stop)
    {
        if (format == OutputFormat.Csv || (format != OutputFormat.Text && filters.Count > 0))
            throw new TriggerException(ErrorCode.Usage, "output of a command cannot be shown like that",
                "it is lines of text", "use --output text, or triggerfs client --output json");
        var asked = new ClientRequest(request.Service, request.Plugin, TimeSpan.FromMilliseconds(request.TimeoutMs),
            Args: [], Encoding.UTF8.GetBytes(request.Command), Origin.OfThisProcess());
        audience.Output.Flush();
        return await new RequestRun(session, asked).RunAsync(NewPrinter, stop);

        IAnswerPrinter NewPrinter(Action<OutputChunk> done) => format switch
        {
            OutputFormat.Json => new JsonPrinter(request.Service, request.Plugin, Descriptor.Output, done),
            OutputFormat.JsonLines => new JsonLinesPrinter(Descriptor.Output, done),
            _ => new AnswerLines(request.Plugin, FilteredLines.Chain(filters, audience.Lines()), audience,
                isFramed: audience.IsTerminal && filters.Count == 0, done),
        };
    }
}
