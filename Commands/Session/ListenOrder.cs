namespace TriggerFs.Commands.Session;

/// <summary>What somebody wants to listen to, and from where on.</summary>
/// <param name="Service">The service, or a worker.</param>
/// <param name="Plugin">What writes there.</param>
/// <param name="Args">Its arguments, as <see cref="Core.Messages.Args.Encode"/> has them.</param>
/// <param name="Last">Lines that are wanted from before; <see cref="Core.Messages.Listen.AllLines"/> for all.</param>
/// <param name="Age">How old the oldest of them may be; zero for any age.</param>
sealed record ListenOrder(string Service, string Plugin, byte[] Args, uint Last, TimeSpan Age);
