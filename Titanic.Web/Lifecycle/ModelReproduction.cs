using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Lifecycle;

/// <summary>
/// Reproduces a registered version: reads its training dataset as of its commit, retrains the model with its hyperparameters and
/// recomputes its metrics. Later corrections, deletions and outcomes must not change a bit of the result.
/// </summary>
public sealed class ModelReproduction(
    VersionTrainingRows rows, Reproductions reproductions, CodeVersion code, IOptions<TrainingOptions> options, TimeProvider clock)
{
    public const string ByCommandLine = "command line";
    private const string ByAudit = "audit";

    /// <summary>Reproduces a version on request.</summary>
    /// <param name="requestedBy">An account name, a key name or <see cref="ByCommandLine"/>.</param>
    /// <returns>The stored result.</returns>
    public Task<Reproduction> Reproduce(ModelVersion version, string requestedBy, CancellationToken cancellation) =>
        Reproduce(version, requestedBy, null, null, new StepProgress(cancellation));

    /// <summary>Reproduces a version as part of an audit.</summary>
    /// <param name="runId">The run of the audit.</param>
    /// <param name="auditDate">The logical date of the audit.</param>
    /// <param name="progress">Counts the fitted models.</param>
    public Task<Reproduction> Reproduce(ModelVersion version, long runId, DateOnly auditDate, StepProgress progress) =>
        Reproduce(version, ByAudit, runId, auditDate, progress);

    private async Task<Reproduction> Reproduce(ModelVersion version, string requestedBy, long? runId, DateOnly? auditDate, StepProgress progress)
    {
        var cancellation = progress.Cancellation;
        var started = Stopwatch.GetTimestamp();
        var dataset = await rows.ReadDataset(version, cancellation);
        var findings = new ReproductionFindings(version, dataset, code);
        try
        {
            await Compare(version, dataset, findings, progress);
        }
        catch (Exception failure) when (failure is ChangedFeatureViewException or EmptyTrainingDatasetException or TrainingFailedException or LearnerUnavailableException or InvalidDataException)
        {
            findings.FailureReason = failure.Message;
        }
        return await reproductions.Record(findings.ToReproduction(requestedBy, runId, auditDate, clock.GetUtcNow(), Stopwatch.GetElapsedTime(started)), cancellation);
    }

    private async Task Compare(ModelVersion version, TrainingDataset dataset, ReproductionFindings findings, StepProgress progress)
    {
        var cancellation = progress.Cancellation;
        if (TrainingViews.Find(dataset.ViewName, dataset.ViewVersion) is null)
            throw new InvalidDataException(TrainingViews.NotFoundMessage(dataset.ViewName, dataset.ViewVersion));
        findings.Dataset = await rows.Recompute(version, dataset, cancellation);
        findings.EncodingMismatches = await rows.FindEncodingMismatches(dataset, cancellation);
        var split = TrainingSplit.Of(await rows.Read(version, cancellation));
        var trainer = version.CreateTrainer();
        findings.Model = RetrainedModel.Of(trainer.Fit(split.All));
        findings.Metrics = EvaluationComparison.Between(
            version.Evaluations, ModelEvaluation.Reevaluate(trainer, split, version.Evaluations, options.Value.CrossValidation.Seed, progress));
    }
}

/// <summary>A retrained model with its serialized bytes and their digest.</summary>
internal sealed record RetrainedModel(ITrainedModel Model, byte[] Bytes, string Sha256)
{
    public static RetrainedModel Of(ITrainedModel model)
    {
        var bytes = model.Save();
        return new RetrainedModel(model, bytes, ModelVersion.Sha256Of(bytes));
    }
}

/// <summary>Collects the findings of a reproduction and formats them as a <see cref="Reproduction"/>.</summary>
internal sealed class ReproductionFindings(ModelVersion version, TrainingDataset dataset, CodeVersion code)
{
    /// <summary>Further differing metrics are counted, not listed.</summary>
    private const int MaximumListedMetrics = 10;

    private readonly string _storedSha256 = version.ComputeSha256();

    /// <summary>Null when the dataset could not be read.</summary>
    public TrainingDatasetComparison? Dataset { get; set; }

    /// <summary>The number of rows whose stored encoding differs from that of their raw values, and the first of them.</summary>
    public (int Rows, string? First) EncodingMismatches { get; set; }

    /// <summary>Null when the model could not be retrained.</summary>
    public RetrainedModel? Model { get; set; }

    /// <summary>Null when no metrics were recomputed.</summary>
    public EvaluationComparison? Metrics { get; set; }

    /// <summary>Why the version could not be retrained, as a message; null when it was.</summary>
    public string? FailureReason { get; set; }

