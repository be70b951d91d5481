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
/// Makes a registered version again: its training dataset as of its commit, its model with its settings, its figures. Whatever came
/// afterwards, corrections, deletions and late outcomes among it, must not change one bit.
/// </summary>
public sealed class ModelReproduction(
    RowsOfVersion rows, Reproductions reproductions, CodeVersion code, IOptions<TrainingOptions> options, TimeProvider clock)
{
    public const string ByCommandLine = "command line";
    private const string ByAudit = "audit";

    /// <summary>Because a person or a program asked.</summary>
    /// <returns>What came out, stored for good.</returns>
    public Task<Reproduction> Make(ModelVersion version, string askedBy, CancellationToken cancellation) => Make(version, askedBy, null, null, cancellation);

    /// <summary>Because the audit of a day asked.</summary>
    /// <param name="runId">Of the audit.</param>
    public Task<Reproduction> Make(ModelVersion version, long runId, DateOnly auditDate, CancellationToken cancellation) =>
        Make(version, ByAudit, runId, auditDate, cancellation);

    private async Task<Reproduction> Make(ModelVersion version, string askedBy, long? runId, DateOnly? auditDate, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var dataset = await rows.DatasetOf(version, cancellation);
        var findings = new ReproductionFindings(version, dataset, code);
        try
        {
            await Compare(version, dataset, findings, cancellation);
        }
        catch (Exception failure) when (failure is ChangedFeatureViewException or EmptyTrainingDatasetException or TrainingRefusedException or LearnerUnavailableException or InvalidDataException)
        {
            findings.FailureReason = failure.Message;
        }
        return await reproductions.Record(findings.ToReproduction(askedBy, runId, auditDate, clock.GetUtcNow(), Stopwatch.GetElapsedTime(started)), cancellation);
    }

    private async Task Compare(ModelVersion version, TrainingDataset dataset, ReproductionFindings findings, CancellationToken cancellation)
    {
        if (TrainingViews.Find(dataset.ViewName, dataset.ViewVersion) is null)
            throw new InvalidDataException(TrainingViews.Missing(dataset.ViewName, dataset.ViewVersion));
        findings.Dataset = await rows.Recompute(version, dataset, cancellation);
        findings.EncodingMismatches = await rows.FindEncodingMismatches(dataset, cancellation);
        var split = TrainingSplit.Of(await rows.Read(version, cancellation));
        var trainer = version.CreateTrainer();
        findings.Model = RetrainedModel.Of(trainer.Fit(split.All));
        findings.Figures = EvaluationDifferences.Between(
            version.Evaluations, ModelEvaluation.RunAgain(trainer, split, version.Evaluations, options.Value.CrossValidation.Seed));
    }
}

/// <summary>A version learned once more.</summary>
internal sealed record RetrainedModel(ITrainedModel Model, byte[] Bytes, string Sha256)
{
    public static RetrainedModel Of(ITrainedModel model)
    {
        var bytes = model.Save();
        return new RetrainedModel(model, bytes, ModelVersion.Sha256Of(bytes));
    }
}

/// <summary>Puts what was found while a version was made again into the registry's words.</summary>
internal sealed class ReproductionFindings(ModelVersion version, TrainingDataset dataset, CodeVersion code)
{
    /// <summary>More figures than this are counted, not listed.</summary>
    private const int MostFiguresListed = 10;

    private readonly string _storedSha256 = version.ComputeSha256();

    /// <summary>Null while the dataset could not be read.</summary>
    public TrainingDatasetComparison? Dataset { get; set; }

    /// <summary>How many rows are encoded otherwise than their raw values say, and the first of them.</summary>
    public (int Rows, string? First) EncodingMismatches { get; set; }

    /// <summary>Null while it could not be made.</summary>
    public RetrainedModel? Model { get; set; }

    /// <summary>Null while nothing was measured.</summary>
    public EvaluationDifferences? Figures { get; set; }

    /// <summary>Why the version could not be retrained, as a sentence; null where it was.</summary>
    public string? FailureReason { get; set; }

