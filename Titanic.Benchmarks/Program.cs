using Titanic.Benchmarks;

Measurement[] measurements =
[
    new("knn", KnnFigures.Measure), new("evaluation", EvaluationFigures.Measure), new("format", FormatFigures.Measure), new("archives", ArchiveFigures.Measure),
    new("store", StoreFigures.Measure), new("gate", GateFigures.Measure), new("faults", FaultFigures.Measure), new("registry", RegistryFigures.Measure),
    new("pipelines", PipelinesFigures.Measure), new("inference", InferenceFigures.Measure), new("explanations", ExplanationFigures.Measure),
    new("serving", ServingFigures.Measure), new("kills", ServingKills.Measure),
];

if (args is ["generate", var path, var count] && int.TryParse(count, out var rows) && rows > 0)
{
    GeneratedList.WriteCsv(path, rows);
    return 0;
}

// Commands that `serving` starts as separate processes.
if (args is ["bare", var bareAddress])
{
    await BareEndpoint.Serve(bareAddress);
    return 0;
}
if (args is ["allocation", var address, var connectionString, var log, var seconds])
{
    await ServingAllocation.Measure(address, connectionString, log, int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

var isQuick = args.Contains("--quick");
var names = args.Where(arg => arg != "--quick").ToArray();
if (names.Length != 1 || measurements.SingleOrDefault(m => m.Name == names[0]) is not { } chosen)
{
    Console.Error.WriteLine($"usage: dotnet run -c Release --project Titanic.Benchmarks -- {string.Join('|', measurements.Select(m => m.Name))} [--quick]");
    Console.Error.WriteLine("       dotnet run -c Release --project Titanic.Benchmarks -- generate FILE ROWS");
    return 2;
}
await chosen.Run(isQuick);
return 0;

internal sealed record Measurement(string Name, Func<bool, Task> Run);
