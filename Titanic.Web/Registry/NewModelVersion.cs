namespace Titanic.Web.Registry;

/// <summary>What a training run hands to the registry.</summary>
public sealed record NewModelVersion(
    string Algorithm,
    IReadOnlyDictionary<string, string> Hyperparameters,
    IReadOnlyList<EvaluationRecord> Evaluations,
    ModelSignature Signature,
    InputExample InputExample,
    byte[] Artifact,
    long TrainingDatasetId,
    long? RunId,
    string CodeVersion,
    string Description,
    GateDecision Gate)
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
        TrainingDatasetId = TrainingDatasetId,
        RunId = RunId,
        CodeVersion = CodeVersion,
        Description = Description,
        CreatedAt = at,
        Gate = Gate,
    };
}
