using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Challengers;

namespace Titanic.Web.Pipelines;

/// <summary>
/// Makes a registered version again: its training dataset as of its commit, its model with its settings, its figures. Whatever came
/// afterwards, corrections, deletions and late outcomes among it, must not change one bit.
/// </summary>
public sealed class ModelReproduction(
    TrainingDatasets datasets, Reproductions reproductions, TitanicDb db, CodeVersion code, IOptions<TrainingOptions> options, TimeProvider clock)
{
    public const string ByCommandLine = "command line";
    private const string ByAudit = "audit";

    /// <summary>Because a person or a program asked.</summary>
    /// <returns>What came out, stored for good.</returns>
    public Task<Reproduction> Make(ModelVersion version, string askedBy, CancellationToken cancellation) => Make(version, askedBy, null, null, cancellation);

    /// <summary>Because the audit of a day asked.</summary>
    public Task<Reproduction> Make(ModelVersion version, RunContext audit, CancellationToken cancellation) =>
        Make(version, ByAudit, audit.RunId, audit.LogicalDate, cancellation);

    private async Task<Reproduction> Make(ModelVersion version, string askedBy, long? runId, DateOnly? auditDate, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var dataset = await db.TrainingDatasets.AsNoTracking().SingleAsync(d => d.TrainingDatasetId == version.TrainingDatasetId, cancellation);
        var findings = new ReproductionFindings(version, dataset, code);
        try
        {
            await Compare(version, dataset, findings, cancellation);
        }
        catch (Exception hindrance) when (hindrance is ChangedFeatureViewException or EmptyTrainingDatasetException or TrainingRefusedException or ChallengerMissingException or InvalidDataException)
        {
            findings.Hindrance = hindrance.Message;
        }
        return await reproductions.Record(findings.ToReproduction(askedBy, runId, auditDate, clock.GetUtcNow(), Stopwatch.GetElapsedTime(started)), cancellation);
    }

    private async Task Compare(ModelVersion version, TrainingDataset dataset, ReproductionFindings findings, CancellationToken cancellation)
    {
        if (TrainingViews.Find(dataset.ViewName, dataset.ViewVersion) is not { } view)
            throw new InvalidDataException(TrainingViews.Missing(dataset.ViewName, dataset.ViewVersion));
        var definition = TrainingDatasetDefinition.Of(dataset);
        findings.Dataset = await datasets.CreateAgain(dataset, cancellation);
        findings.EncodedOtherwise = await datasets.EncodedOtherwise(definition, cancellation);

        var split = TrainingSplit.Of(await datasets.ReadPoints(definition, cancellation));
        var learner = LearnerOfVersion.Of(version);
        findings.Model = RemadeModel.Of(learner, split.All);
        findings.Figures = EvaluationDifferences.Between(
            version.Evaluations, RemadeModel.Measure(learner, split, version.Evaluations, options.Value.CrossValidation.Seed));
    }
}
