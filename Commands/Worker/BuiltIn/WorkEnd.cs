using System.Net.Sockets;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>How a work ended, from what it returned or threw.</summary>
static class WorkEnd
{
    /// <summary>Runs a work to its end, whatever it throws.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="call">With what.</param>
    /// <param name="report">Told of a bug; returns what the caller is told.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task<RunEnd> OfAsync(
        IWork work, WorkCall call, Func<Exception, string> report, CancellationToken stop)
    {
        try
        {
            return new(Outcome.Done, await work.RunAsync(call, stop).ConfigureAwait(false));
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            return new(Outcome.Done, 128 + Native.SIGTERM); // What fails then fails because it was ended.
        }
        catch (TriggerException problem)
        {
            return new(Outcome.Done, problem.Code.ExitCode(), RunEnd.NotStarted(problem).Detail);
        }
        catch (Exception problem) when (problem
            is IOException or UnauthorizedAccessException or SocketException or TimeoutException)
        {
            return new(Outcome.Done, ExitCodes.Failure, problem.Message);
        }
        catch (Exception bug)
        {
            return new(Outcome.Done, ErrorCode.Internal.ExitCode(), report(bug));
        }
    }
}
