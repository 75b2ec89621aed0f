Console.WriteLine("triggerfs");
return 0;
