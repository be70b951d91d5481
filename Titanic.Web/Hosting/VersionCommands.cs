using System.CommandLine;
using System.Globalization;
using Titanic.Web.Lifecycle;
using Titanic.Web.Lifecycle.Archives;
using Titanic.Web.Registry;
using Titanic.Web.Serving.Receipts;

namespace Titanic.Web.Hosting;

/// <summary>The commands that compare, check, reproduce and import model versions, and the one that checks a prediction.</summary>
internal sealed class VersionCommands(Func<WebApplication> app)
{
    public Command Compare()
    {
        var (a, b) = (new Argument<string>("a") { Description = "A version's number, or an alias such as champion." }, new Argument<string>("b") { Description = "Another; differences are its figure minus the first's." });
        var compare = new Command("compare", "Compare two model versions: what they answer, how good that is on identical rows, what they were made with and of.") { a, b };
        compare.SetAction((parsed, cancellation) => Commands.WithDatabase(app(), async services =>
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

    public Command Reproduce()
    {
        var version = new Argument<string>("version") { Description = "A version's number, or an alias such as champion." };
        var reproduce = new Command(
            "reproduce", "Make a registered version again from its training dataset, and hold rows, bytes and figures against what is stored; exit code 0 only if they are identical.") { version };
        reproduce.SetAction((parsed, cancellation) => ReproduceVersion(parsed.GetRequiredValue(version), cancellation));
        return reproduce;
    }

    public static Command VerifyArchive()
    {
        var file = new Argument<string>("file") { Description = "As it was downloaded from a version's page." };
        var verify = new Command("verify-archive", "Check the archive of a model version without a database: files, digests, rows, bytes, learning, answers and figures; exit code 0 only if everything holds.") { file };
        verify.SetAction(parsed => VerifyArchiveFile(parsed.GetRequiredValue(file)));
        return verify;
    }

    public Command ImportArchive()
    {
        var file = new Argument<string>("file") { Description = "The archive of a model version, as it was downloaded." };
        var import = new Command("import-archive", "Register a version from an archive, after the checks of verify-archive.") { file };
        import.SetAction((parsed, cancellation) => ImportArchiveFile(parsed.GetRequiredValue(file), cancellation));
        return import;
    }

    public Command VerifyPrediction()
    {
        var id = new Argument<long>("id") { Description = "The number of the prediction, as on its receipt." };
        id.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && long.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var number) && number < 1)
                result.AddError($"The prediction is {number}; it must be 1 or more.");
        });
        var verify = new Command("verify-prediction", "Prove a stored answer: bytes, encoding, answer, rows and digests, a line each; exit code 0 only if all of it is sound.") { id };
        verify.SetAction((parsed, cancellation) => VerifyStoredPrediction(parsed.GetRequiredValue(id), cancellation));
        return verify;
    }

    private Task<int> ReproduceVersion(string version, CancellationToken cancellation) =>
        Commands.WithDatabase(app(), async services =>
        {
            var registry = services.GetRequiredService<ModelRegistry>();
            if (await registry.Find(version, cancellation) is not { } found)
                throw new ArgumentException(ModelRegistry.Missing(version));
            var result = await services.GetRequiredService<ModelReproduction>().Make(found, ModelReproduction.ByCommandLine, cancellation);
            Console.WriteLine(FormattableString.Invariant($"{result.Summary} ({result.Platform}, {result.Duration.TotalSeconds:0.0} s)"));
            foreach (var line in result.Differences)
                Console.WriteLine(line);
            if (result.LeftOut is { } leftOut)
                Console.WriteLine(leftOut);
            return result.Verdict == ReproductionVerdict.Reproduced ? 0 : 1;
        }, cancellation);

    /// <summary>One line for each check, and one that sums up.</summary>
    private static int VerifyArchiveFile(string path)
    {
        try
        {
            using var archive = File.OpenRead(Commands.FullPath(path));
            var result = ArchiveVerification.Check(archive);
            foreach (var check in result.Checks)
                Console.WriteLine($"{check.Name,-16} {check.Holds switch { true => "ok", false => "FAILED", null => "not checked" },-11} {check.Sentence}");
            Console.WriteLine(result.Holds ? "The archive holds." : "The archive does not hold.");
            return result.Holds ? 0 : 1;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
    }

    private Task<int> ImportArchiveFile(string path, CancellationToken cancellation) =>
        Commands.WithDatabase(app(), async services =>
        {
            await using var archive = File.OpenRead(Commands.FullPath(path));
            try
            {
                Console.WriteLine(await services.GetRequiredService<ArchiveImport>().Import(archive, by: "command line", cancellation));
                return 0;
            }
            catch (ArchiveRefusedException refused)
            {
                await Console.Error.WriteLineAsync(refused.Message);
                return 1;
            }
        }, cancellation);

    /// <summary>Makes every check, those that read all rows of training datasets included.</summary>
    private Task<int> VerifyStoredPrediction(long id, CancellationToken cancellation) =>
        Commands.WithDatabase(app(), async services =>
        {
            if (await services.GetRequiredService<ReceiptVerifier>().Verify(id, readsDatasets: true, cancellation) is not { } verification)
            {
                await Console.Error.WriteLineAsync($"There is no prediction {id}.");
                return 1;
            }
            foreach (var check in verification.Checks)
                Console.WriteLine($"{(check.Holds switch { true => "passed", false => "failed", null => "not made" })} {check.Name}: {check.Sentence}");
            Console.WriteLine(verification.Verdict);
            return verification.IsSound ? 0 : 1;
        }, cancellation);

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
