using System.Globalization;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>What stands around the output, in the words of 2018: where it is sent, and how it ended.</summary>
sealed class Frame(Descriptor to)
{
    public void Begin(Dispatched dispatched)
    {
        string time = DateTime.Now.ToString("yyyy/MM/dd HH:mm:ss", CultureInfo.InvariantCulture);
        string algorithm = dispatched.Algorithm.ToString().ToLowerInvariant();
        Write($"{time} Sending message to service {NameRule.Shown(dispatched.Service)} ({algorithm})\n");
    }

    public void End(RequestEnd end, long messageCount) => Write(string.Create(CultureInfo.InvariantCulture,
        $"\nExit code: {end.ExitCode}\nTotal messages: {messageCount}\n")
        + $"Time ran: {Duration.PrintExactly(end.Nanoseconds)}\n");

    public void Tell(TriggerException problem) => Write(problem.Report() + "\n");

    private void Write(string text)
    {
        to.Append(Encoding.UTF8.GetBytes(text));
        to.Flush();
    }
}
