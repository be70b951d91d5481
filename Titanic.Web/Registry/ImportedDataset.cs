using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Titanic.Web.Registry;

/// <summary>
/// The rows that an imported version learned, where this store has no training dataset of the same rows: they came with the version's archive
/// and stay beside it. They are nobody's passengers here.
/// </summary>
public sealed class ImportedDataset
{
    public required string ModelName { get; init; }
    public int Version { get; init; }

    /// <summary>A <see cref="FeatureStore.TrainingSnapshot"/>, as it stood in the archive.</summary>
    public required byte[] Csv { get; init; }
}

internal sealed class ImportedDatasetTable : IEntityTypeConfiguration<ImportedDataset>
{
    public void Configure(EntityTypeBuilder<ImportedDataset> datasets)
    {
        datasets.ToTable("imported_datasets");
        datasets.HasKey(d => new { d.ModelName, d.Version });
        datasets.HasOne<ModelVersion>().WithOne().HasForeignKey<ImportedDataset>(d => new { d.ModelName, d.Version }).OnDelete(DeleteBehavior.Restrict);
    }
}
