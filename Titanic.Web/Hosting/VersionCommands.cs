using System.CommandLine;
using Titanic.Web.Lifecycle;
using Titanic.Web.Lifecycle.Archives;
using Titanic.Web.Registry;
using Titanic.Web.Serving.Receipts;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Hosting;

/// <summary>The commands that compare, reproduce, verify and import model versions, and the command that verifies a prediction.</summary>
internal sealed class VersionCommands(Func<WebApplication> app)
{
    public Command Compare()
    {
        var a = new Argument<string>("a") { Description = "The first version: a number, or an alias such as champion." };
        var b = new Argument<string>("b")
        {
            Description = "The second version. A difference is the metric of the second minus the metric of the first.",
        };
        var compare = new Command(
            "compare", "Compares two model versions: predictions, metrics on identical rows, hyperparameters and training data.") { a, b };
        compare.SetAction((parsed, cancellation) => Commands.WithDatabase(app(), async services =>
        {
            try
            {
                var comparer = services.GetRequiredService<VersionComparer>();
                var compared = await comparer.Compare(parsed.GetRequiredValue(a), parsed.GetRequiredValue(b), cancellation);
                foreach (var line in FormatComparison(compared))
                    Console.WriteLine(line);
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

    public Command Reproduce()
    {
        var version = new Argument<string>("version") { Description = "A version number, or an alias such as champion." };
        var reproduce = new Command(
            "reproduce",
            "Retrains a registered version from its training dataset and compares rows, bytes and metrics with the stored ones; "
            + "exit code 0 only if they are identical.")
        {
            version,
        };
        reproduce.SetAction((parsed, cancellation) => ReproduceVersion(parsed.GetRequiredValue(version), cancellation));
        return reproduce;
    }

    public static Command VerifyArchive()
    {
        var file = new Argument<string>("file") { Description = "The archive, as downloaded from the page of a version." };
        var verify = new Command(
            "verify-archive",
            "Verifies the archive of a model version without a database: files, digests, rows, model bytes, retraining, predictions and "
            + "metrics; exit code 0 only if no check fails.")
        {
            file,
        };
        verify.SetAction(parsed => VerifyArchiveFile(parsed.GetRequiredValue(file)));
        return verify;
    }

    public Command ImportArchive()
    {
        var file = new Argument<string>("file") { Description = "The archive, as downloaded from the page of a version." };
        var import = new Command("import-archive", "Registers a model version from an archive after the checks of verify-archive.")
        {
            file,
        };
        import.SetAction((parsed, cancellation) => ImportArchiveFile(parsed.GetRequiredValue(file), cancellation));
        return import;
    }

    public Command VerifyPrediction()
    {
        var id = new Argument<long>("id")
        {
            Description = "The ID of the prediction, as on its receipt.",
            CustomParser = result => ArgumentParsers.WholeNumber(result, 1, long.MaxValue),
        };
        var verify = new Command(
            "verify-prediction",
            "Verifies a stored prediction: model bytes, encoding, prediction, rows and digests, one line per check; "
            + "exit code 0 only if no check fails.")
        {
            id,
        };
        verify.SetAction((parsed, cancellation) => VerifyStoredPrediction(parsed.GetRequiredValue(id), cancellation));
        return verify;
    }

    private Task<int> ReproduceVersion(string version, CancellationToken cancellation) =>
        Commands.WithDatabase(app(), async services =>
        {
            var registry = services.GetRequiredService<ModelRegistry>();
            if (await registry.Find(version, cancellation) is not { } found)
                throw new ArgumentException(ModelRegistry.NotFoundMessage(version));
            var result = await services.GetRequiredService<ModelReproduction>().Reproduce(found, ModelReproduction.ByCommandLine, cancellation);
            Console.WriteLine($"{result.Summary} ({result.Platform}, {Format.Duration(result.Duration)})");
            foreach (var line in result.Differences)
                Console.WriteLine(line);
            if (result.LeftOut is { } leftOut)
                Console.WriteLine(leftOut);
            return result.Verdict == ReproductionVerdict.Reproduced ? 0 : 1;
        }, cancellation);

    /// <summary>Prints one line for each check and one with the result.</summary>
    private static int VerifyArchiveFile(string path)
    {
        try
        {
            using var archive = Commands.OpenFile("archive", path);
            var result = ArchiveVerification.Check(archive);
            foreach (var check in result.Checks)
            {
                var status = check.Holds switch { true => "ok", false => "FAILED", null => "not checked" };
                Console.WriteLine($"{check.Name,-16} {status,-11} {check.Sentence}");
            }
            Console.WriteLine(result.IsValid ? "The archive is valid." : "The archive is not valid.");
            return result.IsValid ? 0 : 1;
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException)
        {
            Console.Error.WriteLine(FailureText.Describe(failure));
            return 1;
        }
    }

    private Task<int> ImportArchiveFile(string path, CancellationToken cancellation) =>
        Commands.WithDatabase(app(), async services =>
        {
            await using var archive = Commands.OpenFile("archive", path);
            try
            {
                Console.WriteLine(await services.GetRequiredService<ArchiveImport>().Import(archive, by: "command line", cancellation));
                return 0;
            }
            catch (InvalidArchiveException invalid)
            {
                await Console.Error.WriteLineAsync(invalid.Message);
                return 1;
            }
        }, cancellation);

    /// <summary>Runs every check, including those that read all rows of the training datasets.</summary>
    private Task<int> VerifyStoredPrediction(long id, CancellationToken cancellation) =>
        Commands.WithDatabase(app(), async services =>
        {
            if (await services.GetRequiredService<ReceiptVerifier>().Verify(id, readsDatasets: true, cancellation) is not { } verification)
            {
                await Console.Error.WriteLineAsync(NotFoundText.Prediction(id));
                return 1;
            }
            foreach (var check in verification.Checks)
            {
                var status = check.Holds switch { true => "passed", false => "failed", null => "not checked" };
                Console.WriteLine($"{status} {check.Name}: {check.Sentence}");
            }
            Console.WriteLine(verification.Verdict);
            return verification.IsValid ? 0 : 1;
        }, cancellation);

    private static IEnumerable<string> FormatComparison(VersionComparison compared)
    {
        yield return $"versions: {FormatVersion(compared.First)} and {FormatVersion(compared.Second)}";
        if (compared.Metrics is not { } metrics)
            yield return $"metrics: {compared.NoMetrics}";
        else
        {
            var onlyOne = $"{Format.Count(metrics.OnlyFirstRight)}, only in the second {Format.Count(metrics.OnlySecondRight)}";
            yield return $"identical rows: {Format.Count(metrics.Rows)}, correct only in the first {onlyOne}, "
                + $"exact McNemar {Format.PValue(metrics.McNemarPValue)}";
            foreach (var metric in metrics.Metrics)
            {
                var values = $"{MetricFormat.Value(metric.Key, metric.First)} and {MetricFormat.Value(metric.Key, metric.Second)}";
                var difference = MetricFormat.Difference(metric.Key, metric.Difference);
                yield return $"{metric.Name.ToLowerInvariant()}: {values}, difference {difference}, n = {Format.Count(metric.Rows)}";
            }
        }
        yield return $"predictions: {compared.Predictions?.Sentence ?? compared.NoPredictions}";
        foreach (var change in compared.Predictions?.Flips ?? [])
        {
            var input = $"{change.Pclass}, {change.Sex}, age {change.Age.ToLowerInvariant()}, fare {change.Fare}";
            yield return $"flip: {input}: {FormatPrediction(change.First)} -> {FormatPrediction(change.Second)}";
        }
        foreach (var option in compared.Options.Where(option => !option.IsEqual))
            yield return $"{option.Name}: {LearnerNames.Option(option.First)} and {LearnerNames.Option(option.Second)}";
        yield return $"data: {compared.Data?.ToString() ?? "not compared, because some rows are not in this feature store"}";
    }

    private static string FormatVersion(ComparedVersion version)
    {
        var aliases = version.Aliases.Count > 0 ? $" ({string.Join(", ", version.Aliases)})" : "";
        return FormattableString.Invariant($"{version.Version}{aliases}");
    }

    private static string FormatPrediction(VersionPrediction prediction)
    {
        var neighbors = prediction.Neighbors is { } count ? FormattableString.Invariant($" ({prediction.Survivors} of {count})") : "";
        return $"{(prediction.Survived ? "survived" : "died")} {Format.Percent(prediction.Probability)}{neighbors}";
    }
}
