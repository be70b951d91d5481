using System.Diagnostics;
using System.Security.Cryptography;
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
    TrainingDatasets datasets, RowsOfVersion rows, ModelRegistry registry, Reproductions reproductions, CodeVersion code, IOptions<TrainingOptions> options, TimeProvider clock)
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
        var dataset = await registry.DatasetOf(version, cancellation);
        var findings = new ReproductionFindings(version, dataset, code);
        try
        {
            await Compare(version, dataset, findings, cancellation);
        }
        catch (Exception hindrance) when (hindrance is ChangedFeatureViewException or EmptyTrainingDatasetException or TrainingRefusedException or LearnerUnavailableException or InvalidDataException)
        {
            findings.Hindrance = hindrance.Message;
        }
        return await reproductions.Record(findings.ToReproduction(askedBy, runId, auditDate, clock.GetUtcNow(), Stopwatch.GetElapsedTime(started)), cancellation);
    }

    private async Task Compare(ModelVersion version, TrainingDataset dataset, ReproductionFindings findings, CancellationToken cancellation)
    {
        if (TrainingViews.Find(dataset.ViewName, dataset.ViewVersion) is null)
            throw new InvalidDataException(TrainingViews.Missing(dataset.ViewName, dataset.ViewVersion));
        var split = TrainingSplit.Of(dataset.IsOfThisStore ? await OfThisStore(dataset, findings, cancellation) : await Imported(version, dataset, findings, cancellation));
        var trainer = version.CreateTrainer();
        findings.Model = RetrainedModel.Of(trainer.Fit(split.All));
        findings.Figures = EvaluationDifferences.Between(
            version.Evaluations, ModelEvaluation.RunAgain(trainer, split, version.Evaluations, options.Value.CrossValidation.Seed));
    }

    private async Task<TrainingPoints> OfThisStore(TrainingDataset dataset, ReproductionFindings findings, CancellationToken cancellation)
    {
        var definition = TrainingDatasetDefinition.Of(dataset);
        findings.Dataset = await datasets.Recompute(dataset, cancellation);
        findings.FindEncodingMismatches = await datasets.FindEncodingMismatches(definition, cancellation);
        return await datasets.ReadPoints(definition, cancellation);
    }

    /// <summary>Rows that came with the version have no commits and no raw values here: only the snapshot can be read again.</summary>
    private async Task<TrainingPoints> Imported(ModelVersion version, TrainingDataset dataset, ReproductionFindings findings, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var read = (await rows.Imported(version, cancellation)).Content;
        findings.Dataset = new TrainingDatasetComparison(
            dataset.TrainingDatasetId, dataset.Sha256, read.Sha256, dataset.Rows, read.Rows, dataset.Survivors, read.Survivors, Stopwatch.GetElapsedTime(started));
        return read.Points;
    }
}

/// <summary>A version learned once more.</summary>
internal sealed record RetrainedModel(ITrainedModel Model, byte[] Bytes, string Sha256)
{
    public static RetrainedModel Of(ITrainedModel model)
    {
        var bytes = model.Save();
        return new RetrainedModel(model, bytes, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }
}
