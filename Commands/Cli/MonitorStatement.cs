using System.Threading.Channels;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli;

/// <summary>Shows what happens, as it happens, until it is interrupted.</summary>
static class MonitorStatement
{
    /// <summary>
    /// Pages that wait to be shown. A terminal that is stopped holds up nobody: what comes meanwhile is left out.
    /// </summary>
    private const int PagesMax = 256;

    public static async Task RunAsync(
        UserSession session,
        ConsoleStatement.Monitor monitor,
        IReadOnlyList<Filter> filters,
        OutputFormat format,
        Audience audience,
        CancellationToken stop)
    {
        if (filters is [Filter.Display display, ..]) (format, filters) = (display.Format, [.. filters.Skip(1)]);
        if (format is OutputFormat.Json or OutputFormat.Csv)
            throw new TriggerException(ErrorCode.Usage, "what goes on and on is no document",
                fix: "use text, or jsonl: a JSON object for each row");
        var lines = new MonitorLines(format, FilteredLines.Chain(filters, audience.Lines()));
        var pages = Channel.CreateBounded<Listing>(
            new BoundedChannelOptions(PagesMax) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
        long lost = 0;
        Task following = FollowAsync();
        await foreach (Listing page in pages.Reader.ReadAllAsync(CancellationToken.None))
        {
            lines.Show(page, Interlocked.Exchange(ref lost, 0));
            audience.Output.Flush();
        }
        lines.End();
        audience.Output.Flush();
        await following;

        async Task FollowAsync()
        {
            try
            {
                await session.MonitorAsync(monitor.Kind, monitor.Name, Take, stop);
            }
            finally
            {
                pages.Writer.Complete();
            }
        }

        void Take(Listing page)
        {
            if (!pages.Writer.TryWrite(page)) Interlocked.Add(ref lost, page.Rows.Count);
        }
    }
}
