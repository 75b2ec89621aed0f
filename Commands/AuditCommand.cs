using System.CommandLine;
using System.Globalization;
using TriggerFs.Broker.Audit;

namespace TriggerFs.Commands;

/// <summary>What can be done with a broker's audit on its host, whether the broker runs or not.</summary>
sealed class AuditCommand : Command
{
    private const string About = """
        check the audit of a broker on its host
        triggerfs broker audit verify
        triggerfs broker audit verify --folder /backup/audit
        """;

    private readonly SharedOptions _shared;
    private readonly Option<string?> _state = SharedOptions.Text("state", "FOLDER", "the broker's state folder");
    private readonly Option<string?> _folder =
        SharedOptions.Text("folder", "FOLDER", "the audit's folder, or a copy of it");

    public AuditCommand(SharedOptions shared) : base("audit", About)
    {
        _shared = shared;
        var verify = new Command("verify", "check that no line was changed, removed or moved");
        verify.Options.Add(_state);
        verify.Options.Add(_folder);
        verify.SetAction(Verify);
        Subcommands.Add(verify);
    }

    private int Verify(ParseResult parsed)
    {
        BrokerSettings settings =
            _shared.Read(parsed, (_state, "broker.state"), (_folder, "broker.audit.folder")).Broker;
        AuditReport report = AuditVerifier.Verify(settings.Audit.Options(InstallationPlaces.StateOf(settings)).Folder);
        if (report.Fault is { } fault)
        {
            string place = fault.Line == 0 ? fault.File : $"{fault.File}:{fault.Line}";
            Console.Error.WriteLine($"triggerfs: the audit is broken at {place}: {fault.What}");
            if (fault.Why.Length > 0) Console.Error.WriteLine($"  why: {fault.Why}");
            Console.Error.WriteLine("  try: compare it with a copy; what is before that place is as it was written");
            return ExitCodes.Failure;
        }
        Console.Out.WriteLine(Text(report));
        return ExitCodes.Ok;
    }

    private static string Text(AuditReport report) => report is { First: { } first, Last: { } last }
        ? string.Create(CultureInfo.InvariantCulture,
            $"""
            the audit is whole: {report.Lines} lines in {report.Files} files
              first  {first.Seq} of {first.Time:yyyy-MM-ddTHH:mm:ssZ}
              last   {last.Seq} of {last.Time:yyyy-MM-ddTHH:mm:ssZ}
              hash   {report.Hash}
            """)
        : "the audit is whole: it has no lines yet";
}
