using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Cli.Terminal;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli.Files;

/// <summary>
/// Opens a shell in a temporary mount of the team's tree, as the console of 2018 did; the mount goes when it is left.
/// </summary>
/// <param name="front">The terminal; null when there is none.</param>
/// <param name="newSession">Makes a session with the broker, not opened yet.</param>
/// <param name="stop">The end of the program; Ctrl-C while the shell is there is for what runs in it.</param>
sealed class FileShell(
    TerminalFront? front,
    Audience audience,
    Interrupts interrupts,
    Func<Settings, PeerRole, UserSession> newSession,
    CancellationToken stop)
{
    private const string Begun = ">> Starting a new interactive shell";

    private static readonly string[] Hints =
    [
        ">> The team's triggers are files here, until you leave it with exit or Ctrl-D:",
        ">>   mkdir newtrigger                      rmdir, mv and chmod, too; everybody sees the change",
        ">>   echo uptime > newtrigger/demotrigger  writes to a trigger; the answer is shown here",
        ">>   cat newtrigger/demotrigger            shows it again",
        ">> Triggers are made in the console: set trigger name /newtrigger/demotrigger",
    ];

    private bool _areHintsTold;

    /// <summary>Until the shell is left.</summary>
    /// <param name="interrupted">Ctrl-C before the shell is there.</param>
    public async Task RunAsync(Settings settings, CancellationToken interrupted)
    {
        if (front is null)
            throw new TriggerException(ErrorCode.Usage, "there is no terminal to open a shell on",
                fix: "triggerfs mount DIRECTORY shows the same files to programs");
        await using TemporaryMount mount = await TemporaryMount.StartAsync(settings, newSession, interrupted);
        Greet();
        using (front.Lend())
        using (interrupts.Take(static () => { })) await UserShell.RunAsync(mount.Path, stop);
        mount.ThrowTrouble();
    }

    private void Greet()
    {
        audience.Output.WriteLine(Begun);
        if (!_areHintsTold)
            foreach (string hint in Hints) audience.Output.WriteLine(hint);
        _areHintsTold = true;
        audience.Output.Flush();
    }
}
