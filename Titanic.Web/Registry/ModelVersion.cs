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

/// <summary>A registered model: its bytes and all that is needed to trust, explain and make it again.</summary>
public sealed class ModelVersion
{
    public required string Name { get; init; }

    /// <summary>1, 2, 3 …; given out without gaps.</summary>
    public int Version { get; init; }
    public required string Algorithm { get; init; }
    public required IReadOnlyDictionary<string, string> Hyperparameters { get; init; }
    public required IReadOnlyList<EvaluationRecord> Evaluations { get; init; }
    public required ModelSignature Signature { get; init; }
    public required InputExample InputExample { get; init; }
    public required byte[] Artifact { get; init; }

    /// <summary>Of <see cref="Artifact"/>; lower-case hexadecimal.</summary>
    public required string ArtifactSha256 { get; init; }

    /// <summary>Null for an imported version whose rows this store does not have; they came with it then, see <see cref="ImportedDataset"/>.</summary>
    public long? TrainingDatasetId { get; init; }
    public long? RunId { get; init; }
    public required string CodeVersion { get; init; }
    public string Description { get; init; } = "";
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>How often <see cref="Description"/> and <see cref="Tags"/> have been edited; all else never changes.</summary>
    public int Revision { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>What the promotion gate decided when the version was registered, and on which evidence.</summary>
    public required GateDecision Gate { get; init; }

    /// <summary>How the settings were found; null where they were simply given.</summary>
    public SelectionRecord? Selection { get; init; }

    /// <summary>How the version stands beside other learners; null where that was not measured.</summary>
    public ComparisonRecord? Comparison { get; init; }

    /// <summary>Where the version was learned, if it was imported; else null.</summary>
    public ModelOrigin? Origin { get; init; }

    /// <summary>The view whose points it learned.</summary>
    /// <exception cref="InvalidDataException">This code has no such view.</exception>
    public ITrainingView View => LearnerCatalog.ViewOf(Signature.EncoderId);

    /// <summary>The learner that made it, to be fitted again.</summary>
    /// <exception cref="InvalidDataException">This code knows no such learner, no such view, or other settings.</exception>
    public IModelTrainer CreateTrainer() => LearnerCatalog.Create(Algorithm, Hyperparameters, Signature.EncoderId);

    /// <exception cref="InvalidDataException">The bytes are not those that were registered.</exception>
    public void RequireRegisteredBytes()
    {
        var digest = ComputeSha256();
        if (digest != ArtifactSha256)
            throw DamagedArtifact(Name, Version, digest, ArtifactSha256);
    }

    /// <summary>Of <see cref="Artifact"/> as it is stored now; lower-case hexadecimal.</summary>
    public string ComputeSha256() => Sha256Of(Artifact);

    internal static string Sha256Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    internal static InvalidDataException DamagedArtifact(string name, int version, string stored, string registered) =>
        new($"The artifact of {name} version {version} has SHA-256 {stored}, but {registered} was registered; it is damaged and will not serve.");
}

/// <summary>An input and the answer that the stored bytes gave to it at registration.</summary>
public sealed record InputExample(int Pclass, string Sex, double? Age, double? Fare, bool Survived, double Probability, int Survivors, int Neighbors)
{
    /// <summary>A man of the third class whose age and fare are unknown, with a model's prediction for him.</summary>
    public static InputExample Of(ITrainedModel model) => new InputExample(3, SexConverter.Format(Passengers.Sex.Male), null, null, false, 0, 0, 0).PredictedBy(model);

    /// <summary>The same input with another model's prediction.</summary>
    public InputExample PredictedBy(ITrainedModel model)
    {
        var predicted = model.Predict(model.Trainer.View.Encode(Pclass, SexConverter.Read(Sex), Age, Fare));
        return this with { Survived = predicted.Survived, Probability = predicted.Probability, Survivors = predicted.Survivors, Neighbors = predicted.Neighbors };
    }

    /// <summary>For messages, with every digit.</summary>
    internal string Answer => string.Create(
        CultureInfo.InvariantCulture, $"{(Survived ? "survived" : "not survived")}, probability {Probability:R}, {Survivors} of {Neighbors} neighbours");
}

/// <summary>
/// What lists show and search stands in generated columns that only <see cref="VersionList"/> reads: <c>cross_validated</c>, <c>left_one_out</c>,
/// <c>verdict</c> and <c>search_text</c>, with their indexes, in the migration AliasHistoryAndVersionLists. The evaluations themselves, which
/// are large, and the artifact are read for single versions only.
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
