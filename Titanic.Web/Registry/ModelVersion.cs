using System.Globalization;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Registry;

/// <summary>A registered model: the artifact with everything that is needed to verify, explain and reproduce it.</summary>
public sealed class ModelVersion
{
    public required string Name { get; init; }

    /// <summary>1, 2, 3 …; without gaps.</summary>
    public int Version { get; init; }
    public required string Algorithm { get; init; }
    public required IReadOnlyDictionary<string, string> Hyperparameters { get; init; }
    public required IReadOnlyList<EvaluationRecord> Evaluations { get; init; }
    public required ModelSignature Signature { get; init; }
    public required InputExample InputExample { get; init; }
    public required byte[] Artifact { get; init; }

    /// <summary>Digest of <see cref="Artifact"/> at registration; lower-case hexadecimal.</summary>
    public required string ArtifactSha256 { get; init; }

    /// <summary>Null for an imported version whose rows are not in this store; see <see cref="ImportedDataset"/>.</summary>
    public long? TrainingDatasetId { get; init; }
    public long? RunId { get; init; }
    public required string CodeVersion { get; init; }
    public string Description { get; init; } = "";
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Number of edits of <see cref="Description"/> and <see cref="Tags"/>; all other members never change.</summary>
    public int Revision { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The decision of the promotion gate at registration, with its evidence.</summary>
    public required GateDecision Gate { get; init; }

    /// <summary>The hyperparameter search; null when the hyperparameters were given.</summary>
    public SelectionRecord? Selection { get; init; }

    /// <summary>The comparison with other algorithms; null when not measured.</summary>
    public ComparisonRecord? Comparison { get; init; }

    /// <summary>The origin of an imported version; otherwise null.</summary>
    public ModelOrigin? Origin { get; init; }

    /// <summary>The feature view that the model was trained on.</summary>
    /// <exception cref="InvalidDataException">This code does not have the view.</exception>
    public ITrainingView View => LearnerCatalog.ViewOf(Signature.EncoderId);

    /// <summary>Creates the trainer with the algorithm, hyperparameters and view of this version.</summary>
    /// <exception cref="InvalidDataException">
    /// This code does not have the algorithm or the view, or a hyperparameter is invalid.
    /// </exception>
    public IModelTrainer CreateTrainer() => LearnerCatalog.Create(Algorithm, Hyperparameters, Signature.EncoderId);

    /// <exception cref="InvalidDataException">The stored bytes do not have the registered digest.</exception>
    public void RequireRegisteredBytes()
    {
        var digest = ComputeSha256();
        if (digest != ArtifactSha256)
            throw CorruptArtifact(Name, Version, digest, ArtifactSha256);
    }

    /// <summary>The digest of <see cref="Artifact"/> as it is stored now; lower-case hexadecimal.</summary>
    public string ComputeSha256() => Sha256Of(Artifact);

    internal static string Sha256Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    internal static InvalidDataException CorruptArtifact(string name, int version, string stored, string registered) =>
        new($"The artifact of {name} version {version} has SHA-256 {stored}, but {registered} was registered; it is corrupt and cannot be served.");
}

/// <summary>An input with the prediction of the stored bytes at registration.</summary>
public sealed record InputExample(int Pclass, string Sex, double? Age, double? Fare, bool Survived, double Probability, int Survivors, int Neighbors)
{
    /// <summary>A male third-class passenger with unknown age and fare, with the model's prediction.</summary>
    public static InputExample Of(ITrainedModel model) => new InputExample(3, SexConverter.Format(Passengers.Sex.Male), null, null, false, 0, 0, 0).WithPredictionOf(model);

    /// <summary>The same input with another model's prediction.</summary>
    public InputExample WithPredictionOf(ITrainedModel model)
    {
        var predicted = model.Predict(model.Trainer.View.Encode(Pclass, SexConverter.Parse(Sex), Age, Fare));
        return this with { Survived = predicted.Survived, Probability = predicted.Probability, Survivors = predicted.Survivors, Neighbors = predicted.Neighbors };
    }

    /// <summary>The prediction as text for messages, with all digits.</summary>
    internal string FormattedPrediction => string.Create(
        CultureInfo.InvariantCulture, $"{(Survived ? "survived" : "not survived")}, probability {Probability:R}, {Survivors} of {Neighbors} neighbors");
}

/// <summary>
/// Lists read and search generated columns, which only <see cref="VersionList"/> uses: <c>cross_validated</c>, <c>left_one_out</c>,
/// <c>verdict</c> and <c>search_text</c>, created with their indexes in the migration AliasHistoryAndVersionLists. Evaluations and
/// artifacts are large and are read for single versions only.
/// </summary>
internal sealed class ModelVersionTable : IEntityTypeConfiguration<ModelVersion>
{
    public void Configure(EntityTypeBuilder<ModelVersion> versions)
    {
        versions.ToTable("model_versions", table => table.HasCheckConstraint(
            "ck_model_versions_rows_are_known", "training_dataset_id is not null or origin is not null"));
        versions.HasKey(v => new { v.Name, v.Version });
        versions.Ignore(v => v.View);
        versions.Property(v => v.Hyperparameters).HasJsonColumn();
        versions.Property(v => v.Evaluations).HasJsonColumn();
        versions.Property(v => v.Signature).HasJsonColumn();
        versions.Property(v => v.InputExample).HasJsonColumn();
        versions.Property(v => v.Tags).HasJsonColumn();
        versions.Property(v => v.Gate).HasJsonColumn();
        versions.Property(v => v.Selection).HasJsonColumn();
        versions.Property(v => v.Comparison).HasJsonColumn();
        versions.Property(v => v.Origin).HasJsonColumn();
        versions.Property(v => v.ArtifactSha256).IsFixedLength().HasMaxLength(64);
        versions.HasOne<TrainingDataset>().WithMany().HasForeignKey(v => v.TrainingDatasetId).OnDelete(DeleteBehavior.Restrict);
        versions.HasIndex(v => v.RunId);
    }
}

/// <summary>A version that a training run passes to the registry.</summary>
/// <param name="InputExample">
/// An input with the model's prediction; the registration fails unless the stored bytes predict the same.
/// </param>
/// <param name="Dataset">The training dataset; it is stored together with the version.</param>
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
    internal ModelVersion ToModelVersion(int version, string sha256, DateTimeOffset createdAt) => new()
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
        CreatedAt = createdAt,
        Gate = Gate,
        Selection = Selection,
        Comparison = Comparison,
    };
}
