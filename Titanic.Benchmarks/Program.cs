using Titanic.Benchmarks;
using Titanic.Benchmarks.Drills;

BenchmarkCommand[] measurements =
[
    new("knn", KnnBenchmark.Measure), new("evaluation", EvaluationBenchmark.Measure), new("format", ModelFormatBenchmark.Measure), new("archives", ArchiveBenchmark.Measure),
    new("store", FeatureStoreBenchmark.Measure), new("gate", PromotionGateBenchmark.Measure), new("faults", KilledImportBenchmark.Measure), new("registry", RegistryBenchmark.Measure),
    new("pipelines", StartupBenchmark.Measure), new("inference", InferenceBenchmark.Measure), new("explanations", ExplanationBenchmark.Measure),
    new("survival-model", SurvivalModelBenchmark.Measure), new("stream", StreamBenchmark.Measure), new("drift", DriftBenchmark.Measure),
    new("performance", PerformanceBenchmark.Measure), new("growth", GrowthBenchmark.Measure),
    new("fire-drill", FireDrillBenchmark.Measure),
    new("serving", ServingBenchmark.Measure), new("readers", ReadersBenchmark.Measure), new("telemetry", TelemetryBenchmark.Measure), new("kills", KilledServerBenchmark.Measure), new("drills", DrillsBenchmark.Measure),
];

if (args is ["generate", var path, var count] && int.TryParse(count, out var rows) && rows > 0)
{
    GeneratedPassengers.WriteCsv(path, rows);
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
    await AllocationBenchmark.Measure(address, connectionString, log, int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture));
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

internal sealed record BenchmarkCommand(string Name, Func<bool, Task> Run);
