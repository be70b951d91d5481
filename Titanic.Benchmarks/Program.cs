Console.Error.WriteLine("usage: dotnet run -c Release --project Titanic.Benchmarks -- MEASUREMENT [--quick]");
return 2;
