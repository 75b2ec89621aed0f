using TriggerFs.Commands.Cli.Output;

namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>The terminal on standard output, as large as it is at the moment.</summary>
sealed unsafe class Screen : IScreen
{
    /// <summary>What a terminal is that does not say it, as since the VT100.</summary>
    private static readonly (int Columns, int Rows) Usual = (80, 24);

    public int Columns => Size.Columns;

    public int Rows => Size.Rows;

    /// <summary>The screen; null when standard output is no terminal.</summary>
    public static Screen? Find() => Native.IsTerminal(1) == 1 ? new() : null;

    private static (int Columns, int Rows) Size
    {
        get
        {
            TerminalSize size;
            bool isKnown = Native.GetTerminalSize(1, Native.TIOCGWINSZ, &size) == 0
                && size is { Columns: > 0, Rows: > 0 };
            return isKnown ? (size.Columns, size.Rows) : Usual;
        }
    }
}
