using Titanic.Web.FeatureStore;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Registry;

/// <summary>What a training run hands to the registry.</summary>
/// <param name="InputExample">A question with the model's answer, which the stored bytes must give as well, or nothing is registered.</param>
/// <param name="Dataset">What was learned; not stored yet, it comes in with the version.</param>
public sealed record NewModelVersion(
    string Algorithm,
    IReadOnlyDictionary<string, string> Hyperparameters,
    IReadOnlyList<EvaluationRecord> Evaluations,
    ModelSignature Signature,
    InputExample InputExample,
    byte[] Artifact,
    TrainingDataset Dataset,
    long? RunId,
    string CodeVersion,
    string Description,
    GateDecision Gate,
    SelectionRecord? Selection = null,
    ComparisonRecord? Comparison = null)
{
    internal ModelVersion Numbered(int version, string sha256, DateTimeOffset at) => new()
    {
        Name = ModelRegistry.ModelName,
        Version = version,
        Algorithm = Algorithm,
        Hyperparameters = Hyperparameters,
        Evaluations = Evaluations,
        Signature = Signature,
        InputExample = InputExample,
        Artifact = Artifact,
        ArtifactSha256 = sha256,
        TrainingDatasetId = Dataset.TrainingDatasetId,
        RunId = RunId,
        CodeVersion = CodeVersion,
        Description = Description,
        CreatedAt = at,
        Gate = Gate,
        Selection = Selection,
        Comparison = Comparison,
    };
}
