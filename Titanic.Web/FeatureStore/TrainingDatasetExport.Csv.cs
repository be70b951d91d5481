using System.Globalization;
using System.Text;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

public sealed partial class TrainingDatasetExport
{
    /// <summary>UTF-8 without a mark, LF, RFC 4180; outcome and side are 0 or 1.</summary>
    /// <exception cref="InvalidDataException">After the last row: these are not the rows that the dataset's digest was taken of.</exception>
    public async Task WriteCsv(TrainingDataset dataset, Stream output, CancellationToken cancellation)
    {
        var view = TrainingDatasetDefinition.Of(dataset).View.Schema;
        await using var text = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        var line = new StringBuilder();
        line.AppendJoin(',', [Source, SourceKey, .. view.FeatureNames, FeatureViewSchema.Label, HeldOut]);
        await text.WriteLineAsync(line, cancellation);
        await foreach (var row in datasets.RowsAgain(dataset, cancellation))
        {
            line.Clear().Append(CsvCell.Guarded(row.Source)).Append(',').Append(CsvCell.Guarded(row.SourceKey));
            foreach (var feature in row.Features)
                line.Append(CultureInfo.InvariantCulture, $",{feature}");
            line.Append(row.Survived ? ",1" : ",0").Append(row.IsHeldOut ? ",1" : ",0");
            await text.WriteLineAsync(line, cancellation);
        }
    }
}
