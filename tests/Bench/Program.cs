using TriggerFs.Bench;
using TriggerFs.Bench.Fuse;
using TriggerFs.Bench.Plugins;
using TriggerFs.Bench.Roles;

// bench --triggerfs BINARY [--quick] [--only abcdefghij] [--rounds N] measures;
// bench role … is what it starts for that.
if (args is ["role", ..]) return Role.Run(args[1..]);

var plan = Plan.Parse(args);
Console.WriteLine(Conditions.Text(plan));
if (plan.Has('a')) await RequestReply.RunAsync(plan);
if (plan.Has('b')) await RunningTrue.RunAsync(plan);
if (plan.Has('c')) await Footprint.RunAsync(plan);
if (plan.Has('d')) await FuseTable.RunAsync(plan);
if (plan.Has('d')) await WaitingWrites.RunAsync(plan);
if (plan.Has('e')) await Durable.RunAsync(plan);
if (plan.Has('f')) await RunningPlugins.RunAsync(plan);
if (plan.Has('g')) await ManyToMany.RunAsync(plan);
if (plan.Has('h')) await ThousandWorkers.RunAsync(plan);
if (plan.Has('i')) CpuFeatures.Run(plan);
if (plan.Has('j')) await Fairness.RunAsync(plan);
Summary.Print();
return 0;
