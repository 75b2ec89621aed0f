using System.CommandLine;

namespace TriggerFs.Commands.Client;

/// <summary>Shows what a stream writes, as it comes: another name for <c>client -listen</c>.</summary>
sealed class ListenCommand : Command
{
    public ListenCommand(ClientCommand client)
        : base("listen", Description)
    {
        foreach (Option option in client.ListenOptions) Options.Add(option);
        SetAction(client.ListenAsync);
    }

    private static new string Description => """
        show what a stream writes, as it comes
        triggerfs listen -service demoservice -plugin file/stream -args path=/var/log/syslog -args follow=true
        all who listen to the same share one run, which ends when the last one has left; when its worker is lost the
        next one goes on, as standard error says
        exit status: the plugin's when it ends, 75 when you were cut off because others are faster, 130 interrupted,
        69 no broker, service or worker
        """;
}
