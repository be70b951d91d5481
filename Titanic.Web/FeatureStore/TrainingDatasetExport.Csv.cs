using System.Text;

namespace Titanic.Web.FeatureStore;

public sealed partial class TrainingDatasetExport
{
    /// <summary>As <see cref="TrainingSnapshot"/> is written.</summary>
    /// <exception cref="InvalidDataException">After the last row: these are not the rows that the dataset's digest was taken of.</exception>
    public async Task WriteCsv(TrainingDataset dataset, Stream output, CancellationToken cancellation)
    {
        await using var text = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        await text.WriteLineAsync(TrainingSnapshot.Header(TrainingDatasetDefinition.Of(dataset).View.Schema));
        var line = new StringBuilder();
        await foreach (var row in datasets.VerifiedRows(dataset, cancellation))
            await text.WriteLineAsync(TrainingSnapshot.AppendTo(line.Clear(), row), cancellation);
    }
}