    public Reproduction ToReproduction(string requestedBy, long? runId, DateOnly? auditDate, DateTimeOffset reproducedAt, TimeSpan duration)
    {
        string[] differences = [.. DatasetDifferences(), .. ArtifactDifferences(), .. MetricDifferences()];
        var verdict = differences.Length > 0 ? ReproductionVerdict.Differs : FailureReason is null ? ReproductionVerdict.Reproduced : ReproductionVerdict.Impossible;
        return new Reproduction
        {
            ModelName = version.Name,
            Version = version.Version,
            ReproducedAt = reproducedAt,
            Duration = duration,
            RequestedBy = requestedBy,
            RunId = runId,
            AuditDate = auditDate,
            CodeVersion = code.Text,
            Platform = RuntimeEnvironment.Platform,
            VectorBits = RuntimeEnvironment.VectorBits,
            Verdict = verdict,
            Summary = Summary(verdict),
            Differences = [.. differences, .. verdict == ReproductionVerdict.Differs ? PossibleCauses() : []],
            LeftOut = NotRecomputed(),
            DatasetSha256 = dataset.Sha256,
            ReadDatasetSha256 = Dataset?.ReadSha256,
            RegisteredSha256 = version.ArtifactSha256,
            StoredSha256 = _storedSha256,
            ReproducedSha256 = Model?.Sha256,
            MetricsCompared = Metrics?.Compared ?? 0,
            MetricsDifferent = Metrics?.Differences.Count ?? 0,
        };
    }

    private string Summary(ReproductionVerdict verdict) => verdict switch
    {
        ReproductionVerdict.Reproduced when Metrics!.Compared == 0 =>
            $"Version {version.Version} is reproduced: {Quantity.Of(dataset.Rows, "row")} and {Quantity.Of(version.Artifact.Length, "model byte")} are identical.",
        ReproductionVerdict.Reproduced =>
            $"Version {version.Version} is reproduced: {Quantity.Of(dataset.Rows, "row")}, {Quantity.Of(version.Artifact.Length, "model byte")} and {Quantity.Of(Metrics.Compared, "metric")} are identical.",
        ReproductionVerdict.Differs => $"Version {version.Version} differs: {string.Join(", ", DifferentParts())}.",
        _ => $"Version {version.Version} cannot be reproduced here: {FailureReason}",
    };

    private IEnumerable<string> DifferentParts()
    {
        if (DatasetDifferences().Any())
            yield return "the training dataset";
        if (_storedSha256 != version.ArtifactSha256)
            yield return "the stored model";
        if (Model is not null && Model.Sha256 != version.ArtifactSha256)
            yield return "the retrained model";
        if (Metrics?.Differences.Count > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{Metrics.Differences.Count:#,##0} of {Quantity.Of(Metrics.Compared, "metric")}");
    }

    private IEnumerable<string> DatasetDifferences()
    {
        if (Dataset is { IsEqual: false } read)
        {
            yield return $"Training dataset {dataset.TrainingDatasetId} now has SHA-256 {read.ReadSha256} ({Quantity.Of(read.ReadRows, "row")}, {Quantity.Of(read.ReadSurvivors, "survivor")}); "
                + $"registered is {read.StoredSha256} ({Quantity.Of(read.StoredRows, "row")}, {Quantity.Of(read.StoredSurvivors, "survivor")}). Rows were changed outside the feature store.";
        }
        if (EncodingMismatches.Rows > 0)
            yield return $"The stored encoding of {Quantity.Of(EncodingMismatches.Rows, "row")} does not match the raw values; the first is {EncodingMismatches.First}.";
    }

    private IEnumerable<string> ArtifactDifferences()
    {
        var registered = version.ArtifactSha256;
        if (Model is null)
        {
            if (_storedSha256 != registered)
                yield return $"The stored bytes have SHA-256 {_storedSha256}, registered is {registered}; the model could not be retrained to find out which is correct.";
        }
        else if (_storedSha256 != registered && Model.Sha256 == registered)
            yield return $"The retrained bytes have the registered SHA-256, the stored bytes do not: {_storedSha256}. {FirstDifference(Model)}";
        else if (_storedSha256 != registered && Model.Sha256 == _storedSha256)
            yield return $"The stored and the retrained bytes are identical (SHA-256 {_storedSha256}), but the registered SHA-256 is {registered}.";
        else if (_storedSha256 != registered)
            yield return $"The registered SHA-256 {registered}, the stored {_storedSha256} and the retrained {Model.Sha256} all differ. {FirstDifference(Model)}";
        else if (Model.Sha256 != registered)
            yield return $"The retrained bytes have SHA-256 {Model.Sha256}; registered and stored is {registered}. {FirstDifference(Model)}";
    }

    private string FirstDifference(RetrainedModel retrained)
    {
        var offset = retrained.Bytes.AsSpan().CommonPrefixLength(version.Artifact);
        var part = offset < retrained.Bytes.Length && retrained.Model.DescribeOffset(offset) is { } name ? $" ({name})" : "";
        return $"The first difference is at offset {offset}{part}; stored are {Quantity.Of(version.Artifact.Length, "byte")}, retrained {Quantity.Of(retrained.Bytes.Length, "byte")}.";
    }

    private IEnumerable<string> MetricDifferences()
    {
        if (Metrics is null)
            yield break;
        foreach (var difference in Metrics.Differences.Take(MaximumListedMetrics))
            yield return $"The {difference}.";
        if (Metrics.Differences.Count - MaximumListedMetrics is var more and > 0)
            yield return $"{Quantity.Of(more, "more metric")} {(more == 1 ? "differs" : "differ")}.";
    }

    private IEnumerable<string> PossibleCauses()
    {
        if (FailureReason is not null)
            yield return FailureReason;
        if (version.CodeVersion != code.Text)
            yield return $"The version was registered by code {version.CodeVersion} and reproduced by code {code.Text}.";
    }

    private string? NotRecomputed() => Metrics?.NotRecomputed is { Count: > 0 } methods
        ? $"Not recomputed: {string.Join(", ", methods)}."
        : null;
}
