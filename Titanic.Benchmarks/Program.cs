using Titanic.Benchmarks;

Measurement[] measurements = [new("knn", KnnFigures.Measure), new("pipelines", PipelinesFigures.Measure)];

var isQuick = args.Contains("--quick");
var names = args.Where(arg => arg != "--quick").ToArray();
if (names.Length != 1 || measurements.SingleOrDefault(m => m.Name == names[0]) is not { } chosen)
{
    Console.Error.WriteLine($"usage: dotnet run -c Release --project Titanic.Benchmarks -- {string.Join('|', measurements.Select(m => m.Name))} [--quick]");
    return 2;
}
await chosen.Run(isQuick);
return 0;

internal sealed record Measurement(string Name, Func<bool, Task> Run);
