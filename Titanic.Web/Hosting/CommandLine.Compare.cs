using System.CommandLine;
using System.Globalization;
using Titanic.Web.Lifecycle;

namespace Titanic.Web.Hosting;

/// <summary><c>compare</c>: any two versions, side by side.</summary>
public sealed partial class CommandLine
{
    private Command Compare()
    {
        var (a, b) = (new Argument<string>("a") { Description = "A version's number, or an alias such as champion." }, new Argument<string>("b") { Description = "Another; differences are its figure minus the first's." });
        var compare = new Command("compare", "Compare two model versions: what they answer, how good that is on identical rows, what they were made with and of.") { a, b };
        compare.SetAction((parsed, cancellation) => Verbs.WithDatabase(_app!, async services =>
        {
            try
            {
                var compared = await services.GetRequiredService<VersionComparer>().Compare(parsed.GetRequiredValue(a), parsed.GetRequiredValue(b), cancellation);
                foreach (var line in Lines(compared))
                    Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
                return 0;
            }
            catch (UnknownVersionException unknown)
            {
                await Console.Error.WriteLineAsync(unknown.Message);
                return 1;
            }
        }, cancellation));
        return compare;
    }

    private static IEnumerable<FormattableString> Lines(VersionComparison compared)
    {
        yield return $"versions: {Called(compared.First)} and {Called(compared.Second)}";
        if (compared.Metrics is not { } metrics)
            yield return $"metrics: {compared.NoMetrics}";
        else
        {
            yield return $"identical rows: {metrics.Rows}, right only for the first {metrics.OnlyFirstRight}, only for the second {metrics.OnlySecondRight}, exact McNemar p = {metrics.McNemarPValue:0.0000}";
            foreach (var metric in metrics.Metrics)
                yield return $"{metric.Name.ToLowerInvariant()}: {metric.First:0.0000} and {metric.Second:0.0000}, difference {metric.Difference?.Value:+0.0000;-0.0000;0.0000} ({metric.Difference?.Low:+0.0000;-0.0000;0.0000} to {metric.Difference?.High:+0.0000;-0.0000;0.0000}), n = {metric.Rows}";
        }
        yield return $"answers: {compared.Answers?.Sentence ?? compared.NoAnswers}";
        foreach (var fate in compared.Answers?.Fates ?? [])
            yield return $"fate: {fate.Pclass}, {fate.Sex}, age {fate.Age.ToLowerInvariant()}, ticket {fate.Fare}: {Said(fate.First)} -> {Said(fate.Second)}";
        foreach (var option in compared.Options.Where(option => !option.IsEqual))
            yield return $"{option.Name}: {option.First ?? "none"} and {option.Second ?? "none"}";
        yield return $"data: {compared.Data?.ToString() ?? "not all rows are of this store"}";
    }

    private static string Called(ComparedVersion version) => FormattableString.Invariant($"{version.Version}{(version.Aliases.Count > 0 ? $" ({string.Join(", ", version.Aliases)})" : "")}");

    private static string Said(VersionAnswered answer) => FormattableString.Invariant(
        $"{(answer.Survived ? "survived" : "died")} {answer.Probability:0.000}{(answer.Neighbors is { } neighbors ? $" ({answer.Survivors} of {neighbors})" : "")}");
}