    public Reproduction ToReproduction(string askedBy, long? runId, DateOnly? auditDate, DateTimeOffset at, TimeSpan duration)
    {
        string[] differences = [.. InDataset(), .. InModel(), .. InFigures()];
        var verdict = differences.Length > 0 ? ReproductionVerdict.Differs : FailureReason is null ? ReproductionVerdict.Reproduced : ReproductionVerdict.Impossible;
        return new Reproduction
        {
            ModelName = version.Name,
            Version = version.Version,
            ReproducedAt = at,
            Duration = duration,
            AskedBy = askedBy,
            RunId = runId,
            AuditDate = auditDate,
            CodeVersion = code.Text,
            Platform = RuntimeEnvironment.Platform,
            VectorBits = RuntimeEnvironment.VectorBits,
            Verdict = verdict,
            Summary = Summary(verdict),
            Differences = [.. differences, .. verdict == ReproductionVerdict.Differs ? Circumstances() : []],
            LeftOut = LeftOut(),
            DatasetSha256 = dataset.Sha256,
            ReadDatasetSha256 = Dataset?.ReadSha256,
            RegisteredSha256 = version.ArtifactSha256,
            StoredSha256 = _storedSha256,
            ReproducedSha256 = Model?.Sha256,
            FiguresCompared = Figures?.Compared ?? 0,
            FiguresDifferent = Figures?.Different.Count ?? 0,
        };
    }

    private string Summary(ReproductionVerdict verdict) => verdict switch
    {
        ReproductionVerdict.Reproduced => string.Create(
            CultureInfo.InvariantCulture, $"Version {version.Version} is reproduced: the same {dataset.Rows} rows, the same {version.Artifact.Length} model bytes{(Figures!.Compared > 0 ? $", the same {Figures.Compared} figures" : "")}."),
        ReproductionVerdict.Differs => $"Version {version.Version} differs: {string.Join(", ", WhatDiffers())}.",
        _ => $"Version {version.Version} cannot be made again here: {FailureReason}",
    };

    private IEnumerable<string> WhatDiffers()
    {
        if (InDataset().Any())
            yield return "the training dataset";
        if (_storedSha256 != version.ArtifactSha256)
            yield return "the stored model";
        if (Model is not null && Model.Sha256 != version.ArtifactSha256)
            yield return "the model made again";
        if (Figures?.Different.Count > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{Figures.Different.Count} of {Figures.Compared} figures");
    }

    private IEnumerable<string> InDataset()
    {
        if (Dataset is { IsEqual: false } read)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Training dataset {dataset.TrainingDatasetId} reads as SHA-256 {read.ReadSha256} ({read.ReadRows} rows, {read.ReadSurvivors} survivors); registered is {read.StoredSha256} ({read.StoredRows} rows, {read.StoredSurvivors} survivors). Rows were changed past the feature store.");
        }
        if (EncodingMismatches.Rows > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{EncodingMismatches.Rows} rows, the first of them {EncodingMismatches.First}, have other values than those that were encoded when they came.");
    }

    private IEnumerable<string> InModel()
    {
        var registered = version.ArtifactSha256;
        if (Model is null)
        {
            if (_storedSha256 != registered)
                yield return $"The stored bytes have SHA-256 {_storedSha256}, registered is {registered}; no model could be made again to tell which is right.";
        }
        else if (_storedSha256 != registered && Model.Sha256 == registered)
            yield return $"The stored bytes are not those registered; those made again are. Stored is SHA-256 {_storedSha256}. {FirstDifference(Model)}";
        else if (_storedSha256 != registered && Model.Sha256 == _storedSha256)
            yield return $"The stored bytes and those made again agree (SHA-256 {_storedSha256}); the digest that is registered is another: {registered}.";
        else if (_storedSha256 != registered)
            yield return $"Registered is SHA-256 {registered}, stored {_storedSha256}, made again {Model.Sha256}: no two agree. {FirstDifference(Model)}";
        else if (Model.Sha256 != registered)
            yield return $"The bytes made again have SHA-256 {Model.Sha256}; registered and stored is {registered}. {FirstDifference(Model)}";
    }

    private string FirstDifference(RetrainedModel again)
    {
        var offset = again.Bytes.AsSpan().CommonPrefixLength(version.Artifact);
        var part = offset < again.Bytes.Length && again.Model.PartAt(offset) is { } name ? $" ({name})" : "";
        return string.Create(CultureInfo.InvariantCulture, $"They first differ at offset {offset}{part}; stored are {version.Artifact.Length} bytes, made again {again.Bytes.Length}.");
    }

    private IEnumerable<string> InFigures()
    {
        if (Figures is null)
            yield break;
        foreach (var figure in Figures.Different.Take(MostFiguresListed))
            yield return $"The {figure}.";
        if (Figures.Different.Count > MostFiguresListed)
            yield return string.Create(CultureInfo.InvariantCulture, $"{Figures.Different.Count - MostFiguresListed} more figures differ.");
    }

    private IEnumerable<string> Circumstances()
    {
        if (FailureReason is not null)
            yield return FailureReason;
        if (version.CodeVersion != code.Text)
            yield return $"The version was registered by code {version.CodeVersion}; it was made again by {code.Text}.";
    }

    private string? LeftOut() => Figures?.NotMeasured is { Count: > 0 } methods
        ? $"Not measured again: {string.Join(", ", methods)}."
        : null;
}
