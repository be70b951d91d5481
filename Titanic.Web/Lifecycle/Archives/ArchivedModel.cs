using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary>
/// The model of an archive, held against what is said of it. A K-NN is loaded from the bytes, because its format trusts nothing. Models of
/// ML.NET are never loaded from foreign bytes, which may make its loaders do anything: they are learned again from the rows, and the bytes
/// must be those that come out.
/// </summary>
internal sealed class ArchivedModel
{
    /// <summary>As far as mathematical libraries may differ from each other.</summary>
    private const double Tolerance = 1e-9;

    private readonly IModelTrainer _trainer;
    private readonly byte[] _artifact;
    private RetrainedModel? _retrained;

    private ArchivedModel(IModelTrainer trainer, byte[] artifact, string description) => (_trainer, _artifact, Description) = (trainer, artifact, description);

    public string Description { get; }

    /// <exception cref="ArchiveRefusedException">It is not the model that the version speaks of.</exception>
    /// <exception cref="InvalidDataException">The bytes are no K-NN.</exception>
    public static ArchivedModel Of(ArchivedVersion version, byte[] artifact)
    {
        var view = TrainingViews.Of(version.Dataset.View, version.Dataset.ViewVersion);
        if (!LearnerCatalog.Algorithms.Contains(version.Algorithm))
            throw new ArchiveRefusedException($"The algorithm is \"{Excerpt.TruncateRecord(version.Algorithm)}\"; this code knows {string.Join("; ", LearnerCatalog.Algorithms)}.");
        var (trainer, model) = LearnerCatalog.Identify(version.Algorithm, artifact);
        if (model is not null)
        {
            RequireSame("encoder", model.EncoderId, view.Schema.EncoderId);
            RequireSame("features", string.Join(", ", model.Training.FeatureNames), string.Join(", ", view.Schema.FeatureNames));
        }
        RequireSame("view", trainer.View.Schema.ToString(), view.Schema.ToString());
        RequireSame("hyperparameters", Text(trainer.Hyperparameters), Text(version.Hyperparameters));
        RequireSignature(trainer.Signature, version.Signature);
        return new ArchivedModel(
            trainer, artifact,
            model is not null ? $"a K-NN of {model.Training.Rows} rows ({Text(version.Hyperparameters)})" : $"to be {trainer.Algorithm}, and are not loaded");
    }

    /// <summary>Learns the rows.</summary>
    /// <returns>A sentence, where this machine lacks what learning needs; else null.</returns>
    /// <exception cref="ArchiveRefusedException">Other bytes come out than those of the archive.</exception>
    /// <exception cref="TrainingRefusedException">These rows cannot be learned from.</exception>
    public string? WhyNotLearnedAgain(WeightedSamples rows)
    {
        try
        {
            _retrained = RetrainedModel.Of(_trainer.Fit(rows));
        }
        catch (LearnerUnavailableException missing)
        {
            return $"Not learned again: {missing.Message}";
        }
        var bytes = _retrained.Bytes;
        return bytes.AsSpan().SequenceEqual(_artifact)
            ? null
            : throw new ArchiveRefusedException($"The rows give {bytes.Length} bytes that differ from the {_artifact.Length} of {ArchiveLayout.Model} from byte {bytes.AsSpan().CommonPrefixLength(_artifact)} on when they are learned again; they must be the same.");
    }

    /// <summary>Only after the bytes have proved to be those that the rows give: what answers is what was learned again.</summary>
    /// <exception cref="ArchiveRefusedException">The answer is another.</exception>
    public void RequireAnswer(InputExample example)
    {
        if (SexConverter.Find(example.Sex) is null || !PassengerLimits.IsPclass(example.Pclass) || !PassengerLimits.IsAge(example.Age) || !PassengerLimits.IsFare(example.Fare))
            throw new ArchiveRefusedException($"The input example asks about class {example.Pclass}, \"{Excerpt.Truncate(example.Sex)}\", age {example.Age}, ticket price {example.Fare}, which nobody can ask.");
        var answer = example.PredictedBy(_retrained!.Model);
        if (answer != example)
            throw new ArchiveRefusedException($"The bytes answer the input example with {Told(answer)}; {Told(example)} was registered.");
    }

    /// <summary>Of the model, and of the majority label, which it has to beat.</summary>
    /// <exception cref="ArchiveRefusedException">The figures are others than those that come out.</exception>
    public void RequireFigures(ArchivedMetrics told, TrainingSplit split)
    {
        foreach (var learner in (ILearner[])[_trainer, new MajorityBaseline()])
        {
            var measured = HoldOut.Evaluate(learner, split.Training, split.HeldOut, isDetailed: false);
            RequireSame(told.HeldOut(measured.Subject) ?? throw new ArchiveRefusedException($"There is no evaluation \"{ArchivedMetrics.Method}\" of {measured.Subject}; it can be made again, and must be there."), measured);
        }
    }

    private static void RequireSame(EvaluationRecord told, EvaluationRecord measured)
    {
        if (told.Rows != measured.Rows || told.Confusion != measured.Confusion)
            throw new ArchiveRefusedException($"The hold-out figures of {measured.Subject} speak of {told.Rows} rows, {told.Confusion}; {measured.Rows} rows give {measured.Confusion}.");
        foreach (var (name, figure) in measured.Metrics)
        {
            if (told.Metrics.GetValueOrDefault(name)?.Value is var value && value != figure.Value && !(Math.Abs(value - figure.Value ?? double.NaN) <= Tolerance))
                throw new ArchiveRefusedException(FormattableString.Invariant($"The hold-out figure {name} of {measured.Subject} is said to be {value}; it is {figure.Value}."));
        }
    }

    /// <summary>In full, or as versions have it that were registered before forms were made from signatures.</summary>
    private static void RequireSignature(ModelSignature model, ModelSignature said)
    {
        var text = ArchiveJson.Text(said);
        if (text != ArchiveJson.Text(model.InPlainWords))
            RequireSame("signature", ArchiveJson.Text(model), text);
    }

    private static void RequireSame(string what, string model, string said)
    {
        if (model != said)
            throw new ArchiveRefusedException($"The {what} of the model: {Excerpt.TruncateRecord(model)}; {ArchiveLayout.Version} says {Excerpt.TruncateRecord(said)}.");
    }

    private static string Text(IReadOnlyDictionary<string, string> settings) => string.Join(", ", settings.OrderBy(setting => setting.Key, StringComparer.Ordinal).Select(setting => $"{setting.Key} = {setting.Value}"));

    private static string Told(InputExample answer) =>
        FormattableString.Invariant($"{(answer.Survived ? "survived" : "died")}, probability {answer.Probability}, {answer.Survivors} of {answer.Neighbors} neighbours");
}
