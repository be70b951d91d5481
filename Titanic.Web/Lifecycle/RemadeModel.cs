using System.Security.Cryptography;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Challengers;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Lifecycle;

/// <summary>A version learned once more.</summary>
/// <param name="PartAt">What stands at a place among the bytes, in words; null where the format is not ours.</param>
internal sealed record RemadeModel(byte[] Bytes, Func<long, string>? PartAt)
{
    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Bytes));

    /// <exception cref="TrainingRefusedException">These rows cannot be learned from.</exception>
    /// <exception cref="ChallengerMissingException">The learner's native library cannot be loaded on this machine.</exception>
    public static RemadeModel Of(LearnerOfVersion learner, LabelledPoints points) => learner.Learner.Fit(points) switch
    {
        KnnModel knn => new RemadeModel(knn.Save(), knn.PartAt),
        ChallengerModel challenger => new RemadeModel(challenger.Save(), null),
        var other => throw new InvalidDataException($"A {other.GetType().Name} is never registered."),
    };

    /// <summary>The learner measured once more, by the methods of the figures that are stored.</summary>
    /// <param name="seed">Dealt the folds of versions that do not say.</param>
    public static IReadOnlyList<EvaluationRecord> Measure(LearnerOfVersion learner, TrainingSplit split, IReadOnlyList<EvaluationRecord> stored, long seed)
    {
        var folds = stored.Select(record => FoldsOf(record, seed)).FirstOrDefault(options => options is not null && options.Problem(split.All.Rows) is null);
        if (folds is null)
            return [];
        return learner.Learner switch
        {
            KnnTrainer knn => ModelReport.Evaluate(knn, split, folds, nested: null),
            Challenger challenger => ModelReport.Evaluate(challenger, split, folds),
            _ => [],
        };
    }

    /// <summary>"10x5 cross-validation" of a record; null for any other method.</summary>
    private static CrossValidationOptions? FoldsOf(EvaluationRecord record, long seed) =>
        record.Method.Split('x', ' ') is [var repeats, var folds, "cross-validation"] && int.TryParse(repeats, out var r) && int.TryParse(folds, out var f)
            ? new CrossValidationOptions(r, f, record.Seed ?? seed)
            : null;
}
