using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary>
/// The model of an archive, compared with the archive's metadata. A K-NN model is loaded, because the loader of its format treats the
/// bytes as untrusted. ML.NET models are never loaded from an archive, because their loaders are not safe for untrusted bytes: the model
/// is retrained on the rows, and the archive must have the same bytes.
/// </summary>
internal sealed class ArchivedModel
{
    /// <summary>Maximum absolute difference of a metric; mathematical libraries of different machines differ in the last digits.</summary>
    private const double Tolerance = 1e-9;

    private readonly IModelTrainer _trainer;
    private readonly byte[] _artifact;
    private RetrainedModel? _retrained;

    private ArchivedModel(IModelTrainer trainer, byte[] artifact, string description) => (_trainer, _artifact, Description) = (trainer, artifact, description);

    /// <summary>The model as text for people.</summary>
    public string Description { get; }

    /// <summary>Identifies the model and compares it with the metadata.</summary>
    /// <exception cref="InvalidArchiveException">The model does not match the metadata.</exception>
    /// <exception cref="InvalidDataException">The bytes are not a valid K-NN model.</exception>
    public static ArchivedModel Of(ArchivedVersion version, byte[] artifact)
    {
        var view = TrainingViews.Get(version.Dataset.View, version.Dataset.ViewVersion);
        if (!LearnerCatalog.Algorithms.Contains(version.Algorithm))
            throw new InvalidArchiveException(LearnerCatalog.NotFoundMessage(version.Algorithm));
        var (trainer, model) = LearnerCatalog.Identify(version.Algorithm, artifact);
        if (model is not null)
        {
            RequireSame("encoder", model.EncoderId, view.Schema.EncoderId);
            RequireSame("features", string.Join(", ", model.Training.FeatureNames), string.Join(", ", view.Schema.FeatureNames));
        }
        RequireSame("view", trainer.View.Schema.ToString(), view.Schema.ToString());
        RequireSame("hyperparameters", LearnerNames.Hyperparameters(trainer.Hyperparameters), LearnerNames.Hyperparameters(version.Hyperparameters));
        RequireSignature(trainer.Signature, version.Signature);
        return new ArchivedModel(
            trainer, artifact,
            model is not null
                ? $"a K-NN model of {Quantity.Of(model.Training.Rows, "row")} ({LearnerNames.Hyperparameters(version.Hyperparameters)})"
                : $"a model of {LearnerNames.Display(trainer.Algorithm)}, which is not loaded");
    }

    /// <summary>Retrains the model on the rows and compares the bytes.</summary>
    /// <returns>Null when the bytes are identical; a message when this machine lacks the algorithm's native library.</returns>
    /// <exception cref="InvalidArchiveException">The retrained bytes differ from those of the archive.</exception>
    /// <exception cref="TrainingFailedException">The rows are not suitable for training.</exception>
    public string? Retrain(WeightedSamples rows)
    {
        try
        {
            _retrained = RetrainedModel.Of(_trainer.Fit(rows));
        }
        catch (LearnerUnavailableException missing)
        {
            return $"The model was not retrained: {missing.Message}";
        }
        var bytes = _retrained.Bytes;
        return bytes.AsSpan().SequenceEqual(_artifact)
            ? null
            : throw new InvalidArchiveException(FormattableString.Invariant(
                $"Retraining on the rows results in {bytes.Length:#,##0} bytes, {ArchiveLayout.Model} has {_artifact.Length:#,##0}, and the first difference is at byte {bytes.AsSpan().CommonPrefixLength(_artifact)}; they must be identical."));
    }

    /// <summary>
    /// Predicts the input example with the retrained model; call it after <see cref="Retrain"/> has returned null.
    /// </summary>
    /// <exception cref="InvalidArchiveException">The input is out of range, or the prediction differs from the registered one.</exception>
    public void RequirePrediction(InputExample example)
    {
        if (SexConverter.ParseOrNull(example.Sex) is null || !PassengerLimits.IsValidPclass(example.Pclass) || !PassengerLimits.IsValidAge(example.Age) || !PassengerLimits.IsValidFare(example.Fare))
            throw new InvalidArchiveException(FormattableString.Invariant(
                $"The input example has class {example.Pclass}, sex \"{Excerpt.Truncate(example.Sex)}\", age {example.Age}, fare {example.Fare}; these are not valid inputs."));
        var predicted = example.WithPredictionOf(_retrained!.Model);
        if (predicted != example)
            throw new InvalidArchiveException(
                $"The model predicts {FormatPrediction(predicted)} for the input example; {FormatPrediction(example)} was registered.");
    }

    /// <summary>Recomputes the hold-out metrics of the model and of the majority baseline, and compares them with the archive.</summary>
    /// <exception cref="InvalidArchiveException">A metric is missing or differs.</exception>
    public void RequireMetrics(ArchivedMetrics stated, TrainingSplit split)
    {
        foreach (var learner in (ILearner[])[_trainer, new MajorityBaseline()])
        {
            var measured = HoldOut.Evaluate(learner, split.Training, split.HeldOut, isDetailed: false);
            RequireSame(
                stated.HeldOut(measured.Subject) ?? throw new InvalidArchiveException(
                    $"The evaluation \"{ArchivedMetrics.HoldOutMethod}\" of {LearnerNames.Display(measured.Subject)} is missing; there must be one."),
                measured);
        }
    }

    private static void RequireSame(EvaluationRecord stated, EvaluationRecord measured)
    {
        if (stated.Rows != measured.Rows || stated.Confusion != measured.Confusion)
        {
            throw new InvalidArchiveException(
                $"The hold-out metrics of {LearnerNames.Display(measured.Subject)} are stated for {Quantity.Of(stated.Rows, "row")} with {stated.Confusion}; "
                + $"recomputed are {Quantity.Of(measured.Rows, "row")} with {measured.Confusion}.");
        }
        foreach (var (name, metric) in measured.Metrics)
        {
            if (stated.Metrics.GetValueOrDefault(name)?.Value is var value && value != metric.Value && !(Math.Abs(value - metric.Value ?? double.NaN) <= Tolerance))
            {
                throw new InvalidArchiveException(FormattableString.Invariant(
                    $"The hold-out metric {name} of {LearnerNames.Display(measured.Subject)} is stated as {value}; recomputed is {metric.Value}."));
            }
        }
    }

    /// <summary>Accepts the current signature, and those of earlier releases: with other texts, or with descriptions only.</summary>
    private static void RequireSignature(ModelSignature model, ModelSignature stated)
    {
        var text = ArchiveJson.Format(stated.WithCurrentTexts);
        if (text != ArchiveJson.Format(model.WithoutFormDetails))
            RequireSame("signature", ArchiveJson.Format(model), text);
    }

    private static void RequireSame(string what, string model, string stated)
    {
        if (model != stated)
            throw new InvalidArchiveException($"The {what} of the model: {Excerpt.TruncateRecord(model)}; {ArchiveLayout.Version} states {Excerpt.TruncateRecord(stated)}.");
    }

    private static string FormatPrediction(InputExample prediction) =>
        FormattableString.Invariant($"{(prediction.Survived ? "survived" : "died")}, probability {prediction.Probability}, {prediction.Survivors} of {prediction.Neighbors} neighbors");
}
